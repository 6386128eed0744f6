package idemix_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/irmad/irmaserver/idemix"
)

// The vectors are those of spec 12 §2.
func TestHashCommit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		values []int64
		issig  bool
		want   string
	}{
		{[]int64{1, 2, 3}, false, "a171de68ff8bc2f9e377c6699a97c89557382c57cc2d6345a06dbeaa954c180b"},
		{[]int64{1, 2, 3}, true, "4bb0e416c6ce5b4b0a5652016b504f1655dac5de1292b7a4d699f13195213159"},
		{[]int64{1, 255, 65536, 0}, false, "c5ed833d676eb975df4809ddea1497337126287170a84ad2bed6e88037e7093f"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.values, test.issig), func(t *testing.T) {
			t.Parallel()
			var values []*big.Int
			for _, value := range test.values {
				values = append(values, big.NewInt(value))
			}
			got, err := idemix.HashCommit(values, test.issig)
			if err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprintf("%064x", got); text != test.want {
				t.Errorf("got %s, want %s", text, test.want)
			}
		})
	}
}
