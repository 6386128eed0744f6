package jwt_test

import (
	"testing"

	"github.com/irmad/irmaserver/internal/jwt"
)

// TestSignHMAC compares with a token made by the standard library.
func TestSignHMAC(t *testing.T) {
	t.Parallel()
	const payload = `{"sub":"x","iat":1}`
	got, err := jwt.SignHMAC([]byte(payload), secret)
	if want := withHMAC(secret, unsigned(`{"alg":"HS256","typ":"JWT"}`, payload)); err != nil || got != want {
		t.Errorf("got %s and error %v, want %s", got, err, want)
	}
}
