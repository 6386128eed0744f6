package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

// secretID is the jti of a JWT, which is readable in no store.
const secretID = "secret-jti-of-a-jwt"

// TestFleetSealed does sessions with two irmads that encrypt what they store, in the
// middle of replacing the key: each writes with another one and reads both. What
// Redis was ever told to keep or announce is looked through for attributes and
// tokens. The search is shown to find them where nothing is encrypted.
func TestFleetSealed(t *testing.T) {
	t.Parallel()
	t.Run("with keys", func(t *testing.T) {
		t.Parallel()
		keys := []string{"--store-keys=" + storeKey(1) + "," + storeKey(2), "--store-keys=" + storeKey(2) + "," + storeKey(1)}
		if found := stored(t, keys...); len(found) > 0 {
			t.Errorf("readable in Redis: %q", found)
		}
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		if found := stored(t, "-q", "-q"); len(found) < 8 || slices.Contains(found, secretID) {
			t.Errorf("%q is readable in Redis", found)
		}
	})
}

// stored does an issuance, a disclosure and a request in a JWT with irmads that each
// have another one of these arguments, and returns what of it can be read in Redis.
func stored(t *testing.T, args ...string) (found []string) {
	t.Helper()
	dir := t.TempDir()
	redis := redistest.Start(t, "--dir", dir, "--appendonly", "yes")
	state, _ := newKey(t)
	common := withRedis(redis, "--requestors", requestorsJSON(t, state))
	f := newFleet(t, 0, common...)
	base := f.args
	for _, arg := range args {
		f.args = append(base[:len(base):len(base)], arg)
		f.add()
	}
	f.client.Auth = requestor.Token(appToken)
	log, err := os.Create(filepath.Join(dir, "channels"))
	must(t, err)
	var mu sync.Mutex // guards log
	look := func(*http.Request, *child) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = log.WriteString(redis.Do("PUBSUB", "CHANNELS")) // read back below
	}
	f.answered.Store(&look)

	w, sessions := phone(t, wallet.Config{}), make([]*irma.SessionPackage, 2)
	issuance := irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: demoCredential,
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": secretAttribute},
	})
	_, sessions[0] = f.perform(t, w, issuance.Extended())
	_, sessions[1] = f.perform(t, w, irma.NewDisclosureRequest(irma.AttributeTypeID(demoCredential+".over21")).Extended())
	signed := forge(`{"alg":"HS256"}`, payload("City", claims{"jti": secretID}), []byte(citySeal))
	attempt{"text/plain", "", signed, http.StatusOK, "", ""}.check(t, f.proxy.URL)
	redis.Do("SAVE")
	must(t, log.Close())

	must(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		found = append(found, readable(t, path, sessions...)...)
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), secretID) {
			found = append(found, secretID)
		}
		return err
	}))
	return found
}

// TestFleetReplay sends a JWT to each of two irmads: who got it first, or was
// started since, makes no difference. Those who cannot ask the store refuse it.
func TestFleetReplay(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	requestors := []string{"--requestors", requestorsJSON(t, state)}
	path := filepath.Join(t.TempDir(), "sessions.db")
	signed := func(jti string) string {
		return forge(`{"alg":"HS256"}`, payload("City", claims{"jti": jti}), []byte(citySeal))
	}
	first, again := signed("1"), attempt{"text/plain", "", "", http.StatusForbidden, irma.ErrUnauthorized.Name, "jwt was used before"}
	accepted := attempt{"text/plain", "", "", http.StatusOK, "", ""}
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		c := launch(t, append(requestors, "--store-type=file", "--store-path="+path, "--store-keys="+storeKey(1))...)
		accepted.with(first).check(t, c.url)
		again.with(first).check(t, c.url)
		c.restart(t)
		again.with(first).check(t, c.url)
		accepted.with(signed("2")).check(t, c.url)
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		redis := redistest.Start(t)
		f := newFleet(t, 2, withRedis(redis, requestors...)...)
		accepted.with(first).check(t, f.all[0].url)
		for range 2 {
			again.with(first).check(t, f.proxy.URL)
		}
		accepted.with(signed("2")).check(t, f.all[1].url)
		again.with(signed("2")).check(t, f.all[0].url)
		redis.Kill()
		attempt{"text/plain", "", signed("3"), http.StatusServiceUnavailable, irma.ErrUnavailable.Name, "try again with a new one"}.check(t, f.proxy.URL)
	})
}

// with returns the attempt with another body.
func (a attempt) with(body string) attempt {
	a.body = body
	return a
}
