package irmaserver

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

var tokenForm = regexp.MustCompile(`^[a-zA-Z0-9]{20}$`)

func TestTokens(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	letters := make(map[byte]int)
	for range 1000 {
		token := newToken()
		client := string(clientToken(irma.RequestorToken(token)))
		for _, text := range []string{token, client} {
			if !tokenForm.MatchString(text) {
				t.Fatalf("%q is not 20 letters and digits", text)
			}
			if seen[text] {
				t.Fatalf("%q occurs twice", text)
			}
			seen[text] = true
			for i := range len(text) {
				letters[text[i]]++
			}
		}
	}
	for i := range len(tokenAlphabet) { // 645 of each are expected, sigma is 25
		if n := letters[tokenAlphabet[i]]; n < 400 || n > 900 {
			t.Errorf("%q occurs %d times in 40000", tokenAlphabet[i], n)
		}
	}
}

func TestClientTokenIsStable(t *testing.T) {
	t.Parallel()
	// Servers that share a store must agree on it.
	const want = "4BDboIKQ4EA87k6X1dYl"
	if got := clientToken("KzxuWKwL5KGLKr4uerws"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A body hashes the same as a text.
func TestDigestBody(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 100, 300, 10_000} {
		body := bytes.Repeat([]byte("x"), size)
		if digest("kind", "authorization", string(body)) != digestBody("kind", "authorization", body) {
			t.Errorf("digests of %d bytes differ", size)
		}
		if digest("kind", "authorizatio", "n"+string(body)) == digestBody("kind", "authorization", body) {
			t.Errorf("texts run into each other")
		}
	}
}

func TestPairingCode(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9]{4}$`)
	for range 100 {
		if code := newPairingCode(); !form.MatchString(code) {
			t.Fatalf("%q is not four digits", code)
		}
	}
}

func TestSameSecret(t *testing.T) {
	t.Parallel()
	if !sameSecret("abc", "abc") {
		t.Error("equal secrets differ")
	}
	for _, other := range []string{"", "ab", "abcd", "abd", "ABC"} {
		if sameSecret("abc", other) {
			t.Errorf("%q passes for abc", other)
		}
	}
}
