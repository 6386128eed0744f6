package modexp_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"testing"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

// hex is a number in base 16.
type hex struct{ number big.Int }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *hex) UnmarshalText(text []byte) error {
	if _, ok := h.number.SetString(string(text), 16); !ok {
		return fmt.Errorf("%.20q is no number in base 16", text)
	}
	return nil
}

// TestKnownProducts has products with the exponents of a disclosure proof, for the
// three lengths of keys, that were computed with the integers of Python.
func TestKnownProducts(t *testing.T) {
	t.Parallel()
	var vectors []struct {
		Modulus, Product hex
		Powers           []struct{ Base, Exponent hex }
	}
	data := must(os.ReadFile("testdata/products.json"))
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors) != 3 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		for _, arithmetic := range modexp.All {
			if !arithmetic.Available(v.Modulus.number.BitLen()) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", arithmetic, v.Modulus.number.BitLen()), func(t *testing.T) {
				t.Parallel()
				m := must(modexp.New(&v.Modulus.number, arithmetic))
				var without, with []modexp.Power
				for _, p := range v.Powers {
					power := modexp.Power{Base: &p.Base.number, Exponent: &p.Exponent.number}
					without = append(without, power)
					power.Table = m.NewTable(power.Base, power.Exponent.BitLen(), 256)
					with = append(with, power)
				}
				for _, powers := range [][]modexp.Power{without, with} {
					if got := must(m.Product(powers...)); got.Cmp(&v.Product.number) != 0 {
						t.Errorf("product is %x, want %x", got, &v.Product.number)
					}
				}
			})
		}
	}
}
