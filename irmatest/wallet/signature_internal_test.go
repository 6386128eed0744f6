package wallet

import (
	"testing"

	"github.com/irmad/irmaserver/irma"
)

func TestMessageNonce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		timestamp []byte
		want      string
	}{
		{"without timestamp", nil, "8578e5b1b584beaa7d40a3336a4d945d3e40092e373d8fab148f9beaa6892b47"},
		{"with timestamp", []byte{1, 2, 3, 4}, "800de71484d937336224e67e82d84784d53921490759ebb294d416e8af9a2ed2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			nonce, err := messageNonce(irma.NewInt(42), "I owe you everything", tc.timestamp)
			if err != nil {
				t.Fatal(err)
			}
			if got := nonce.Big().Text(16); got != tc.want {
				t.Errorf("nonce %s, want %s", got, tc.want)
			}
		})
	}
}
