package irmaserver_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// faulty is a store, and an observer, that breaks when a test says so.
type faulty struct {
	store.Store
	fault atomic.Pointer[func() error] // nil while all is well
}

func (f *faulty) breakDown(fault func() error) { f.fault.Store(&fault) }
func (f *faulty) repair()                      { f.fault.Store(nil) }

func (f *faulty) fail() error {
	if fault := f.fault.Load(); fault != nil {
		return (*fault)()
	}
	return nil
}

func (f *faulty) Create(ctx context.Context, key string, rec store.Record) error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.Store.Create(ctx, key, rec)
}

func (f *faulty) Load(ctx context.Context, key string) (store.Record, error) {
	if err := f.fail(); err != nil {
		return store.Record{}, err
	}
	return f.Store.Load(ctx, key)
}

func (f *faulty) Session(context.Context, irmaserver.SessionEvent) { _ = f.fail() }
func (f *faulty) Crypto(irmaserver.CryptoEvent)                    { _ = f.fail() }
func (f *faulty) Callback(irmaserver.CallbackEvent)                {}

const (
	internalError = `{"status":500,"error":"INTERNAL_ERROR","description":"Internal server error"}`
	unreachable   = `{"status":503,"error":"INTERNAL_ERROR","description":"Server is busy or shutting down, try again",` +
		`"message":"the sessions cannot be reached at the moment, try again"}`
)

// TestInternalErrors has the store fail or panic in the middle of requests:
// whoever asked learns that it is not their fault and nothing else, the log
// tells why, and the session is as it was (spec 05 §2).
func TestInternalErrors(t *testing.T) {
	t.Parallel()
	faults := map[string]struct {
		fault  func() error
		logged string
		status int
		body   string
	}{
		"error": {func() error { return errors.New("secret of the store") }, "request refused", http.StatusServiceUnavailable, unreachable},
		"panic": {func() error { panic("secret of the store") }, "handler panicked", http.StatusInternalServerError, internalError},
	}
	rows := []struct {
		name, method, path, body string
		headers                  func(*irma.SessionPackage) []string
		in                       irma.Status
	}{
		{"start", "POST", "/session", discloseOver18, jsonHeaders, irma.StatusInitialized},
		{"requestor status", "GET", "/session/TOKEN/status", "", noHeaders, irma.StatusInitialized},
		{"requestor events", "GET", "/session/TOKEN/statusevents", "", noHeaders, irma.StatusInitialized},
		{"result", "GET", "/session/TOKEN/result", "", noHeaders, irma.StatusDone},
		{"requestor delete", "DELETE", "/session/TOKEN", "", noHeaders, irma.StatusInitialized},
		{"connect", "GET", "CLIENT/", "", boundWallet, irma.StatusInitialized},
		{"request", "GET", "CLIENT/request", "", boundWallet, irma.StatusConnected},
		{"status", "GET", "CLIENT/status", "", noHeaders, irma.StatusPairing},
		{"events", "GET", "CLIENT/statusevents", "", noHeaders, irma.StatusInitialized},
		{"proofs", "POST", "CLIENT/proofs", `{"proofs":[],"indices":[]}`, boundWallet, irma.StatusConnected},
		{"commitments", "POST", "CLIENT/commitments", `{"n_2":1,"combinedProofs":[]}`, boundWallet, irma.StatusConnected},
		{"delete", "DELETE", "CLIENT", "", noHeaders, irma.StatusConnected},
		{"options", "POST", "CLIENT/frontend/options", pinOptions, frontendHeaders, irma.StatusInitialized},
		{"pairing completed", "POST", "CLIENT/frontend/pairingcompleted", "", frontendHeaders, irma.StatusPairing},
		{"frontend status", "GET", "CLIENT/frontend/status", "", frontendHeaders, irma.StatusDone},
	}
	for name, kind := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book := new(logBook)
			sessions := &faulty{Store: memory.New(memory.Config{})}
			s := newSite(t, func(c *irmaserver.Config) { c.Store, c.Logger = sessions, book.logger() })
			for _, row := range rows {
				session := s.start(discloseOver18)
				s.bring(session, row.in)
				before := len(book.String())

				sessions.breakDown(kind.fault)
				path := strings.NewReplacer("TOKEN", string(session.Token), "CLIENT", session.SessionPtr.URL).Replace(row.path)
				got := s.do(row.method, path, row.body, row.headers(session)...)
				sessions.repair()

				if got.status != kind.status || got.body != kind.body {
					t.Errorf("%s: got %d %s", row.name, got.status, got.body)
				}
				if log := book.String()[before:]; !strings.Contains(log, kind.logged) || !strings.Contains(log, "secret of the store") {
					t.Errorf("%s: log has\n%s", row.name, log)
				}
				if status := s.status(session); status != row.in {
					t.Errorf("%s: session is %s, was %s", row.name, status, row.in)
				}
			}
		})
	}
}

