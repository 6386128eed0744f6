package spelling_test

import (
	"testing"

	"github.com/irmad/irmaserver/internal/spelling"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"disclose", "disclose", 0},
		{"", "abc", 3},
		{"disclose", "discolse", 1},
		{"disclose", "disclos", 1},
		{"disclose", "discloses", 1},
		{"disclose", "disclase", 1},
		{"over18", "over81", 1},
		{"abc", "xyz", 3},
		{"kitten", "sitting", 3},
	}
	for _, test := range tests {
		if got := spelling.Distance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: got %d, want %d", test.a, test.b, got, test.want)
		}
		if got := spelling.Distance(test.b, test.a); got != test.want {
			t.Errorf("%q, %q: got %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
