package route_test

import (
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/route"
)

func TestOf(t *testing.T) {
	t.Parallel()
	const token = "0123456789abcdefghij"
	tests := []struct{ prefix, path, want string }{
		{"/", "/session", "session"},
		{"/", "/session/", "session"},
		{"/", "/session/" + token, "session/{requestorToken}"},
		{"/", "/session/" + token + "/", "session/{requestorToken}"},
		{"/", "/session/" + token + "/result", "session/{requestorToken}/result"},
		{"/", "/session/" + token + "/result/", "other"},
		{"/", "/session/" + token + "/" + token, "other"},
		{"/", "/session//status", "other"},
		{"/", "/irma/session/" + token, "irma/session/{clientToken}"},
		{"/", "/irma/session/" + token + "/", "irma/session/{clientToken}"},
		{"/", "/irma/session/" + token + "/proofs", "irma/session/{clientToken}/proofs"},
		{"/", "/irma/session/" + token + "/frontend/status", "irma/session/{clientToken}/frontend/status"},
		{"/", "/irma/session/" + token + "/frontend", "other"},
		{"/", "/irma/session", "other"},
		{"/", "/publickey", "publickey"},
		{"/", "/health", "health"},
		{"/", "/revocation", "revocation"},
		{"/", "/", "other"},
		{"/", "/" + token, "other"},
		{"/api/", "/api/session", "session"},
		{"/api/", "/session", "other"},
		{"/api/", "/api", "other"},
	}
	for _, tc := range tests {
		if got := route.Of(tc.path, tc.prefix); got != tc.want {
			t.Errorf("Of(%q, %q) = %q, want %q", tc.path, tc.prefix, got, tc.want)
		}
	}
}
