package update

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Source says where a scheme is published and whose signature makes it genuine.
type Source struct {
	ID  irma.SchemeID
	URL string // of the folder, without the name of a file

	// PublicKey is the scheme's key. Nil means the key in the scheme's folder,
	// with which only a scheme can be updated that is installed.
	PublicKey *ecdsa.PublicKey
}

// The keys of the default schemes (spec 10 §10).
const (
	demoKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHVnmAY+kGkFZn7XXozdI4HY8GOjm
54ngh4chTfn6WsTCf2w5rprfIqML61z2VTE4k8yJ0Z1QbyW6cdaao8obTQ==
-----END PUBLIC KEY-----`
	pbdfKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELzHV5ipBimWpuZIDaQQd+KmNpNop
dpBeCqpDwf+Grrw9ReODb6nwlsPJ/c/gqLnc+Y3sKOAJ2bFGI+jHBSsglg==
-----END PUBLIC KEY-----`
)

// Default returns the schemes for everybody: pbdf, in which credentials are worth
// something, and irma-demo, in which they are not.
func Default() []Source {
	return []Source{
		{ID: "irma-demo", URL: "https://schemes.yivi.app/irma-demo", PublicKey: pinned(demoKey)},
		{ID: "pbdf", URL: "https://schemes.yivi.app/pbdf", PublicKey: pinned(pbdfKey)},
	}
}

// pinned reads one of the constants above.
func pinned(pem string) *ecdsa.PublicKey {
	key, err := scheme.ReadPublicKey([]byte(pem))
	if err != nil {
		panic(err)
	}
	return key
}

// maxKeySize is far above the size of any file pk.pem.
const maxKeySize = 10 << 10

func (s Source) check(plainHTTP bool) error {
	if s.ID == "" || strings.ContainsAny(string(s.ID), `./\:`) {
		return fmt.Errorf("%q is not the id of a scheme", s.ID)
	}
	return checkURL(s.URL, plainHTTP)
}

// at returns the address of a file of the scheme.
func (s Source) at(file string) string {
	return strings.TrimRight(s.URL, "/") + "/" + (&url.URL{Path: file}).EscapedPath()
}

var errPlainHTTP = errors.New("schemes are fetched over https only")

func checkURL(text string, plainHTTP bool) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http":
		return fmt.Errorf("%q is not the URL of a scheme, such as https://example.com/schemes/name", text)
	}
	return checkTransport(parsed, plainHTTP)
}

func checkTransport(u *url.URL, plainHTTP bool) error {
	if u.Scheme != "https" && !plainHTTP {
		return fmt.Errorf("%s: %w", u.Redacted(), errPlainHTTP)
	}
	return nil
}
