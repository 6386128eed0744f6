package limit_test

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/limit"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	proxies, err := limit.ParseProxies([]string{"127.0.0.1", "10.0.0.0/8", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"no proxy", "192.0.2.1:1", nil, "192.0.2.1"},
		{"who is no proxy is not believed", "192.0.2.1:1", []string{"198.51.100.7"}, "192.0.2.1"},
		{"proxy", "127.0.0.1:1", []string{"198.51.100.7"}, "198.51.100.7"},
		{"proxy without header", "127.0.0.1:1", nil, "127.0.0.1"},
		{"client wrote a header", "127.0.0.1:1", []string{"203.0.113.5, 198.51.100.7"}, "198.51.100.7"},
		{"client wrote a header of its own", "127.0.0.1:1", []string{"203.0.113.5", "198.51.100.7"}, "198.51.100.7"},
		{"two proxies", "127.0.0.1:1", []string{"203.0.113.5, 198.51.100.7, 10.1.1.1"}, "198.51.100.7"},
		{"only proxies", "127.0.0.1:1", []string{"10.1.1.1"}, "10.1.1.1"},
		{"nonsense", "127.0.0.1:1", []string{"198.51.100.7, unknown"}, "127.0.0.1"},
		{"with port", "127.0.0.1:1", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"IPv6", "[fd00::1]:1", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", "[fd00::1]:1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv4 within IPv6", "[::ffff:127.0.0.1]:1", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/session", nil)
			r.RemoteAddr = tc.remote
			r.Header["X-Forwarded-For"] = tc.forwarded
			if got := proxies.Address(r); got != netip.MustParseAddr(tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestParseProxiesRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "localhost", "10.0.0.0/33", "10.0.0.1:80"} {
		if _, err := limit.ParseProxies([]string{text}); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}