func noHeaders(*irma.SessionPackage) []string   { return nil }
func jsonHeaders(*irma.SessionPackage) []string { return []string{"Content-Type", "application/json"} }
func boundWallet(*irma.SessionPackage) []string { return walletHeaders("wallet") }

// TestPanicDuringProof has the observer panic while a proof is verified. That
// takes no place among the computations away, and the wallet may try again.
func TestPanicDuringProof(t *testing.T) {
	t.Parallel()
	observer := new(faulty)
	s := newSite(t, func(c *irmaserver.Config) { c.Observer, c.CryptoWorkers = observer, 1 })
	session := s.start(discloseOver18)
	s.connect(session)
	post := func() reply {
		return s.do("POST", session.SessionPtr.URL+"/proofs", `{"proofs":[],"indices":[]}`, walletHeaders("wallet")...)
	}
	observer.breakDown(func() error { panic("observer") })
	for range 3 {
		if got := post(); got.status != http.StatusInternalServerError || got.body != internalError {
			t.Fatalf("got %d %s", got.status, got.body)
		}
	}
	if got := s.status(session); got != irma.StatusConnected {
		t.Errorf("session is %s", got)
	}
	observer.repair()
	if got := post(); got.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", got.status, got.body)
	}
}

// wantCancelled checks the result of a session that failed with an error.
func (s *site) wantCancelled(session *irma.SessionPackage, proofs irma.ProofStatus, failed *irma.Error, message string) {
	s.t.Helper()
	result, err := s.Irma.Result(s.t.Context(), session.Token)
	if err != nil {
		s.t.Fatal(err)
	}
	if result.Err == nil || !strings.Contains(result.Err.Message, message) {
		s.t.Fatalf("error is %v, want it to have %q", result.Err, message)
	}
	want := &irma.SessionResult{Token: session.Token, Status: irma.StatusCancelled, Type: result.Type, ProofStatus: proofs, Err: failed.With(result.Err.Message)}
	if diff := cmp.Diff(want, result); diff != "" {
		s.t.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestIssuanceForExpiredAttributes issues to a wallet that must disclose, and
// whose attributes have expired.
func TestIssuanceForExpiredAttributes(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	s := newSite(t, func(c *irmaserver.Config) { c.Now = clock })
	began := time.Now()
	h := &holder{off: true}
	// The wallet's clock stands still, or it would not offer what has expired.
	w := s.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: h}, Now: func() time.Time { return began }})
	short := ageLimits
	short.Validity = irma.NewTimestamp(began.Add(3 * 7 * 24 * time.Hour))
	s.Issue(t, w, short)
	h.off = false
	later.Store(int64(6 * 7 * 24 * time.Hour))

	request := irma.NewIssuanceRequest(personalData)
	request.Disclose = irma.NewDisclosureRequest(over18ID).Disclose
	session, _ := s.hold(w, h, request)
	got := s.do("POST", h.url, string(h.body), "Authorization", h.authorization)
	wantError(t, got, irma.ErrAttributesExpired, "")
	s.wantCancelled(session, irma.ProofExpired, irma.ErrAttributesExpired, "")

	request.SkipExpiryCheck = []irma.CredentialTypeID{"irmad-demo.gov.ageLimits"}
	session, _ = s.hold(w, h, request)
	if got := s.do("POST", h.url, string(h.body), "Authorization", h.authorization); got.status != http.StatusOK {
		t.Errorf("without check: got %d %s", got.status, got.body)
	}
	if got := s.status(session); got != irma.StatusDone {
		t.Errorf("without check: session is %s", got)
	}
}

