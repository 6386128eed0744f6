package irmaserver

import (
	"errors"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

func TestCheckHost(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"", "example.com", "a.b.example.com:88", "localhost", "10.0.0.1:8088", "[::1]:80", "EXAMPLE.com"} {
		if err := checkHost(host); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
	for _, host := range []string{
		"evil.com#.example.com", "evil.com:80@a.example.com", "a b", "a/b", "a?b", "example.com:0",
		"example.com:65536", "example.com:x", ".example.com", "-a.com", "a..b", "https://example.com", strings.Repeat("a.", 200) + "a",
	} {
		if err := checkHost(host); !errors.Is(err, irma.ErrInvalidRequest) {
			t.Errorf("%q: got %v, want INVALID_REQUEST", host, err)
		}
	}
}

func TestSameHost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url, bound, header string
		want               bool
	}{
		{"https://x/irma/", "example.com", "example.com", true},
		{"https://x/irma/", "example.com", "EXAMPLE.com:443", true},
		{"https://x/irma/", "example.com:443", "example.com", true},
		{"https://x/irma/", "example.com", "example.com:80", false},
		{"http://x/irma/", "example.com", "example.com:80", true},
		{"http://x/irma/", "example.com:88", "example.com:88", true},
		{"http://x/irma/", "example.com:88", "example.com", false},
		{"http://x/irma/", "example.com", "other.com", false},
		{"http://x/irma/", "example.com", "", false},
	}
	for _, test := range tests {
		s := &Server{cfg: Config{URL: test.url}}
		if got := s.sameHost(test.bound, test.header); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}
