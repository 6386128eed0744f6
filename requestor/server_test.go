package requestor_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

const bsn irma.AttributeTypeID = "irmad-demo.gov.root.bsn"

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// newUser returns a wallet with a credential.
func newUser(t *testing.T, server *irmatest.Server, cfg wallet.Config) *wallet.Wallet {
	t.Helper()
	user := server.NewWallet(t, cfg)
	server.Issue(t, user, irma.CredentialRequest{
		CredentialTypeID: bsn.CredentialType(),
		Attributes:       map[string]string{"bsn": "999999990"},
	})
	return user
}

// TestSession goes through whole sessions, with and without event streams.
func TestSession(t *testing.T) {
	t.Parallel()
	for name, noEvents := range map[string]bool{"events": false, "polling": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := irmatest.NewServer(t, func(cfg *irmaserver.Config) { cfg.NoEvents = noEvents })
			user := newUser(t, server, wallet.Config{})
			client := &requestor.Client{URL: server.URL}
			pkg, err := client.StartSession(t.Context(), irma.NewDisclosureRequest(bsn))
			if err != nil {
				t.Fatal(err)
			}
			if status, err := client.Status(t.Context(), pkg.Token); err != nil || status != irma.StatusInitialized {
				t.Errorf("status %s and error %v before the wallet comes", status, err)
			}
			var seen []irma.Status
			for status, err := range client.Statuses(t.Context(), pkg.Token) {
				if err != nil {
					t.Fatal(err)
				}
				seen = append(seen, status)
				if status == irma.StatusInitialized {
					if _, err := user.Perform(t.Context(), pkg.SessionPtr); err != nil {
						t.Fatal(err)
					}
				}
			}
			if seen[0] != irma.StatusInitialized || seen[len(seen)-1] != irma.StatusDone || !slices.Contains([]int{2, 3}, len(seen)) {
				t.Errorf("saw statuses %v", seen)
			}
			result, err := client.WaitResult(t.Context(), pkg.Token)
			if err != nil {
				t.Fatal(err)
			}
			want, err := server.Irma.Result(t.Context(), pkg.Token)
			if diff := cmp.Diff(want, result); err != nil || diff != "" {
				t.Errorf("%v; result (-want +got):\n%s", err, diff)
			}
			if result.ProofStatus != irma.ProofValid || *result.Disclosed[0][0].RawValue != "999999990" {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestCancelSession(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	client := &requestor.Client{URL: server.URL + "/"}
	pkg, err := client.StartSession(t.Context(), irma.NewDisclosureRequest(bsn))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := client.CancelSession(t.Context(), pkg.Token); err != nil {
			t.Fatal(err)
		}
	}
	result, err := client.WaitResult(t.Context(), pkg.Token)
	if err != nil || result.Status != irma.StatusCancelled {
		t.Errorf("got %+v and error %v", result, err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	client := &requestor.Client{URL: server.URL}
	const nobody irma.RequestorToken = "abcdefghijklmnopqrst"
	ctx := t.Context()
	_, start := client.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.root.bns"))
	_, status := client.Status(ctx, nobody)
	_, result := client.Result(ctx, nobody)
	_, wait := client.WaitResult(ctx, nobody)
	_, signed := client.ResultJWT(ctx, nobody)
	_, key := (&requestor.Client{URL: server.URL + "/nothing/here"}).ServerKey(ctx)
	_, empty := client.StartSession(ctx, &irma.SessionRequest{})
	_, none := client.StartSession(ctx, nil)
	for name, tt := range map[string]struct {
		err, kind error
		text      string
	}{
		"start":   {start, irma.ErrInvalidRequest, "irmad-demo.gov.root.bns"},
		"status":  {status, irma.ErrSessionUnknown, "no session has this token"},
		"result":  {result, irma.ErrSessionUnknown, ""},
		"wait":    {wait, irma.ErrSessionUnknown, ""},
		"jwt":     {signed, irma.ErrException, "JWT signing not supported"},
		"no irma": {key, nil, "404 Not Found"},
		"empty":   {empty, nil, "neither a disclosure"},
		"nil":     {none, nil, "no session request"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.text) || tt.kind != nil && !errors.Is(tt.err, tt.kind) {
			t.Errorf("%s: got error %v, want %v with %q", name, tt.err, tt.kind, tt.text)
		}
	}
}

// TestErrorsHideTokens is about errors that end up in logs.
func TestErrorsHideTokens(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client := &requestor.Client{URL: gone.URL}
	_, err := client.Result(t.Context(), "abcdefghijklmnopqrst")
	if err == nil || strings.Contains(err.Error(), "abcdef") || !strings.Contains(err.Error(), strings.TrimPrefix(gone.URL, "http://")) {
		t.Errorf("got error %v", err)
	}
}

func TestWaitResultEndsWithContext(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	client := &requestor.Client{URL: server.URL}
	pkg := server.Start(t, irma.NewDisclosureRequest(bsn))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range client.Statuses(ctx, pkg.Token) {
		if err == nil {
			cancel()
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
	}
	if _, err := client.WaitResult(ctx, pkg.Token); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

// TestFrontend pairs a wallet like a web page.
func TestFrontend(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	shown := make(chan string, 1)
	user := newUser(t, server, wallet.Config{ShowPairingCode: func(_ context.Context, code string) { shown <- code }})
	pkg := server.Start(t, irma.NewDisclosureRequest(bsn))
	frontend := requestor.NewFrontend(pkg)
	code, err := frontend.EnablePairing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := user.Perform(t.Context(), pkg.SessionPtr)
		done <- err
	}()
	for status, err := range frontend.Statuses(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if status != irma.StatusPairing {
			continue
		}
		if got := <-shown; got != code {
			t.Errorf("wallet shows %s, want %s", got, code)
		}
		if err := frontend.ConfirmPairing(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := frontend.ConfirmPairing(t.Context()); !errors.Is(err, irma.ErrUnexpectedRequest) {
		t.Errorf("confirming twice: got error %v", err)
	}
	if _, err := frontend.EnablePairing(t.Context()); !errors.Is(err, irma.ErrUnexpectedRequest) {
		t.Errorf("pairing too late: got error %v", err)
	}
}

func TestFrontendCancel(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	pkg := server.Start(t, irma.NewDisclosureRequest(bsn))
	if err := (&requestor.Frontend{Pointer: pkg.SessionPtr}).Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, err := server.Irma.Status(t.Context(), pkg.Token); err != nil || status != irma.StatusCancelled {
		t.Errorf("status %s and error %v", status, err)
	}
}

// TestCallback reads results as the server posts them.
func TestCallback(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]*rsa.PrivateKey{"signed": rsaKey(), "unsigned": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verifier := &requestor.Verifier{Key: &rsaKey().PublicKey, Issuer: "shop"}
			results := make(chan *irma.SessionResult, 1)
			shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body := new(bytes.Buffer)
				if _, err := body.ReadFrom(r.Body); err != nil {
					t.Error(err)
				}
				again := func() *http.Request {
					return httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body.Bytes()))
				}
				if signed, err := verifier.Callback(again()); (err == nil) != (key != nil) {
					t.Errorf("as signed: error %v", err)
				} else if err == nil {
					results <- signed.SessionResult
				}
				if result, err := requestor.UnsignedCallback(again()); (err == nil) != (key == nil) {
					t.Errorf("as unsigned: error %v", err)
				} else if err == nil {
					results <- result
				}
			}))
			defer shop.Close()
			server := irmatest.NewServer(t, func(cfg *irmaserver.Config) {
				cfg.JWTKey, cfg.JWTIssuer, cfg.AllowUnsignedCallbacks = key, "shop", true
			})
			user := newUser(t, server, wallet.Config{})
			pkg := server.Start(t, &irma.ExtendedRequest{CallbackURL: shop.URL, Request: irma.NewDisclosureRequest(bsn)})
			if _, err := user.Perform(t.Context(), pkg.SessionPtr); err != nil {
				t.Fatal(err)
			}
			want, err := server.Irma.Result(t.Context(), pkg.Token)
			if diff := cmp.Diff(want, <-results); err != nil || diff != "" {
				t.Errorf("%v; result (-want +got):\n%s", err, diff)
			}
		})
	}
}
