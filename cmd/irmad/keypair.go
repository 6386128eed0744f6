package main

import (
	"crypto/tls"
	"sync/atomic"
)

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
