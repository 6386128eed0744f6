package scheme

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// RequestorScheme is a valid requestor scheme: a list of who is known behind which
// web server (spec 10 §11). Wallets use it to show their users a name and a logo;
// sessions at a server do not depend on it. Its fields must not be changed.
type RequestorScheme struct {
	ID         irma.SchemeID
	URL        string // where newer versions are published
	Demo       bool
	Languages  []string
	Timestamp  time.Time    // when this version was signed
	Requestors []*Requestor // in the order of their ids
}

// Requestor is somebody whose identity the manager of a requestor scheme has
// verified, unless Unverified is set. Its fields must not be changed.
type Requestor struct {
	ID         string // scheme.requestor
	Name       irma.TranslatedString
	Industry   irma.TranslatedString // may be nil
	Hostnames  []string              // of session URLs; empty in demo schemes
	Logo       string                // file below the scheme's folder; empty if there is none
	ValidUntil irma.Timestamp        // zero for no end
	Unverified bool
	Languages  []string
	Wizards    []Wizard // in the order of their ids
}

// Wizard is a guide by which wallets help to collect credentials. What its steps
// are is for wallets to read.
type Wizard struct {
	ID     string // scheme.requestor.wizard
	Title  irma.TranslatedString
	Issues irma.CredentialTypeID // what the user has in the end; may be empty
}

// RequestorSchemes returns the requestor schemes in the order of their folders.
func (s *Set) RequestorSchemes() iter.Seq[*RequestorScheme] { return slices.Values(s.requestorSchemes) }

// RequestorByHost returns the requestor that wallets show for sessions at this host,
// or nil if they know none.
func (s *Set) RequestorByHost(host string) *Requestor {
	return s.requestorByHost[strings.ToLower(host)]
}

func (s *Set) addRequestorScheme(scheme *RequestorScheme) {
	s.requestorSchemes = append(s.requestorSchemes, scheme)
	for _, r := range scheme.Requestors {
		for _, host := range r.Hostnames {
			s.requestorByHost[strings.ToLower(host)] = r
		}
	}
}

func (s *Set) requestorScheme(id irma.SchemeID) *RequestorScheme {
	for _, scheme := range s.requestorSchemes {
		if scheme.ID == id {
			return scheme
		}
	}
	return nil
}

// checkHosts refuses a scheme with a host name that another one has.
func (s *Set) checkHosts(scheme *RequestorScheme) error {
	for _, r := range scheme.Requestors {
		for _, host := range r.Hostnames {
			if other := s.RequestorByHost(host); other != nil {
				return fmt.Errorf("host name %.80q of %s is that of %s", host, r.ID, other.ID)
			}
		}
	}
	return nil
}

// requestorJSON is what matters of the description.json of a requestor scheme.
type requestorJSON struct {
	ID        string   `json:"id"`
	Type      string   `json:"schemetype"`
	URL       string   `json:"url"`
	Demo      bool     `json:"demo"`
	Languages []string `json:"languages"`
}

// chunkJSON is an element of the lists in the other files.
type chunkJSON struct {
	ID         string                `json:"id"`
	Scheme     string                `json:"scheme"`
	Name       irma.TranslatedString `json:"name"`
	Industry   irma.TranslatedString `json:"industry"`
	Hostnames  []string              `json:"hostnames"`
	Logo       *string               `json:"logo"`
	ValidUntil irma.Timestamp        `json:"valid_until"`
	Unverified bool                  `json:"unverified"`
	Languages  []string              `json:"languages"`
	Wizards    map[string]wizardJSON `json:"wizards"`
}

type wizardJSON struct {
	ID     string                `json:"id"`
	Title  irma.TranslatedString `json:"title"`
	Logo   *string               `json:"logo"`
	Issues string                `json:"issues"`
}

