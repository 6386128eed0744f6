package idemix

import (
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/irma"
)

// The rules of this file, rules_d.go and rules_u.go fix the one shape that an
// honest wallet's proofs have (spec 12 §3). The equations of challenge.go say
// something about a credential only for proofs of that shape, so every rule
// holds before the first exponentiation.

// violation is a breach of the rules by the wallet. Its text holds no attribute
// values.
type violation struct{ text string }

func (v *violation) Error() string { return v.text }

func violated(format string, args ...any) error {
	return &violation{text: fmt.Sprintf(format, args...)}
}

// Sizes in bits of integers that do not depend on the key.
const (
	challengeBits = 256 // the challenge is a SHA-256 digest
	nonceBits     = 256 // wallets use 128
	metadataBits  = 24 * 8

	// maxValueBits bounds disclosed attribute values. The longest in use are
	// portrait photos of some tens of kilobytes.
	maxValueBits = 8 << 18
)

// atMost checks that x is there, is not negative, and has at most so many bits.
func atMost(bits uint, name string, x *irma.Int) error {
	switch {
	case x == nil:
		return violated("%s is absent", name)
	case x.Big().Sign() < 0:
		return violated("%s is negative", name)
	case x.Big().BitLen() > int(bits):
		return violated("%s has %d bits, at most %d are allowed", name, x.Big().BitLen(), bits)
	}
	return nil
}

// mapAtMost is atMost for all values of a map.
func mapAtMost(bits uint, name string, values map[int]*irma.Int) error {
	for i, x := range values {
		if err := atMost(bits, name, x); err != nil {
			return fmt.Errorf("attribute %d: %w", i, err)
		}
	}
	return nil
}

// invertible checks that x is in [1, n-1] and has no factor in common with n.
// Only those are elements of the group in which the proofs are equations.
func invertible(name string, x *irma.Int, n *big.Int) error {
	if err := inGroup(name, x, n); err != nil {
		return err
	}
	if new(big.Int).GCD(nil, nil, x.Big(), n).Cmp(one) != 0 {
		return violated(notInvertible, name)
	}
	return nil
}

// inverted checks what invertible does, and returns 1/x.
func inverted(name string, x *irma.Int, n *big.Int) (*big.Int, error) {
	if err := inGroup(name, x, n); err != nil {
		return nil, err
	}
	if inverse := new(big.Int).ModInverse(x.Big(), n); inverse != nil {
		return inverse, nil
	}
	return nil, violated(notInvertible, name)
}

const notInvertible = "%s has a factor in common with the modulus"

// inGroup checks that x is in [1, n-1].
func inGroup(name string, x *irma.Int, n *big.Int) error {
	switch {
	case x == nil:
		return violated("%s is absent", name)
	case x.Big().Sign() <= 0 || x.Big().Cmp(n) >= 0:
		return violated("%s is not between 0 and the modulus", name)
	}
	return nil
}

var one = big.NewInt(1)

// inOrder applies the rules until one is broken.
func inOrder(rules ...func() error) error {
	for _, rule := range rules {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// first returns the first error of checks that were made already.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkNonce2 checks the wallet's nonce for the issuer's proof.
func checkNonce2(nonce *irma.Int) error { return atMost(nonceBits, "n_2", nonce) }
