package scheme

import (
	"encoding/xml"
	"errors"
	"fmt"
	"time"

	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// privateKeyXML is an issuer's private key file (spec 10 §7.2).
type privateKeyXML struct {
	XMLName    xml.Name `xml:"http://www.zurich.ibm.com/security/idemix IssuerPrivateKey"`
	Counter    uint     `xml:"Counter"`
	ExpiryDate int64    `xml:"ExpiryDate"`
	P          string   `xml:"Elements>p"`
	Q          string   `xml:"Elements>q"`
	PPrime     string   `xml:"Elements>pPrime"`
	QPrime     string   `xml:"Elements>qPrime"`
	ECDSA      string   `xml:"ECDSA"`
}

// parsePrivateKey reads a private key and checks that its numbers belong
// together. Whether they are prime is for validatePrivateKey.
func parsePrivateKey(file []byte) (*gabikeys.PrivateKey, error) {
	raw, err := unmarshal[privateKeyXML](file)
	if err != nil {
		return nil, errors.New("not the XML of a private key") // without quoting from it
	}
	p, err := parseFactor("p", raw.P, raw.PPrime)
	if err != nil {
		return nil, err
	}
	q, err := parseFactor("q", raw.Q, raw.QPrime)
	if err != nil {
		return nil, err
	}
	if err := checkFactors(p, q); err != nil {
		return nil, err
	}
	return gabikeys.NewPrivateKey(p, q, raw.ECDSA, raw.Counter, time.Unix(raw.ExpiryDate, 0))
}

// checkFactors checks that the factors make a modulus of a supported length of
// which each is half, and that the group order they give is not degenerate.
func checkFactors(p, q *big.Int) error {
	n := new(big.Int).Mul(p, q)
	switch {
	case p.Cmp(q) == 0:
		return errors.New("p and q are equal")
	case p.BitLen() != q.BitLen():
		return errors.New("p and q differ in length")
	}
	return checkKeyLength(n)
}

// parseFactor reads a factor and checks that half of it, rounded down, is the
// accompanying factor of the group order: signatures made with another order
// are never valid.
func parseFactor(name, text, half string) (*big.Int, error) {
	x, err := parseNumber(name, text)
	if err != nil {
		return nil, err
	}
	prime, err := parseNumber(name+"Prime", half)
	if err != nil {
		return nil, err
	}
	if x.Bit(0) == 0 || new(big.Int).Rsh(x, 1).Cmp(prime) != 0 {
		return nil, fmt.Errorf("%s and %sPrime do not belong together", name, name)
	}
	return x, nil
}

// validatePrivateKey checks a private key against its public key. Outside demo
// schemes it also tests the safe primes, which takes a tenth of a second.
func validatePrivateKey(key *gabikeys.PrivateKey, public *gabikeys.PublicKey, demo bool) error {
	if key.N.Cmp(public.N) != 0 {
		return errors.New("p and q do not multiply to n of the public key")
	}
	if demo {
		return nil
	}
	if !sameRevocationSupport(key, public) {
		return errRevocationSupport
	}
	return key.Validate()
}

var errRevocationSupport = errors.New("only one of private and public key supports revocation")

func sameRevocationSupport(key *gabikeys.PrivateKey, public *gabikeys.PublicKey) bool {
	return key.RevocationSupported() == public.RevocationSupported()
}
