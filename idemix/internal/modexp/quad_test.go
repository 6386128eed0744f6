package modexp_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

type four = [modexp.Quads]*big.Int

func needQuads(t testing.TB) {
	t.Helper()
	if !modexp.Best.HasQuads(modexp.QuadMaxBits) {
		t.Skip("this processor has no AVX-512 IFMA")
	}
}

// quads calls test with moduli of the lengths at which something changes: random
// ones and ones with extreme digits side by side, each once in every lane.
func quads(t *testing.T, test func(t *testing.T, r *rand.Rand, moduli four)) {
	t.Helper()
	needQuads(t)
	for _, bits := range []int{2, 52, 53, 104, 512, 987, 988, 989, 1023, modexp.QuadMaxBits} {
		t.Run(fmt.Sprint(bits), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(9, uint64(int64(bits))))
			var kinds []*big.Int
			for _, n := range moduli(r, bits) {
				if n.BitLen() == bits && n.Cmp(one) > 0 {
					kinds = append(kinds, n)
				}
			}
			slices.SortFunc(kinds, (*big.Int).Cmp)
			for first := range kinds {
				var group four
				for lane := range group {
					group[lane] = kinds[(first+lane)%len(kinds)]
				}
				test(t, r, group)
			}
		})
	}
}

// quadFactors returns factors below 2n: at the bounds, with a digit full or a
// single bit set around every boundary between digits, and random ones.
func quadFactors(r *rand.Rand, n *big.Int) []*big.Int {
	bound := new(big.Int).Lsh(n, 1)
	out := []*big.Int{
		new(big.Int), one, new(big.Int).Sub(n, one), n, new(big.Int).Sub(bound, one),
		new(big.Int).Sub(pow2(bound.BitLen()-1), one),
	}
	for at := 0; at < modexp.QuadR().BitLen(); at += 52 {
		full := new(big.Int).Lsh(new(big.Int).Sub(pow2(52), one), uint(at))
		for _, x := range []*big.Int{full, pow2(at), new(big.Int).Sub(pow2(at+51), one), new(big.Int).Sub(bound, pow2(at))} {
			out = append(out, x.Mod(x, bound))
		}
	}
	for range 4 {
		out = append(out, below(r, bound))
	}
	return out
}

// Products and squares are congruent to what they should be, below 2n and have
// short digits, whatever is in the other lanes and wherever they are put.
func TestQuadMultiply(t *testing.T) {
	t.Parallel()
	quads(t, func(t *testing.T, r *rand.Rand, moduli four) {
		q := modexp.NewQuad(moduli)
		var factors [modexp.Quads][]*big.Int
		for lane, n := range moduli {
			factors[lane] = quadFactors(r, n)
		}
		count := len(factors[0])
		for i := range count {
			for _, j := range []int{i, 4, (i + 1) % count, r.IntN(count)} { // 4 is the greatest
				var x, y four
				for lane := range x {
					x[lane], y[lane] = factors[lane][(i+5*lane)%count], factors[lane][j]
				}
				checkQuad(t, q, moduli, x, y, (i+j)%3)
			}
		}
	})
}

func checkQuad(t *testing.T, q *modexp.Quad, moduli, x, y four, inPlace int) {
	t.Helper()
	product, square, short := q.Montgomery(x, y, inPlace)
	if !short {
		t.Fatalf("digits of more than 52 bits: %x times %x", x, y)
	}
	for lane, n := range moduli {
		checkQuadLane(t, n, x[lane], y[lane], product[lane])
		checkQuadLane(t, n, x[lane], x[lane], square[lane])
	}
}

func checkQuadLane(t *testing.T, n, x, y, got *big.Int) {
	t.Helper()
	if got.Cmp(new(big.Int).Lsh(n, 1)) >= 0 {
		t.Fatalf("%x·%x/R modulo %x: %x is too large", x, y, n, got)
	}
	back := new(big.Int).Mul(got, modexp.QuadR())
	if back.Sub(back, new(big.Int).Mul(x, y)).Mod(back, n).Sign() != 0 {
		t.Fatalf("%x·%x/R modulo %x: got %x", x, y, n, got)
	}
}