// TestIssuanceFailed starts issuance sessions that cannot be completed by the
// time that the wallet answers.
func TestIssuanceFailed(t *testing.T) {
	t.Parallel()
	t.Run("credential expired meanwhile", func(t *testing.T) {
		t.Parallel()
		var later atomic.Int64
		s := newSite(t, func(c *irmaserver.Config) {
			c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
			c.SessionLifetime = 100 * 24 * time.Hour
		})
		h := new(holder)
		brief := ageLimits
		brief.Validity = irma.NewTimestamp(time.Now().Add(24 * time.Hour))
		session, _ := s.hold(s.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: h}}), h, irma.NewIssuanceRequest(brief))
		later.Store(int64(50 * 24 * time.Hour))
		got := s.do("POST", h.url, string(h.body), "Authorization", h.authorization)
		wantError(t, got, irma.ErrIssuanceFailed, "irmad-demo.gov.ageLimits")
		s.wantCancelled(session, irma.ProofValid, irma.ErrIssuanceFailed, "irmad-demo.gov.ageLimits")
	})
	t.Run("private key is gone", func(t *testing.T) {
		t.Parallel()
		sessions := memory.New(memory.Config{})
		h := new(holder)
		before := newSite(t, func(c *irmaserver.Config) { c.Store = sessions })
		session, _ := before.hold(before.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: h}}), h, irma.NewIssuanceRequest(ageLimits))

		// The same server after a restart without the private keys.
		s := newSite(t, func(c *irmaserver.Config) { c.Store, c.Schemes = sessions, variant(t, nil, withoutPrivateKeys) })
		got := s.do("POST", strings.TrimPrefix(h.url, before.URL), string(h.body), "Authorization", h.authorization)
		wantError(t, got, irma.ErrIssuanceFailed, "irmad-demo.gov.ageLimits")
		s.wantCancelled(session, irma.ProofValid, irma.ErrIssuanceFailed, "irmad-demo.gov.ageLimits")
	})
}

// TestKeyshareProofMissing issues in a scheme with a keyshare server. The wallet
// knows nothing of that.
func TestKeyshareProofMissing(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	schemes := variant(t,
		map[string][]byte{string(demo.ID) + "/kss-0.pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})},
		described("<KeyshareServer>https://keyshare.example</KeyshareServer>"))
	if !schemes.Scheme(demo.ID).Distributed() {
		t.Fatal("scheme has no keyshare server")
	}
	s := newSite(t, func(c *irmaserver.Config) { c.Schemes = schemes })
	h := new(holder)
	w, err := wallet.New(demoSchemes(t), wallet.Config{HTTPClient: &http.Client{Transport: h}})
	if err != nil {
		t.Fatal(err)
	}
	for name, jwts := range map[string]map[string]string{
		"none":         nil,
		"other scheme": {"other": "e30.e30.e30"},
		"not valid":    {string(demo.ID): "e30.e30.e30"},
	} {
		t.Run(name, func(t *testing.T) {
			session, message := s.hold(w, h, irma.NewIssuanceRequest(ageLimits))
			message["proofPJwts"] = jwts
			body, err := json.Marshal(message)
			if err != nil {
				t.Fatal(err)
			}
			got := s.do("POST", h.url, string(body), "Authorization", h.authorization)
			wantError(t, got, irma.ErrKeyshareProofMissing, "scheme irmad-demo")
			s.wantCancelled(session, "", irma.ErrKeyshareProofMissing, "scheme irmad-demo")
		})
	}
}
