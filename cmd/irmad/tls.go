package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// certificate is how a certificate and its key are configured.
type certificate struct {
	name             string // of the option, without "tls_..."
	cert, certFile   string
	privkey, keyFile string
}

func (s *settings) serverCertificate() certificate {
	return certificate{"TLS", s.TLSCert, s.TLSCertFile, s.TLSPrivkey, s.TLSPrivkeyFile}
}

func (s *settings) clientCertificate() certificate {
	return certificate{"client TLS", s.ClientTLSCert, s.ClientTLSCertFile, s.ClientTLSPrivkey, s.ClientTLSPrivkeyFile}
}

// walletCertificate is the one that wallets see.
func (s *settings) walletCertificate() certificate {
	if s.ClientPort != 0 {
		return s.clientCertificate()
	}
	return s.serverCertificate()
}

func (c certificate) absent() bool {
	return c.cert == "" && c.certFile == "" && c.privkey == "" && c.keyFile == ""
}

// load returns the certificate, nil if none is configured.
func (c certificate) load() (*tls.Certificate, error) {
	if c.absent() {
		return nil, nil
	}
	pair, err := c.read()
	if err != nil {
		return nil, fmt.Errorf("failed to read %s configuration: %w", c.name, err)
	}
	return pair, nil
}

func (c certificate) read() (*tls.Certificate, error) {
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

// warning returns what is wrong with a certificate that works.
func (c certificate) warning(pair *tls.Certificate, now time.Time) string {
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

// keyPair is a certificate that can be replaced while connections come.
type keyPair struct {
	current atomic.Pointer[tls.Certificate]
}

// config returns how to speak TLS, nil if there is no certificate: 1.2 or later, and there only with forward
// secrecy and authenticated ciphers. The key exchanges are those of the standard
// library, which has X25519, P-256 and hybrids that withstand quantum computers.
func (k *keyPair) config() *tls.Config {
	if k.current.Load() == nil {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current.Load(), nil },
	}
}
