package modexp_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

var one = big.NewInt(1)

func pow2(bits int) *big.Int { return new(big.Int).Lsh(one, uint(bits)) }

func random(r *rand.Rand, bits int) *big.Int { return below(r, pow2(bits)) }

func below(r *rand.Rand, n *big.Int) *big.Int {
	bytes := make([]byte, n.BitLen()/8+8)
	for i := range bytes {
		bytes[i] = byte(r.Uint32())
	}
	x := new(big.Int).SetBytes(bytes)
	return x.Mod(x, n)
}

// moduli returns odd numbers of a length: random, the least and the greatest,
// and some with extreme digits.
func moduli(r *rand.Rand, bits int) map[string]*big.Int {
	odd := random(r, bits)
	odd.SetBit(odd.SetBit(odd, 0, 1), bits-1, 1)
	lowZeros := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).Rsh(odd, uint(bits/2)), uint(bits/2)), one)
	lowOnes := new(big.Int).Or(odd, new(big.Int).Sub(pow2(bits/2), one))
	return map[string]*big.Int{
		"random":    odd,
		"least":     new(big.Int).Add(pow2(bits-1), one),
		"greatest":  new(big.Int).Sub(pow2(bits), one),
		"low zeros": lowZeros,
		"low ones":  lowOnes,
	}
}

// forEach runs a test for every arithmetic that this machine has, with moduli
// around the lengths at which something changes.
func forEach(t *testing.T, test func(t *testing.T, r *rand.Rand, n *big.Int, m *modexp.Modulus)) {
	t.Helper()
	for _, arithmetic := range modexp.All {
		for _, bits := range []int{64, 129, 512, 1023, 1024, 1025, 2047, 2048, 2049, 4096} {
			if !arithmetic.Available(bits) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", arithmetic, bits), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(0, uint64(int64(bits))))
				for name, n := range moduli(r, bits) {
					m, err := modexp.New(n, arithmetic)
					if err != nil {
						t.Fatal(err)
					}
					if m.Arithmetic() != arithmetic {
						t.Fatalf("arithmetic %s, want %s", m.Arithmetic(), arithmetic)
					}
					t.Run(name, func(t *testing.T) { test(t, r, n, m) })
				}
			})
		}
	}
}

// operands returns residues at the bounds: small and large ones, and ones with
// all bits set, or a single one, around every boundary between digits.
func operands(r *rand.Rand, n *big.Int, m *modexp.Modulus) []*big.Int {
	bound := m.Bound()
	out := []*big.Int{
		new(big.Int), one, big.NewInt(2), new(big.Int).Sub(n, one), n, new(big.Int).Add(n, one),
		new(big.Int).Sub(bound, one), new(big.Int).Rsh(bound, 1), below(r, bound),
	}
	digit := new(big.Int).Sub(pow2(m.DigitBits()), one)
	for at := 0; at < bound.BitLen(); at += m.DigitBits() {
		single := new(big.Int).Lsh(digit, uint(at))
		out = append(out, pow2(at), new(big.Int).Sub(pow2(at), one), new(big.Int).Add(pow2(at), one),
			single, new(big.Int).Sub(bound, pow2(at)))
	}
	allowed := out[:0]
	for _, x := range out {
		if x.Sign() >= 0 && x.Cmp(bound) < 0 {
			allowed = append(allowed, x)
		}
	}
	return allowed
}

// check checks a product against math/big.
func check(t *testing.T, what string, n *big.Int, m *modexp.Modulus, product, z *big.Int, short bool) {
	t.Helper()
	if !short {
		t.Fatalf("%s: a digit is too long", what)
	}
	if z.Cmp(m.Bound()) >= 0 {
		t.Fatalf("%s: %x is not below the bound", what, z)
	}
	got := new(big.Int).Mul(z, m.R())
	if got.Sub(got, product).Mod(got, n).Sign() != 0 {
		t.Fatalf("%s: wrong result %x", what, z)
	}
}

func checkBoth(t *testing.T, n *big.Int, m *modexp.Modulus, x, y *big.Int) {
	t.Helper()
	z, short := m.Montgomery(x, y)
	check(t, fmt.Sprintf("%x times %x", x, y), n, m, new(big.Int).Mul(x, y), z, short)
	square, short := m.MontgomerySquare(x, true)
	check(t, fmt.Sprintf("square of %x", x), n, m, new(big.Int).Mul(x, x), square, short)
	if elsewhere, _ := m.MontgomerySquare(x, false); elsewhere.Cmp(square) != 0 {
		t.Fatalf("the square of %x depends on where the result goes", x)
	}
	if first, second := m.MontgomeryInPlace(x, y, false), m.MontgomeryInPlace(x, y, true); first.Cmp(z) != 0 || second.Cmp(z) != 0 {
		t.Fatalf("%x times %x depends on where the result goes", x, y)
	}
}

