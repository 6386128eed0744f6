package scheme

import (
	"errors"
	"fmt"
)

// CheckKeyPair checks the contents of the files of an issuer's key pair as they are
// checked outside demo schemes: whether both are well formed and belong together,
// and whether the private key consists of safe primes.
func CheckKeyPair(public, private []byte) error {
	pk, err := parsePublicKey(public)
	if err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	sk, err := parsePrivateKey(private)
	if err != nil {
		return fmt.Errorf("private key: %w", err)
	}
	if pk.Counter != sk.Counter {
		return errors.New("the counters of public and private key differ")
	}
	return validatePrivateKey(sk, pk, false)
}
