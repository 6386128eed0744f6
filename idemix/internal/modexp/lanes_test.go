package modexp_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

func needLanes(t testing.TB) {
	t.Helper()
	if !modexp.Best.HasLanes(modexp.LaneMaxBits) {
		t.Skip("this processor has no AVX-512 IFMA")
	}
}

// groups calls test with groups of moduli of the lengths at which something
// changes: random ones and ones with extreme digits side by side.
func groups(t *testing.T, test func(t *testing.T, r *rand.Rand, moduli [modexp.Lanes]*big.Int)) {
	t.Helper()
	needLanes(t)
	for _, bits := range []int{2, 52, 53, 104, 597, 623, 624, 625, 645, modexp.LaneMaxBits} {
		t.Run(fmt.Sprint(bits), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(int64(bits))))
			var kinds []*big.Int
			for _, n := range moduli(r, bits) {
				if n.BitLen() == bits && n.Cmp(one) > 0 {
					kinds = append(kinds, n)
				}
			}
			slices.SortFunc(kinds, (*big.Int).Cmp)
			for first := range kinds {
				var group [modexp.Lanes]*big.Int
				for lane := range group {
					group[lane] = kinds[(first+lane)%len(kinds)]
				}
				test(t, r, group)
			}
		})
	}
}

// Products of all factors below 4n, at the bounds, with all digits full and at
// random, are congruent to what they should be, below 2n, or 4n if doubled, and
// have short digits; whatever is in the other lanes, and wherever they are put.
func TestLanesMultiply(t *testing.T) {
	t.Parallel()
	groups(t, func(t *testing.T, r *rand.Rand, moduli [modexp.Lanes]*big.Int) {
		g := modexp.NewLanes(moduli)
		var factors [modexp.Lanes][]*big.Int
		for lane, n := range moduli {
			factors[lane] = laneFactors(r, n)
		}
		for i := range factors[0] {
			for j := range factors[0] {
				var x, y [modexp.Lanes]*big.Int
				for lane := range x {
					x[lane], y[lane] = factors[lane][(i+lane)%len(factors[0])], factors[lane][j]
				}
				double := uint8(r.Uint32())
				got, short := g.Montgomery(x, y, double, (i+j)%3)
				if !short {
					t.Fatalf("digits of more than 52 bits: %x times %x", x, y)
				}
				for lane := range got {
					checkLane(t, moduli[lane], x[lane], y[lane], got[lane], double>>lane&1 == 1)
				}
			}
		}
	})
}

func laneFactors(r *rand.Rand, n *big.Int) []*big.Int {
	bound := new(big.Int).Lsh(n, 2)
	out := []*big.Int{
		new(big.Int), one, new(big.Int).Sub(n, one), n, new(big.Int).Sub(bound, one),
		new(big.Int).Sub(pow2(bound.BitLen()-1), one), pow2(bound.BitLen() - 1),
	}
	for range 8 {
		out = append(out, below(r, bound))
	}
	return out
}

func checkLane(t *testing.T, n, x, y, got *big.Int, doubled bool) {
	t.Helper()
	want, bound := new(big.Int).Mul(x, y), new(big.Int).Lsh(n, 1)
	if doubled {
		want.Lsh(want, 1)
		bound.Lsh(bound, 1)
	}
	if got.Cmp(bound) >= 0 {
		t.Errorf("%x·%x/R modulo %x: %x is too large", x, y, n, got)
	}
	back := new(big.Int).Mul(got, modexp.LaneR())
	if back.Sub(back, want).Mod(back, n).Sign() != 0 {
		t.Errorf("%x·%x/R modulo %x: got %x", x, y, n, got)
	}
}

func TestLanesPowers(t *testing.T) {
	t.Parallel()
	groups(t, func(t *testing.T, r *rand.Rand, moduli [modexp.Lanes]*big.Int) {
		g := modexp.NewLanes(moduli)
		for _, exponent := range []*big.Int{new(big.Int), one, big.NewInt(2), random(r, 100), new(big.Int).Sub(moduli[0], one)} {
			var bases [modexp.Lanes]*big.Int
			for lane, n := range moduli {
				bases[lane] = below(r, n)
			}
			for lane, got := range g.Powers(bases, exponent) {
				if want := new(big.Int).Exp(bases[lane], exponent, moduli[lane]); got.Cmp(want) != 0 {
					t.Errorf("%x^%x modulo %x: got %x, want %x", bases[lane], exponent, moduli[lane], got, want)
				}
			}
		}
	})
}

// Fermat's test finds the primes among other numbers, and is wrong where that is
// known: 341 is no prime.
func TestLanesFermat(t *testing.T) {
	t.Parallel()
	needLanes(t)
	for _, first := range []int64{257, 321, 337, 401} {
		var moduli [modexp.Lanes]*big.Int
		for lane := range moduli {
			moduli[lane] = big.NewInt(first + 2*int64(lane))
		}
		for lane, got := range modexp.NewLanes(moduli).PassFermat() {
			n := moduli[lane]
			if want := n.ProbablyPrime(0) || n.Int64() == 341; got != want {
				t.Errorf("%d: %v", n, got)
			}
		}
	}
}

func TestHasLanes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arithmetic modexp.Arithmetic
		bits       int
	}{{modexp.Portable, 100}, {modexp.ADX, 100}, {modexp.ARM64, 100}, {modexp.Best, modexp.LaneMaxBits + 1}, {modexp.IFMA, modexp.LaneMaxBits + 1}} {
		if test.arithmetic.HasLanes(test.bits) {
			t.Errorf("%q has lanes of %d bits", test.arithmetic, test.bits)
		}
	}
}

func BenchmarkLanes(b *testing.B) {
	needLanes(b)
	r := rand.New(rand.NewPCG(1, 2))
	var group [modexp.Lanes]*big.Int
	for lane := range group {
		n := random(r, 645)
		group[lane] = n.SetBit(n.SetBit(n, 0, 1), 644, 1)
	}
	g := modexp.NewLanes(group)
	b.Run("multiply", func(b *testing.B) {
		mul := g.BenchmarkOperation()
		for b.Loop() {
			mul()
		}
	})
	b.Run("Fermat", func(b *testing.B) {
		for b.Loop() {
			g.PassFermat()
		}
	})
}
