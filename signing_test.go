package irmaserver_test

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"strings"
	"sync"
	"testing"
)

// TestSetJWTKey replaces the key of a server that signs results meanwhile.
func TestSetJWTKey(t *testing.T) {
	t.Parallel()
	own, sign := signing(t)
	s := newSite(t, sign)
	url := s.requestorURL()
	session := s.start(discloseOver18)
	next, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	var signers sync.WaitGroup
	for range 4 {
		signers.Go(func() {
			for range 5 {
				if _, err := s.Irma.ResultJWT(t.Context(), session.Token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	short := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(35), E: 3}}
	for want, key := range map[string]*rsa.PrivateKey{"the new key is nil": nil, "no modulus": {}, "at least 1024": short} {
		if err := s.Irma.SetJWTKey(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	if !s.publicKey(url).Equal(&own.PublicKey) {
		t.Error("a key that was refused is used")
	}
	if err := s.Irma.SetJWTKey(next); err != nil {
		t.Fatal(err)
	}
	signers.Wait()
	if !s.publicKey(url).Equal(&next.PublicKey) {
		t.Error("the public key is still the old one")
	}
	for _, path := range []string{"/result-jwt", "/getproof"} {
		verifyJWT(t, &next.PublicKey, s.do("GET", url+"/session/"+string(session.Token)+path, "").body)
	}
}

// TestSetJWTKeyOfCallback posts a result with the key of the time of the post.
func TestSetJWTKeyOfCallback(t *testing.T) {
	t.Parallel()
	_, sign := signing(t)
	s := newSite(t, sign)
	next, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	hook := new(receiver)
	session := s.Start(t, disclosing(hook.listen(t)))
	if err := s.Irma.SetJWTKey(next); err != nil {
		t.Fatal(err)
	}
	if err := s.Irma.CancelSession(t.Context(), session.Token); err != nil {
		t.Fatal(err)
	}
	if err := s.Irma.Close(t.Context()); err != nil { // after which the result has been posted
		t.Fatal(err)
	}
	posts := hook.got()
	if len(posts) != 1 {
		t.Fatalf("%d posts, want 1", len(posts))
	}
	verifyJWT(t, &next.PublicKey, posts[0].body)
}

// TestSetJWTKeyWithoutKey keeps a server from beginning to sign.
func TestSetJWTKeyWithoutKey(t *testing.T) {
	t.Parallel()
	key, _ := signing(t)
	s := newSite(t)
	if err := s.Irma.SetJWTKey(key); err == nil || !strings.Contains(err.Error(), "Config.JWTKey was nil") {
		t.Errorf("got error %v", err)
	}
	if _, err := s.Irma.PublicKeyPEM(); err == nil {
		t.Error("there is a public key")
	}
}
