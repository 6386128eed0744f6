package modexp

import (
	"math/big"
	"math/rand"
	"testing"
)

func TestProduct(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(2))
	for _, bits := range []int{64, 1000, 1024, 2048, 4096} {
		for _, a := range []Arithmetic{Portable, ADX, IFMA} {
			if !a.Available(bits) {
				continue
			}
			n := randomModulus(r, bits)
			m, err := New(n, a)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				want := big.NewInt(1)
				var powers []Power
				for i, length := range []int{700, 0, 1, 256, 1500, 257, 65} {
					base := new(big.Int).Rand(r, n)
					e := new(big.Int).Rand(r, new(big.Int).Lsh(big.NewInt(1), uint(length)))
					p := Power{Base: base, Exponent: e}
					if i%2 == 0 {
						p.Table = m.NewTable(base, length, 256)
					}
					powers = append(powers, p)
					want.Mul(want, new(big.Int).Exp(base, e, n)).Mod(want, n)
				}
				got, err := m.Product(powers...)
				if err != nil || got.Cmp(want) != 0 {
					t.Fatalf("%s %d: got %s, want %s", a, bits, got, want)
				}
			}
		}
	}
}

func randomModulus(r *rand.Rand, bits int) *big.Int {
	n := new(big.Int).Rand(r, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	return n.SetBit(n.SetBit(n, 0, 1), bits-1, 1)
}
