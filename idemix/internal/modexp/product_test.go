package modexp_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

func TestProduct(t *testing.T) {
	t.Parallel()
	for _, arithmetic := range modexp.All {
		for _, bits := range []int{64, 1000, 1024, 2048, 4096} {
			if !arithmetic.Available(bits) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", arithmetic, bits), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(0, uint64(int64(bits))))
				n := moduli(r, bits)["random"]
				m := must(modexp.New(n, arithmetic))
				var powers []modexp.Power
				want := big.NewInt(1)
				for i, length := range []int{700, 0, 1, 256, 1500, 257, 65, 8, 513} {
					p := modexp.Power{Base: below(r, n), Exponent: random(r, length)}
					if i%2 == 0 {
						p.Table = m.NewTable(p.Base, length, 256)
					}
					powers = append(powers, p)
					want.Mul(want, new(big.Int).Exp(p.Base, p.Exponent, n)).Mod(want, n)
					if got := must(m.Product(powers...)); got.Cmp(want) != 0 {
						t.Fatalf("product of %d powers is %x, want %x", i+1, got, want)
					}
				}
			})
		}
	}
}

// Mersenne primes: a to the power p-1 is 1, which takes no other implementation
// to know.
func TestFermat(t *testing.T) {
	t.Parallel()
	for _, arithmetic := range modexp.All {
		for _, bits := range []int{61, 127, 521, 607, 1279, 2203, 3217} {
			if !arithmetic.Available(bits) {
				continue
			}
			p := new(big.Int).Sub(pow2(bits), one)
			m := must(modexp.New(p, arithmetic))
			exponent := new(big.Int).Sub(p, one)
			for _, span := range []int{bits, 100} {
				powers := []modexp.Power{
					{Base: big.NewInt(3), Exponent: exponent},
					{Base: big.NewInt(5), Exponent: exponent, Table: m.NewTable(big.NewInt(5), bits, span)},
				}
				if got := must(m.Product(powers...)); got.Cmp(one) != 0 {
					t.Errorf("%s, 2^%d-1, pieces of %d: got %x, want 1", arithmetic, bits, span, got)
				}
			}
		}
	}
}

func TestProductOfUnusualNumbers(t *testing.T) {
	t.Parallel()
	n := big.NewInt(1000003)
	m := must(modexp.New(n, modexp.Best))
	power := func(b, e int64) modexp.Power {
		return modexp.Power{Base: big.NewInt(b), Exponent: big.NewInt(e)}
	}
	for name, test := range map[string]struct {
		powers []modexp.Power
		want   int64
	}{
		"none":              {nil, 1},
		"zero to the zero":  {[]modexp.Power{power(0, 0)}, 1},
		"zero to the one":   {[]modexp.Power{power(0, 1)}, 0},
		"multiple of n":     {[]modexp.Power{power(2*1000003, 3)}, 0},
		"more than n":       {[]modexp.Power{power(1000003+2, 10)}, 1024},
		"negative base":     {[]modexp.Power{power(-2, 3)}, 1000003 - 8},
		"n-1 squared":       {[]modexp.Power{power(1000002, 2)}, 1},
		"inverse and power": {[]modexp.Power{power(500002, 5), power(2, 6)}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := must(m.Product(test.powers...)); got.Cmp(big.NewInt(test.want)) != 0 {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if got, err := m.Product(power(2, 1), power(2, -1)); err == nil {
		t.Errorf("negative exponent gives %d, want an error", got)
	}
}

// An exponent that is longer than the table was made for is still right.
func TestExponentLongerThanTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(0, uint64(3)))
	n := moduli(r, 1024)["random"]
	m := must(modexp.New(n, modexp.Best))
	base := below(r, n)
	table := m.NewTable(base, 300, 100)
	for _, bits := range []int{299, 300, 301, 1000} {
		exponent := new(big.Int).Sub(pow2(bits), one)
		got := must(m.Product(modexp.Power{Base: base, Exponent: exponent, Table: table}))
		if want := new(big.Int).Exp(base, exponent, n); got.Cmp(want) != 0 {
			t.Errorf("%d bits: got %x, want %x", bits, got, want)
		}
	}
}

func TestRefusedModuli(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]*big.Int{
		"zero": new(big.Int), "one": one, "even": big.NewInt(10), "negative": big.NewInt(-3),
		"long": new(big.Int).Add(pow2(modexp.MaxBits), one),
	} {
		if _, err := modexp.New(n, modexp.Best); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := modexp.New(big.NewInt(3), "abacus"); err == nil {
		t.Error("unknown arithmetic: no error")
	}
}

// What is asked for is replaced by the next best where it does not exist.
func TestArithmeticIsReplaced(t *testing.T) {
	t.Parallel()
	n := new(big.Int).Add(pow2(4000), one)
	for _, arithmetic := range append(modexp.All, modexp.Best) {
		got := must(modexp.New(n, arithmetic)).Arithmetic()
		if got == modexp.Best || !got.Available(4001) {
			t.Errorf("%q is replaced by %q", arithmetic, got)
		}
	}
}

// The assembly for arm64 is there on all such processors, nowhere else, and the
// best that they have.
func TestBestOnARM64(t *testing.T) {
	t.Parallel()
	on := runtime.GOARCH == "arm64"
	best := must(modexp.New(big.NewInt(3), modexp.Best)).Arithmetic()
	if modexp.ARM64.Available(modexp.MaxBits) != on || (best == modexp.ARM64) != on {
		t.Errorf("on %s the best is %q, and arm64 available: %v", runtime.GOARCH, best, modexp.ARM64.Available(modexp.MaxBits))
	}
}

func TestExpSecret(t *testing.T) {
	t.Parallel()
	for _, arithmetic := range modexp.All {
		for _, bits := range []int{64, 512, 1024, 2048} {
			if !arithmetic.Available(bits) {
				continue
			}
			r := rand.New(rand.NewPCG(0, uint64(bits)))
			n := moduli(r, bits)["random"]
			m := must(modexp.New(n, arithmetic))
			for name, exponent := range map[string]*big.Int{
				"zero": new(big.Int), "one": one, "random": random(r, bits), "short": random(r, bits/2),
				"ones": new(big.Int).Sub(pow2(bits-1), one), "top bit": pow2(bits - 1),
			} {
				base := random(r, bits+100)
				for _, length := range []int{bits, bits + 1, bits + 63} {
					got := m.ExpSecret(base, exponent, length)
					if want := new(big.Int).Exp(base, exponent, n); got.Cmp(want) != 0 {
						t.Errorf("%s, %d bits, exponent %s: got %x, want %x", arithmetic, bits, name, got, want)
					}
				}
			}
		}
	}
}

func FuzzRecode(f *testing.F) {
	f.Add([]byte{0xff, 0, 1}, uint16(0), uint16(24), uint8(8))
	f.Add(pow2(900).Bytes(), uint16(256), uint16(256), uint8(6))
	f.Fuzz(func(t *testing.T, number []byte, from, length uint16, width uint8) {
		if width < 1 || width > 8 || len(number) > 1000 {
			t.Skip()
		}
		x := new(big.Int).SetBytes(number)
		if back := modexp.FromWords(modexp.ToWords(x)); back.Cmp(x) != 0 {
			t.Fatalf("%x becomes %x in words and back", x, back)
		}
		want := new(big.Int).Rsh(x, uint(from))
		want.Mod(want, pow2(int(length)))
		if got := modexp.Recode(modexp.ToWords(x), int(from), int(length), int(width)); got.Cmp(want) != 0 {
			t.Fatalf("bits %d+%d of %x: got %x, want %x", from, length, x, got, want)
		}
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