func TestMultiplyAtTheBounds(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, r *rand.Rand, n *big.Int, m *modexp.Modulus) {
		list := operands(r, n, m)
		for i, x := range list {
			checkBoth(t, n, m, x, x)
			checkBoth(t, n, m, x, list[min(6, len(list)-1)]) // the greatest, or nearly
			checkBoth(t, n, m, x, list[(i+1)%len(list)])
			checkBoth(t, n, m, x, list[r.IntN(len(list))])
		}
	})
}

// Results with long runs of zeros and ones make carries run through many
// digits.
func TestCarriesRunThroughTheResult(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, r *rand.Rand, n *big.Int, m *modexp.Modulus) {
		for _, want := range operands(r, n, m) {
			y := below(r, n)
			inverse := new(big.Int).ModInverse(y, n)
			if inverse == nil {
				continue
			}
			x := new(big.Int).Mul(want, m.R())
			x.Mul(x, inverse).Mod(x, n)
			checkBoth(t, n, m, x, y)
		}
	})
}

func TestMultiplyRandom(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, r *rand.Rand, n *big.Int, m *modexp.Modulus) {
		for range 50 {
			checkBoth(t, n, m, below(r, m.Bound()), below(r, m.Bound()))
		}
	})
}

// Words at the bounds next to each other, and gaps between them, make products
// and sums of a few words the greatest or the least that they can be.
func TestMultiplyExtremeWords(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, r *rand.Rand, n *big.Int, m *modexp.Modulus) {
		for range 30 {
			checkBoth(t, n, m, extreme(r, m.Bound()), extreme(r, m.Bound()))
		}
	})
}

// extreme returns a number below the bound of words with hardly any bits, or with
// nearly all of them.
func extreme(r *rand.Rand, bound *big.Int) *big.Int {
	words := make([]uint64, (bound.BitLen()+63)/64)
	sparse := r.IntN(3) == 0
	for i := range words {
		switch {
		case sparse && r.IntN(4) > 0:
		case r.IntN(8) == 0:
			words[i] = r.Uint64()
		default:
			words[i] = []uint64{0, 1, 1 << 63, 1<<63 - 1, ^uint64(0) - 1, ^uint64(0), ^uint64(0)}[r.IntN(7)]
		}
	}
	x := modexp.FromWords(words)
	return x.Mod(x, bound)
}

// fuzzMultiplier compares one multiplier with math/big.
func fuzzMultiplier(f *testing.F, arithmetic modexp.Arithmetic, maxBits int) {
	f.Add([]byte{5}, []byte{3}, []byte{4})
	f.Add(pow2(1023).Bytes(), pow2(1000).Bytes(), []byte{0xff})
	f.Add(new(big.Int).Sub(pow2(2048), one).Bytes(), new(big.Int).Sub(pow2(2047), one).Bytes(), pow2(2047).Bytes())
	f.Fuzz(func(t *testing.T, modulus, first, second []byte) {
		n := new(big.Int).SetBytes(modulus)
		n.SetBit(n, 0, 1)
		if n.Cmp(one) == 0 || n.BitLen() > maxBits || !arithmetic.Available(n.BitLen()) {
			t.Skip()
		}
		m, err := modexp.New(n, arithmetic)
		if err != nil {
			t.Fatal(err)
		}
		x, y := new(big.Int).SetBytes(first), new(big.Int).SetBytes(second)
		checkBoth(t, n, m, x.Mod(x, m.Bound()), y.Mod(y, m.Bound()))
	})
}

func FuzzPortable(f *testing.F) { fuzzMultiplier(f, modexp.Portable, modexp.MaxBits) }

func FuzzADX(f *testing.F) { fuzzMultiplier(f, modexp.ADX, modexp.MaxBits) }

func FuzzARM64(f *testing.F) { fuzzMultiplier(f, modexp.ARM64, modexp.MaxBits) }

func FuzzIFMA(f *testing.F) { fuzzMultiplier(f, modexp.IFMA, modexp.MaxBits) }

func BenchmarkMultiply(b *testing.B) {
	for _, bits := range []int{1024, 2048, 4096} {
		r := rand.New(rand.NewPCG(0, uint64(1)))
		n := moduli(r, bits)["random"]
		for _, arithmetic := range modexp.All {
			if !arithmetic.Available(bits) {
				continue
			}
			m, err := modexp.New(n, arithmetic)
			if err != nil {
				b.Fatal(err)
			}
			mul, sqr := m.BenchmarkOperations(below(r, n), below(r, n))
			for name, operation := range map[string]func(){"mul": mul, "sqr": sqr} {
				b.Run(fmt.Sprintf("bits=%d/op=%s/path=%s", bits, name, arithmetic), func(b *testing.B) {
					for b.Loop() {
						operation()
					}
				})
			}
		}
	}
}