// Results with long runs of zeros and ones make carries run through all digits.
func TestQuadCarries(t *testing.T) {
	t.Parallel()
	quads(t, func(t *testing.T, r *rand.Rand, moduli four) {
		q := modexp.NewQuad(moduli)
		for i := range quadFactors(r, moduli[0]) {
			var x, y four
			for lane, n := range moduli {
				want := quadFactors(r, n)[i]
				y[lane] = below(r, n)
				x[lane] = new(big.Int).Mul(want, modexp.QuadR())
				if inverse := new(big.Int).ModInverse(y[lane], n); inverse != nil {
					x[lane].Mul(x[lane], inverse)
				}
				x[lane].Mod(x[lane], n)
			}
			checkQuad(t, q, moduli, x, y, i%3)
		}
	})
}

func TestQuadChoose(t *testing.T) {
	t.Parallel()
	needQuads(t)
	for i := range uint64(16) {
		got, want := modexp.ChooseQuad([modexp.Quads]uint64{i, 15 - i, (i * 7) % 16, (i + 5) % 16})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("index %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestQuadExpSecret(t *testing.T) {
	t.Parallel()
	quads(t, func(t *testing.T, r *rand.Rand, moduli four) {
		q, bits := modexp.NewQuad(moduli), moduli[0].BitLen()
		exponents := []*big.Int{
			new(big.Int), one, random(r, bits), random(r, (bits+1)/2),
			new(big.Int).Sub(pow2(bits), one), pow2(bits - 1),
		}
		for i := range exponents {
			var bases, chosen four
			for lane := range bases {
				bases[lane], chosen[lane] = random(r, bits+100), exponents[(i+lane)%len(exponents)]
			}
			for lane, got := range q.ExpSecret(bases, chosen, bits+i) {
				if want := new(big.Int).Exp(bases[lane], chosen[lane], moduli[lane]); got.Cmp(want) != 0 {
					t.Errorf("%x^%x modulo %x: got %x, want %x", bases[lane], chosen[lane], moduli[lane], got, want)
				}
			}
		}
	})
}

func FuzzQuad(f *testing.F) {
	f.Add([]byte{5}, []byte{3}, []byte{4})
	f.Add(pow2(1023).Bytes(), pow2(1000).Bytes(), []byte{0xff})
	f.Add(new(big.Int).Sub(pow2(1024), one).Bytes(), new(big.Int).Sub(pow2(1025), one).Bytes(), pow2(1023).Bytes())
	f.Fuzz(func(t *testing.T, modulus, first, second []byte) {
		n := new(big.Int).SetBytes(modulus)
		n.SetBit(n, 0, 1)
		if n.Cmp(one) == 0 || !modexp.Best.HasQuads(n.BitLen()) {
			t.Skip()
		}
		other := new(big.Int).Sub(pow2(modexp.QuadMaxBits), one)
		moduli := four{n, other, n, other}
		bound, wide := new(big.Int).Lsh(n, 1), new(big.Int).Lsh(other, 1)
		x, y := new(big.Int).SetBytes(first), new(big.Int).SetBytes(second)
		u, v := new(big.Int).Mod(x, wide), new(big.Int).Mod(y, wide)
		x.Mod(x, bound)
		y.Mod(y, bound)
		checkQuad(t, modexp.NewQuad(moduli), moduli, four{x, u, y, v}, four{y, v, x, u}, len(first)%3)
	})
}

func TestHasQuads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		arithmetic modexp.Arithmetic
		bits       int
	}{{modexp.Portable, 100}, {modexp.ADX, 100}, {modexp.ARM64, 100}, {modexp.Best, modexp.QuadMaxBits + 1}, {modexp.IFMA, modexp.QuadMaxBits + 1}} {
		if test.arithmetic.HasQuads(test.bits) {
			t.Errorf("%q has quads of %d bits", test.arithmetic, test.bits)
		}
	}
}

func BenchmarkQuad(b *testing.B) {
	needQuads(b)
	r := rand.New(rand.NewPCG(1, 2))
	var group four
	for lane := range group {
		group[lane] = moduli(r, modexp.QuadMaxBits)["random"]
	}
	q := modexp.NewQuad(group)
	mul, sqr, choose := q.BenchmarkOperations()
	for name, operation := range map[string]func(){
		"mul": mul, "sqr": sqr, "choose": choose, "power": func() { q.ExpSecret(group, group, modexp.QuadMaxBits) },
	} {
		b.Run("op="+name, func(b *testing.B) {
			for b.Loop() {
				operation()
			}
		})
	}
}
