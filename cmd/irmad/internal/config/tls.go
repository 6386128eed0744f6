package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// Certificate is how a certificate and its key are configured; Load reads them.
type Certificate struct {
	name             string // of the option, without "tls_..."
	cert, certFile   string
	privkey, keyFile string
}

// ServerCertificate is the one of the port for everything, or for requestors.
func (s *Settings) ServerCertificate() Certificate {
	return Certificate{"TLS", s.TLSCert, s.TLSCertFile, s.TLSPrivkey, s.TLSPrivkeyFile}
}

// ClientCertificate is the one of the port for wallets, if they have one.
func (s *Settings) ClientCertificate() Certificate {
	return Certificate{"client TLS", s.ClientTLSCert, s.ClientTLSCertFile, s.ClientTLSPrivkey, s.ClientTLSPrivkeyFile}
}

// walletCertificate is the one that wallets see.
func (s *Settings) walletCertificate() Certificate {
	if s.ClientPort != 0 {
		return s.ClientCertificate()
	}
	return s.ServerCertificate()
}

// Absent reports whether there is neither a certificate nor a key.
func (c Certificate) Absent() bool {
	return c.cert == "" && c.certFile == "" && c.privkey == "" && c.keyFile == ""
}

// Load returns the certificate, nil if none is configured.
func (c Certificate) Load() (*tls.Certificate, error) {
	if c.Absent() {
		return nil, nil
	}
	pair, err := c.read()
	if err != nil {
		return nil, fmt.Errorf("failed to read %s configuration: %w", c.name, err)
	}
	return pair, nil
}

func (c Certificate) read() (*tls.Certificate, error) {
	if c.privkey == "" && c.keyFile == "" {
		return nil, errors.New("private key: provide either key or path to key: the certificate needs its private key beside it")
	}
	cert, err := readKey(c.cert, c.certFile)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	key, err := readKey(c.privkey, c.keyFile)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// Warning returns what is wrong with a certificate that works, or "".
func (c Certificate) Warning(pair *tls.Certificate, now time.Time) string {
	switch {
	case pair == nil || pair.Leaf == nil:
		return ""
	case now.After(pair.Leaf.NotAfter):
		return fmt.Sprintf("the %s certificate has expired on %s", c.name, pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(pair.Leaf.NotBefore):
		return fmt.Sprintf("the %s certificate is not valid before %s", c.name, pair.Leaf.NotBefore.UTC().Format(time.DateOnly))
	}
	return ""
}
