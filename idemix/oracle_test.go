package idemix_test

import (
	"fmt"
	stdbig "math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// The tests of this file compare commitments with gabi's, which computes every
// power by itself. Commitments can be compared without a private key: what the
// proofs prove does not matter.

// randomNumbers draws numbers that differ from test to test, not from run to
// run.
type randomNumbers struct{ *rand.Rand }

func newRandom(seed uint64) randomNumbers { return randomNumbers{rand.New(rand.NewPCG(0, seed))} }

func (r randomNumbers) below(n *stdbig.Int) *stdbig.Int {
	bytes := make([]byte, n.BitLen()/8+8)
	for i := range bytes {
		bytes[i] = byte(r.Uint32())
	}
	x := new(stdbig.Int).SetBytes(bytes)
	return x.Mod(x, n)
}

func (r randomNumbers) bits(n uint) *stdbig.Int {
	return r.below(new(stdbig.Int).Lsh(stdbig.NewInt(1), n))
}

// key makes a public key of which nobody knows the factors.
func (r randomNumbers) key(bits uint, bases int) *gabikeys.PublicKey {
	n := r.bits(bits)
	n.SetBit(n.SetBit(n, 0, 1), int(bits-1), 1)
	element := func() *big.Int {
		for {
			x := r.below(n)
			if new(stdbig.Int).GCD(nil, nil, x, n).Cmp(stdbig.NewInt(1)) == 0 {
				return big.Convert(x)
			}
		}
	}
	list := make([]*big.Int, bases)
	for i := range list {
		list[i] = element()
	}
	return must(gabikeys.NewPublicKey(big.Convert(n), element(), element(), nil, nil, list, "", 0, time.Unix(0, 0)))
}

// proofD makes the numbers of a disclosure proof of a credential with so many
// attributes besides the secret key and the metadata.
func (r randomNumbers) proofD(key *gabikeys.PublicKey, attributes, disclosed int) *gabi.ProofD {
	p := key.Params
	proof := &gabi.ProofD{
		C: big.Convert(r.bits(256)), A: key.R[0], // an element
		EResponse:  big.Convert(r.bits(p.LeCommit + 1)),
		VResponse:  big.Convert(r.bits(p.LvCommit)),
		AResponses: map[int]*big.Int{0: big.Convert(r.bits(p.LmCommit))},
		ADisclosed: map[int]*big.Int{1: big.Convert(r.bits(186))},
	}
	proof.A = new(big.Int).Exp(key.R[0], big.Convert(r.bits(64)), key.N)
	for i := 2; i < attributes+2; i++ {
		if i < disclosed+2 {
			proof.ADisclosed[i] = big.Convert(r.bits(200))
		} else {
			proof.AResponses[i] = big.Convert(r.bits(p.LmCommit))
		}
	}
	return proof
}

func (r randomNumbers) proofU(key *gabikeys.PublicKey, blind ...int) *gabi.ProofU {
	p := key.Params
	proof := &gabi.ProofU{
		U: new(big.Int).Exp(key.S, big.Convert(r.bits(64)), key.N), C: big.Convert(r.bits(256)),
		VPrimeResponse: big.Convert(r.bits(p.LvPrimeCommit + 1)),
		SResponse:      big.Convert(r.bits(p.LmCommit)),
		MUserResponses: map[int]*big.Int{},
	}
	for _, i := range blind {
		proof.MUserResponses[i] = big.Convert(r.bits(p.LmCommit))
	}
	return proof
}

// engines returns Engines with and without tables, of every arithmetic. Tests
// share them, and with them the tables.
var engines = sync.OnceValue(func() map[string]*idemix.Engine {
	out := map[string]*idemix.Engine{"zero": {}, "nil": nil}
	for _, arithmetic := range idemix.Arithmetics() {
		out[arithmetic] = must(idemix.NewEngine(idemix.EngineConfig{Arithmetic: arithmetic}))
	}
	out["portable without tables"] = must(idemix.NewEngine(idemix.EngineConfig{Arithmetic: "portable", TableBudget: -1}))
	return out
})

var compareInts = cmp.Comparer(func(a, b *stdbig.Int) bool { return a.Cmp(b) == 0 })

// contributionsOf returns what gabi computes.
func contributionsOf(proof gabi.Proof, key *gabikeys.PublicKey) []*stdbig.Int {
	var out []*stdbig.Int
	for _, value := range must(proof.ChallengeContribution(key)) {
		out = append(out, value.Go())
	}
	return out
}

func wantContributions(t *testing.T, name string, got []*stdbig.Int, err error, want []*stdbig.Int) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(want, got, compareInts); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestCommitmentsOfDisclosureAreThoseOfGabi(t *testing.T) {
	t.Parallel()
	for i, bits := range []uint{1024, 2048, 4096} {
		for _, shape := range [][2]int{{0, 0}, {4, 1}, {4, 4}, {10, 1}} {
			key := newRandom(uint64(i)).key(bits, 12)
			t.Run(fmt.Sprint(bits, shape), func(t *testing.T) {
				t.Parallel()
				r := newRandom(uint64(100*i + shape[0] + 10*shape[1]))
				for range 2 { // the second time with the tables of the first
					proof := r.proofD(key, shape[0], shape[1])
					want, ours := contributionsOf(proof, key), wire[irma.ProofD](proof)
					for name, e := range engines() {
						got, err := idemix.ContributionsD(e, key, ours)
						wantContributions(t, name, got, err, want)
					}
				}
			})
		}
	}
}

func TestCommitmentsOfIssuanceAreThoseOfGabi(t *testing.T) {
	t.Parallel()
	for i, bits := range []uint{1024, 2048, 4096} {
		for _, blind := range [][]int{nil, {2}, {3, 11}} {
			t.Run(fmt.Sprint(bits, blind), func(t *testing.T) {
				t.Parallel()
				r := newRandom(uint64(1000*i + len(blind)))
				key := r.key(bits, 12)
				for range 2 { // the second time with the tables of the first
					proof := r.proofU(key, blind...)
					want, ours := contributionsOf(proof, key), wire[irma.ProofU](proof)
					for name, e := range engines() {
						got, err := idemix.ContributionsU(e, key, ours)
						wantContributions(t, name, got, err, want)
					}
				}
			})
		}
	}
}

// Exponents at the ends of their ranges, and attributes around the length from
// which they are hashed.
func TestCommitmentsAtTheBounds(t *testing.T) {
	t.Parallel()
	ones := func(bits uint) *big.Int { return new(big.Int).Sub(pow2(bits), big.NewInt(1)) }
	for i, bits := range []uint{1024, 2048, 4096} {
		r := newRandom(uint64(i))
		key := r.key(bits, 5)
		p := key.Params
		for name, change := range map[string]func(*gabi.ProofD){
			"c zero":             func(d *gabi.ProofD) { d.C = big.NewInt(0) },
			"c one":              func(d *gabi.ProofD) { d.C = big.NewInt(1) },
			"c longest":          func(d *gabi.ProofD) { d.C = ones(256) },
			"e_response zero":    func(d *gabi.ProofD) { d.EResponse = big.NewInt(0) },
			"e_response longest": func(d *gabi.ProofD) { d.EResponse = ones(p.LeCommit + 1) },
			"v_response zero":    func(d *gabi.ProofD) { d.VResponse = big.NewInt(0) },
			"v_response longest": func(d *gabi.ProofD) { d.VResponse = ones(p.LvCommit + 2) },
			"v_response longer":  func(d *gabi.ProofD) { d.VResponse = ones(p.LvCommit + 300) },
			"response zero":      func(d *gabi.ProofD) { d.AResponses[2] = big.NewInt(0) },
			"response longest":   func(d *gabi.ProofD) { d.AResponses[2] = ones(p.LmCommit + 1) },
			"attribute zero":     func(d *gabi.ProofD) { d.ADisclosed[3] = big.NewInt(0) },
			"attribute longest":  func(d *gabi.ProofD) { d.ADisclosed[3] = ones(p.Lm) },
			"attribute hashed":   func(d *gabi.ProofD) { d.ADisclosed[3] = pow2(p.Lm) },
			"attribute long":     func(d *gabi.ProofD) { d.ADisclosed[3] = ones(100000) },
			"A one":              func(d *gabi.ProofD) { d.A = big.NewInt(1) },
			"A is n-1":           func(d *gabi.ProofD) { d.A = new(big.Int).Sub(key.N, big.NewInt(1)) },
			"all zero": func(d *gabi.ProofD) {
				d.C, d.EResponse, d.VResponse = big.NewInt(0), big.NewInt(0), big.NewInt(0)
				d.AResponses = map[int]*big.Int{0: big.NewInt(0)}
			},
		} {
			t.Run(fmt.Sprint(bits, " ", name), func(t *testing.T) {
				t.Parallel()
				proof := newRandom(7).proofD(key, 3, 0)
				delete(proof.AResponses, 3)
				proof.ADisclosed[3] = big.NewInt(5)
				change(proof)
				want, ours := contributionsOf(proof, key), wire[irma.ProofD](proof)
				for _, path := range idemix.Arithmetics() { // with tables
					got, err := idemix.ContributionsD(engines()[path], key, ours)
					wantContributions(t, path, got, err, want)
				}
				got, err := idemix.ContributionsD(nil, key, ours)
				wantContributions(t, "without tables", got, err, want)
			})
		}
	}
}

// gabi and every arithmetic, side by side: 4,1 is a credential of four
// attributes of which one is disclosed.
func BenchmarkCommitments(b *testing.B) {
	for _, bits := range []uint{1024, 2048, 4096} {
		r := newRandom(uint64(bits))
		key := r.key(bits, 14)
		for _, shape := range [][2]int{{4, 1}, {10, 1}} {
			proof := r.proofD(key, shape[0], shape[1])
			ours := wire[irma.ProofD](proof)
			benchmarkPaths(b, fmt.Sprintf("D%d.%d/bits=%d", shape[0], shape[1], bits), proof, key, func(e *idemix.Engine) error {
				_, err := idemix.ContributionsD(e, key, ours)
				return err
			})
		}
		proof := r.proofU(key)
		ours := wire[irma.ProofU](proof)
		benchmarkPaths(b, fmt.Sprintf("U/bits=%d", bits), proof, key, func(e *idemix.Engine) error {
			_, err := idemix.ContributionsU(e, key, ours)
			return err
		})
	}
}

func benchmarkPaths(b *testing.B, name string, proof gabi.Proof, key *gabikeys.PublicKey, ours func(*idemix.Engine) error) {
	b.Helper()
	b.Run(name+"/path=gabi", func(b *testing.B) {
		for b.Loop() {
			if _, err := proof.ChallengeContribution(key); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, arithmetic := range idemix.Arithmetics() {
		b.Run(name+"/path="+arithmetic, func(b *testing.B) {
			e := must(idemix.NewEngine(idemix.EngineConfig{Arithmetic: arithmetic}))
			if err := ours(e); err != nil { // makes the tables
				b.Fatal(err)
			}
			for b.Loop() {
				if err := ours(e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fuzzKey is the key of the fuzz target.
var fuzzKey = sync.OnceValue(func() *gabikeys.PublicKey { return newRandom(99).key(1024, 4) })

// Whatever the numbers, as long as they are in their ranges, every Engine
// computes what gabi computes.
func FuzzCommitments(f *testing.F) {
	f.Add([]byte{1}, []byte{2}, []byte{3}, []byte{4}, []byte{5}, []byte{6})
	ones := slices.Repeat([]byte{0xff}, 300)
	f.Add(ones, ones, ones, ones, ones, ones)
	f.Add([]byte{}, []byte{}, []byte{}, []byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, a, c, e, v, response, attribute []byte) {
		key := fuzzKey()
		p := key.Params
		number := func(bytes []byte, bits uint) *big.Int {
			x := new(big.Int).SetBytes(bytes)
			return x.Mod(x, pow2(bits))
		}
		// A power of a base has an inverse, as the rules demand of A.
		proof := &gabi.ProofD{
			A: new(big.Int).Exp(key.S, number(a, 64), key.N), C: number(c, 256),
			EResponse: number(e, p.LeCommit+1), VResponse: number(v, p.LvCommit+2),
			AResponses: map[int]*big.Int{0: number(response, p.LmCommit+1), 2: number(v, p.LmCommit+1)},
			ADisclosed: map[int]*big.Int{1: number(attribute, 192), 3: new(big.Int).SetBytes(attribute)},
		}
		want, ours := contributionsOf(proof, key), wire[irma.ProofD](proof)
		for _, path := range idemix.Arithmetics() {
			got, err := idemix.ContributionsD(engines()[path], key, ours)
			wantContributions(t, path, got, err, want)
		}
	})
}