// loadRequestor verifies a requestor scheme and reads it.
func (f *folder) loadRequestor() error {
	var raw *requestorJSON
	err := f.use(jsonDescriptionFile, func(data []byte) (err error) {
		raw, err = parseRequestor(data)
		return err
	})
	if err != nil {
		return fmt.Errorf("scheme description: %w", err)
	}
	if err := f.checkID(raw.ID); err != nil {
		return err
	}
	signedAt, err := f.loadTimestamp()
	if err != nil {
		return err
	}
	chunks := make([][]*Requestor, len(f.entries))
	err = f.forEachEntry(func(i int, e entry, data []byte) (err error) {
		if path.Ext(e.path) != ".json" || e.path == jsonDescriptionFile {
			return nil
		}
		if chunks[i], err = parseChunk(data, f.id, raw.Demo); err != nil {
			return fmt.Errorf("%s: %w", e.path, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	scheme := &RequestorScheme{ID: f.id, URL: raw.URL, Demo: raw.Demo, Languages: raw.Languages, Timestamp: signedAt}
	scheme.Requestors = slices.Concat(chunks...)
	slices.SortFunc(scheme.Requestors, func(a, b *Requestor) int { return cmp.Compare(a.ID, b.ID) })
	if err := checkDistinct(scheme); err != nil {
		return err
	}
	f.checkLogos(scheme)
	f.requestors = scheme
	return nil
}

func checkDistinct(scheme *RequestorScheme) error {
	ids, hosts := map[string]bool{}, map[string]bool{}
	for _, r := range scheme.Requestors {
		if ids[r.ID] {
			return fmt.Errorf("requestor %.80q occurs twice", r.ID)
		}
		ids[r.ID] = true
		for _, host := range r.Hostnames {
			host = strings.ToLower(host)
			if hosts[host] {
				return fmt.Errorf("host name %.80q occurs twice", host)
			}
			hosts[host] = true
		}
	}
	return nil
}

// parseChunk reads a list of requestors.
func parseChunk(data []byte, scheme irma.SchemeID, demo bool) ([]*Requestor, error) {
	var raw []chunkJSON
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	out := make([]*Requestor, len(raw))
	for i := range raw {
		r, err := raw[i].requestor(scheme, demo)
		if err != nil {
			return nil, fmt.Errorf("requestor %.80q: %w", raw[i].ID, err)
		}
		out[i] = r
	}
	return out, nil
}

func (raw *chunkJSON) requestor(scheme irma.SchemeID, demo bool) (*Requestor, error) {
	switch {
	case raw.Scheme != string(scheme):
		return nil, fmt.Errorf("scheme is %.80q", raw.Scheme)
	case !below(raw.ID, string(scheme)):
		return nil, fmt.Errorf("the id is not of the form %s.name", scheme)
	case demo && len(raw.Hostnames) > 0:
		return nil, errors.New("host names in a demo scheme, which has verified nobody")
	}
	logo, err := logoFile(raw.Logo)
	if err != nil {
		return nil, err
	}
	r := &Requestor{
		ID: raw.ID, Name: raw.Name, Industry: raw.Industry, Hostnames: raw.Hostnames, Logo: logo,
		ValidUntil: raw.ValidUntil, Unverified: raw.Unverified, Languages: raw.Languages,
	}
	for key, wizard := range raw.Wizards {
		if _, err := logoFile(wizard.Logo); err != nil {
			return nil, fmt.Errorf("wizard %.80q: %w", key, err)
		}
		if wizard.ID != key || !below(key, raw.ID) {
			return nil, fmt.Errorf("wizard %.80q has id %.80q", key, wizard.ID)
		}
		r.Wizards = append(r.Wizards, Wizard{ID: key, Title: wizard.Title, Issues: irma.CredentialTypeID(wizard.Issues)})
	}
	slices.SortFunc(r.Wizards, func(a, b Wizard) int { return cmp.Compare(a.ID, b.ID) })
	return r, nil
}

// below reports whether id is that of a parent, a dot and a name.
func below(id, parent string) bool {
	name, found := strings.CutPrefix(id, parent+".")
	return found && name != "" && !strings.Contains(name, ".")
}

// logoFile returns where the logo with this hash is, "" for none.
func logoFile(hash *string) (string, error) {
	if hash == nil || *hash == "" {
		return "", nil
	}
	if raw, err := hex.DecodeString(*hash); err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("logo %.80q is not a hash", *hash)
	}
	return "assets/" + *hash + ".png", nil
}

// checkLogos forgets logos that are not what their names say, with a warning: the
// index does not cover them, and a name alone is of use too.
func (f *folder) checkLogos(scheme *RequestorScheme) {
	for _, r := range scheme.Requestors {
		if r.Logo == "" {
			continue
		}
		data, err := f.read(r.Logo)
		if err == nil && !strings.EqualFold(r.Logo, fmt.Sprintf("assets/%x.png", sha256.Sum256(data))) {
			err = fmt.Errorf("%s does not have the hash in its name", r.Logo)
		}
		if err != nil {
			f.warnf("ignored logo of requestor %s: %w", r.ID, err)
			r.Logo = ""
		}
	}
}
