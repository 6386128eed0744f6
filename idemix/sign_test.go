package idemix

import (
	"errors"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

func demoSigner(t *testing.T, issuer irma.IssuerID) *signer {
	t.Helper()
	set, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	private, err := set.PrivateKey(issuer, 0)
	if err != nil {
		t.Fatal(err)
	}
	public, err := set.PublicKey(issuer, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{private: private, public: public, context: big.NewInt(1)}
}

// A signature that does not satisfy the equation is not released.
func TestIncorrectSignatures(t *testing.T) {
	t.Parallel()
	s := demoSigner(t, "irmad-demo.gov")
	u := new(big.Int).Exp(s.public.S, big.NewInt(12345), s.public.N)
	values := func() []*big.Int { return []*big.Int{big.NewInt(1), nil, big.NewInt(3)} }
	made, err := gabi.NewIssuer(s.private, s.public, s.context).IssueSignature(u, values(), nil, big.NewInt(9), []int{1})
	if err != nil {
		t.Fatal(err)
	}
	correct := func(u *big.Int) bool {
		divisor, err := s.divisor(u, values(), made.MIssuer, made.Signature.V.Go())
		return err == nil && s.correct(made.Signature, divisor)
	}
	if !correct(u) {
		t.Fatal("the signature should be correct")
	}
	plus := func(x **big.Int) func() {
		return func() { *x = new(big.Int).Add(*x, big.NewInt(1)) }
	}
	share := made.MIssuer[2]
	for name, change := range map[string]func(){
		"A":            plus(&made.Signature.A),
		"e":            plus(&made.Signature.E),
		"v":            plus(&made.Signature.V),
		"share":        func() { made.MIssuer[2] = big.NewInt(5) },
		"share absent": func() { delete(made.MIssuer, 2) },
	} {
		before := *made.Signature
		change()
		if correct(u) {
			t.Errorf("signature with a changed %s is taken for correct", name)
		}
		*made.Signature, made.MIssuer[2] = before, share
	}
	if correct(new(big.Int).Add(u, big.NewInt(1))) {
		t.Error("signature for another commitment is taken for correct")
	}
}

func TestSignerNeedsKeyPair(t *testing.T) {
	t.Parallel()
	s := demoSigner(t, "irmad-demo.gov")
	s.public = &gabikeys.PublicKey{N: demoSigner(t, "irmad-demo.vote").public.N}
	if _, err := s.sign(big.NewInt(4), nil, big.NewInt(1), nil); !errors.Is(err, errKeyPair) {
		t.Errorf("error %v, want %v", err, errKeyPair)
	}
}

// A signature that was computed wrong, here with exponents of the wrong factor,
// does not leave the server: it would give away the factors.
func TestFaultySignatureIsNotReleased(t *testing.T) {
	t.Parallel()
	s := demoSigner(t, "irmad-demo.gov")
	u := new(big.Int).Exp(s.public.S, big.NewInt(12345), s.public.N)
	values := []*big.Int{big.NewInt(1), big.NewInt(2)}
	if _, err := s.sign(u, values, big.NewInt(9), nil); err != nil {
		t.Fatalf("honest signer: %v", err)
	}
	faulty := *s.private
	faulty.PPrime, faulty.QPrime = faulty.QPrime, faulty.PPrime
	s.private = &faulty
	if _, err := s.sign(u, values, big.NewInt(9), nil); !errors.Is(err, errSignature) {
		t.Errorf("error %v, want %v", err, errSignature)
	}
}

// Attributes without a value, or without a base in the key, cannot be signed.
func TestUnsignableAttributes(t *testing.T) {
	t.Parallel()
	s := demoSigner(t, "irmad-demo.gov")
	u := new(big.Int).Exp(s.public.S, big.NewInt(12345), s.public.N)
	many := make([]*big.Int, len(s.public.R))
	for i := range many {
		many[i] = big.NewInt(1)
	}
	for name, values := range map[string][]*big.Int{"no value": {nil}, "no base": many} {
		if _, err := s.sign(u, values, big.NewInt(9), nil); !errors.Is(err, errSignature) {
			t.Errorf("%s: error %v, want %v", name, err, errSignature)
		}
	}
}
