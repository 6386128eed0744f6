package irmaserver

import (
	"testing"
)

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
