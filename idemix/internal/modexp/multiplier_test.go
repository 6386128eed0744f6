package modexp

import (
	"math/big"
	"math/rand"
	"testing"
)

func BenchmarkMultiply(b *testing.B) {
	for _, bits := range []uint{1024, 2048, 4096} {
		r := rand.New(rand.NewSource(1))
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		n.Add(n, new(big.Int).Rand(r, n))
		n.SetBit(n, 0, 1)
		for _, a := range []Arithmetic{Portable, ADX, IFMA} {
			if !a.Available(int(bits)) {
				continue
			}
			m, err := New(n, a)
			if err != nil {
				b.Fatal(err)
			}
			x := m.residue(new(big.Int).Rand(r, n))
			y := m.residue(new(big.Int).Rand(r, n))
			b.Run(n.Text(2)[:0]+string(a)+"/mul/"+big.NewInt(int64(bits)).String(), func(b *testing.B) {
				for b.Loop() {
					m.mul(x, x, y)
				}
			})
			b.Run(string(a)+"/sqr/"+big.NewInt(int64(bits)).String(), func(b *testing.B) {
				for b.Loop() {
					m.sqr(x, x)
				}
			})
		}
	}
}

func TestQuick(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, bits := range []uint{1024, 2048, 4096} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		n.Add(n, new(big.Int).Rand(r, n))
		n.SetBit(n, 0, 1)
		for _, a := range []Arithmetic{Portable, ADX, IFMA} {
			if !a.Available(int(bits)) {
				continue
			}
			m, _ := New(n, a)
			for range 500 {
				x, y := new(big.Int).Rand(r, n), new(big.Int).Rand(r, n)
				z := make(residue, m.count)
				m.mul(z, m.residue(x), m.residue(y))
				want := new(big.Int).Mul(x, y)
				want.Mod(want, n)
				if m.number(z).Cmp(want) != 0 {
					t.Fatal(a, bits, "mul")
				}
				m.sqr(z, m.residue(x))
				want.Mul(x, x)
				want.Mod(want, n)
				if m.number(z).Cmp(want) != 0 {
					t.Fatal(a, bits, "sqr")
				}
			}
		}
	}
}
