package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

func TestRequestsOnTheWire(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	rec := &recorder{}
	w := server.NewWallet(t, wallet.Config{HTTPClient: rec.client()})
	server.Issue(t, w, ageCredential())
	if _, err := server.Run(t, w, disclosure(irma.DisCon{con(over18)})); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /", "POST /commitments", "GET /", "POST /proofs"}
	if diff := cmp.Diff(want, rec.summary()); diff != "" {
		t.Fatalf("requests (-want +got):\n%s", diff)
	}
	for _, seen := range rec.requests {
		if got := seen.header.Get("Authorization"); !regexp.MustCompile(`^[a-zA-Z0-9]{20}$`).MatchString(got) {
			t.Errorf("%s %s: Authorization %q", seen.method, seen.path, got)
		}
		lowest, highest := seen.header.Get("X-IRMA-MinProtocolVersion"), seen.header.Get("X-IRMA-MaxProtocolVersion")
		if lowest != "2.4" || highest != "2.9" {
			t.Errorf("%s %s: versions %s to %s", seen.method, seen.path, lowest, highest)
		}
		if got := seen.header.Get("Content-Type"); seen.method == "POST" && got != "application/json; charset=UTF-8" {
			t.Errorf("%s %s: Content-Type %q", seen.method, seen.path, got)
		}
	}
	if rec.requests[0].header.Get("Authorization") == rec.requests[2].header.Get("Authorization") {
		t.Error("two sessions have one authorization")
	}
}

var errLost = errors.New("connection lost")

// TestLostAnswers loses the first two answers to every request.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	rec := &recorder{answer: func(n int, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if err == nil && n%3 != 0 {
			_ = resp.Body.Close()
			return nil, errLost
		}
		return resp, err
	}}
	w := server.NewWallet(t, wallet.Config{HTTPClient: rec.client()})
	server.Issue(t, w, ageCredential())

	want := []string{"GET /", "GET /", "GET /", "POST /commitments", "POST /commitments", "POST /commitments"}
	if diff := cmp.Diff(want, rec.summary()); diff != "" {
		t.Fatalf("requests (-want +got):\n%s", diff)
	}
	for i := 1; i < len(rec.requests); i++ {
		before, after := rec.requests[i-1], rec.requests[i]
		if i != 3 && (before.body != after.body || cmp.Diff(before.header, after.header) != "") {
			t.Errorf("repetition %d is not the same request", i)
		}
	}
}

func TestConnectionThatStaysDown(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	rec := &recorder{answer: func(_ int, _ *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return nil, errLost
	}}
	w := server.NewWallet(t, wallet.Config{HTTPClient: rec.client()})
	_, err := server.Run(t, w, irma.NewIssuanceRequest(ageCredential()))
	if !errors.Is(err, errLost) {
		t.Errorf("error %v", err)
	}
	want := []string{"GET /", "GET /", "GET /", "DELETE /", "DELETE /", "DELETE /"}
	if diff := cmp.Diff(want, rec.summary()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestServerErrors(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w, other := server.NewWallet(t, wallet.Config{}), server.NewWallet(t, wallet.Config{})
	pkg := server.Start(t, irma.NewIssuanceRequest(ageCredential()))
	if _, err := w.Perform(t.Context(), pkg.SessionPtr); err != nil {
		t.Fatal(err)
	}
	_, err := other.Perform(t.Context(), pkg.SessionPtr)
	if !errors.Is(err, irma.ErrUnexpectedRequest) {
		t.Errorf("second wallet: error %v", err)
	}
	unknown := irma.SessionPointer{URL: server.URL + "/irma/session/01234567890123456789", Action: irma.Issuing}
	outcome, err := w.Perform(t.Context(), unknown)
	if !errors.Is(err, irma.ErrSessionUnknown) || outcome == nil {
		t.Errorf("unknown session: error %v, outcome %v", err, outcome)
	}
	if n := len(w.Credentials()); n != 1 {
		t.Errorf("wallet has %d credentials", n)
	}
}

// TestCancelledContext ends the context while the user is asked.
func TestCancelledContext(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	w := server.NewWallet(t, wallet.Config{Choose: func(ctx context.Context, _ *wallet.Question) ([]int, error) {
		cancel()
		return nil, ctx.Err()
	}})
	pkg := server.Start(t, irma.NewIssuanceRequest(ageCredential()))
	if _, err := w.Perform(ctx, pkg.SessionPtr); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	status, err := server.Irma.Status(t.Context(), pkg.Token)
	if err != nil || status != irma.StatusCancelled {
		t.Errorf("session is %s, error %v", status, err)
	}
}

func TestRejectedProofs(t *testing.T) {
	t.Parallel()
	server, _ := fixture(t, wallet.Config{})
	rec := &recorder{answer: func(_ int, req *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if req.Method == "POST" {
			var body irma.Disclosure
			if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
				return nil, err
			}
			body.Proofs[0].D.C = irma.NewInt(1)
			return sendJSON(req, body)
		}
		return send()
	}}
	w := filled(t, server, wallet.Config{HTTPClient: rec.client()})
	pkg := server.Start(t, disclosure(irma.DisCon{con(over18)}))
	outcome, err := w.Perform(t.Context(), pkg.SessionPtr)
	if !errors.Is(err, wallet.ErrRejected) || outcome.ProofStatus != irma.ProofInvalid {
		t.Errorf("error %v, verdict %s", err, outcome.ProofStatus)
	}
}

func TestPairing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		frontend func(t *testing.T, url string, authorization irma.FrontendAuthorization)
		want     error
	}{
		"confirmed": {func(t *testing.T, url string, auth irma.FrontendAuthorization) {
			frontendPost(t, url+"/frontend/pairingcompleted", auth, nil)
		}, nil},
		"aborted": {func(t *testing.T, url string, _ irma.FrontendAuthorization) {
			sendDelete(t, url)
		}, wallet.ErrPairingRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := irmatest.NewServer(t)
			pkg := server.Start(t, irma.NewIssuanceRequest(ageCredential()))
			auth, url := pkg.FrontendRequest.Authorization, pkg.SessionPtr.URL
			var options irma.SessionOptions
			wish := irma.FrontendOptions{LDContext: irma.ContextFrontendOptions, PairingMethod: irma.PairingPin}
			if err := json.Unmarshal(frontendPost(t, url+"/frontend/options", auth, wish), &options); err != nil {
				t.Fatal(err)
			}
			shown := ""
			w := server.NewWallet(t, wallet.Config{ShowPairingCode: func(_ context.Context, code string) {
				shown = code
				tc.frontend(t, url, auth)
			}})
			if _, err := w.Perform(t.Context(), pkg.SessionPtr); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			if shown == "" || shown != options.PairingCode {
				t.Errorf("wallet shows %q, frontend expects %q", shown, options.PairingCode)
			}
		})
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	var got []string
	w := server.NewWallet(t, wallet.Config{Choose: wallet.Refuse, Trace: func(step wallet.Step) {
		got = append(got, step.Name+" "+step.Method+" "+http.StatusText(step.Status))
	}})
	if _, err := server.Run(t, w, irma.NewIssuanceRequest(ageCredential())); !errors.Is(err, wallet.ErrRefused) {
		t.Fatal(err)
	}
	want := []string{"connect GET OK", "cancel DELETE OK"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
