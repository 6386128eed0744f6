package devpage

import (
	"net/http"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/explain"
	"github.com/irmad/irmaserver/internal/qr"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

// info is what the page must know of the server.
type info struct {
	API       string        `json:"api"`       // path of the endpoints for requestors
	URL       string        `json:"url"`       // where wallets arrive by default
	Fixed     bool          `json:"fixed"`     // no address takes its place
	Addresses []Address     `json:"addresses"` // that phones can use; none if only this machine can connect
	Embedded  irma.SchemeID `json:"embedded"`  // the scheme that no app has
}

func (p *Page) info(http.ResponseWriter, *http.Request) (any, error) {
	addresses := p.cfg.Addresses()
	if addresses == nil || p.cfg.Fixed {
		addresses = []Address{}
	}
	return info{API: p.cfg.API, URL: p.cfg.URL, Fixed: p.cfg.Fixed, Addresses: addresses, Embedded: demo.ID}, nil
}

// explain explains the session request in the body.
func (p *Page) explain(_ http.ResponseWriter, r *http.Request) (any, error) {
	data, err := readBody(r)
	if err != nil {
		return nil, err
	}
	return explain.Request(data, p.cfg.Schemes(), time.Now()), nil
}

// maxQR is more than any session pointer has.
const maxQR = 1000

// qr draws a text.
func (p *Page) qr(w http.ResponseWriter, r *http.Request) (any, error) {
	text := r.URL.Query().Get("text")
	if text == "" || len(text) > maxQR {
		return nil, refusal{http.StatusBadRequest, "MALFORMED_INPUT", "the text of a QR must have 1 to 1000 bytes"}
	}
	picture, err := qr.SVG(text)
	if err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(picture)
	return nil, errAnswered
}

// catalogueEntry is a credential type that can be asked for or issued.
type catalogueEntry struct {
	ID         irma.CredentialTypeID `json:"id"`
	Name       string                `json:"name"`
	Issuer     string                `json:"issuer"`
	Demo       bool                  `json:"demo"`
	Issuable   bool                  `json:"issuable"` // here, as the issuer's private key is installed
	Attributes []catalogueAttribute  `json:"attributes"`
}

type catalogueAttribute struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Optional    bool   `json:"optional,omitempty"`
	Blind       bool   `json:"blind,omitempty"` // the wallet and the issuer choose the value together
	Sample      string `json:"sample"`
}

// catalogue lists all credential types of the schemes.
func (p *Page) catalogue(http.ResponseWriter, *http.Request) (any, error) {
	out, names := []catalogueEntry{}, explain.Names{Schemes: p.cfg.Schemes()}
	for t := range p.cfg.Schemes().CredentialTypes() {
		described := names.Credential(t.ID, nil)
		entry := catalogueEntry{ID: t.ID, Name: described.Name, Issuer: described.Issuer, Demo: described.Demo, Attributes: []catalogueAttribute{}}
		_, err := p.cfg.Schemes().LatestPrivateKey(t.ID.Issuer())
		entry.Issuable = err == nil && t.RevocationPosition() < 0
		for _, attr := range t.Attributes {
			if attr.Revocation {
				continue
			}
			entry.Attributes = append(entry.Attributes, catalogueAttribute{
				ID: attr.ID, Name: explain.Text(attr.Name, attr.ID), Description: explain.Text(attr.Description, ""),
				Optional: attr.Optional, Blind: attr.Randomblind, Sample: sample(attr.ID),
			})
		}
		out = append(out, entry)
	}
	return out, nil
}
