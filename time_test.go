package irmaserver_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// inBubble runs a test with a server in virtual time, called without a network.
func inBubble(t *testing.T, test func(t *testing.T, s *irmaserver.Server)) {
	t.Helper()
	schemes := demoSchemes(t)
	synctest.Test(t, func(t *testing.T) {
		s, err := irmaserver.New(irmaserver.Config{Schemes: schemes, SessionLifetime: 10 * time.Minute, ResultLifetime: 2 * time.Minute, PrimePool: -1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		test(t, s)
	})
}

func demoSchemes(t testing.TB) *scheme.Set {
	t.Helper()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	return schemes
}

func startDisclosure(t *testing.T, s *irmaserver.Server, timeout int) *irma.SessionPackage {
	t.Helper()
	session, err := s.StartSession(t.Context(), &irma.ExtendedRequest{
		Timeout: timeout,
		Request: irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// call sends a wallet's request to the handler.
func call(t *testing.T, s *irmaserver.Server, method, url string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "/"+url, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func wantStatus(t *testing.T, s *irmaserver.Server, token irma.RequestorToken, want irma.Status) {
	t.Helper()
	got, err := s.Status(t.Context(), token)
	if err != nil || got != want {
		t.Errorf("status is %s, %v; want %s", got, err, want)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		timeout int
		connect bool
		want    time.Duration
	}{
		"waiting":          {want: 10 * time.Minute},
		"own timeout":      {timeout: 30, want: 30 * time.Second},
		"long own timeout": {timeout: 3600, want: time.Hour},
		"connected":        {timeout: 30, connect: true, want: 10 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *irmaserver.Server) {
				session := startDisclosure(t, s, test.timeout)
				last := irma.StatusInitialized
				if test.connect {
					call(t, s, "GET", session.SessionPtr.URL, walletHeaders("wallet")...)
					last = irma.StatusConnected
				}
				time.Sleep(test.want - time.Second)
				wantStatus(t, s, session.Token, last)
				time.Sleep(time.Second)
				wantStatus(t, s, session.Token, irma.StatusTimeout)
				result, err := s.Result(t.Context(), session.Token)
				if err != nil {
					t.Fatal(err)
				}
				want := &irma.SessionResult{Token: session.Token, Status: irma.StatusTimeout, Type: irma.Disclosing}
				if diff := cmp.Diff(want, result); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				time.Sleep(2*time.Minute - time.Second)
				wantStatus(t, s, session.Token, irma.StatusTimeout)
				time.Sleep(2 * time.Second)
				if _, err := s.Status(t.Context(), session.Token); !errors.Is(err, irma.ErrSessionUnknown) {
					t.Errorf("after its lifetime the result is still known: %v", err)
				}
			})
		})
	}
}

// TestSubscribe gets every status once, in order, and the end.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *irmaserver.Server) {
		session := startDisclosure(t, s, 0)
		early, err := s.Subscribe(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		call(t, s, "GET", session.SessionPtr.URL, walletHeaders("wallet")...)
		late, err := s.Subscribe(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CancelSession(t.Context(), session.Token); err != nil {
			t.Fatal(err)
		}
		over, err := s.Subscribe(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		wants := map[<-chan irma.Status][]irma.Status{
			early: {irma.StatusInitialized, irma.StatusConnected, irma.StatusCancelled},
			late:  {irma.StatusConnected, irma.StatusCancelled},
			over:  {irma.StatusCancelled},
		}
		for channel, want := range wants {
			var got []irma.Status
			for status := range channel {
				got = append(got, status)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
		}
	})
}

// TestWaitForTimeout waits for a session that nobody answers; the end comes
// without anybody asking.
func TestWaitForTimeout(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *irmaserver.Server) {
		begin := time.Now()
		session := startDisclosure(t, s, 60)
		statuses, err := s.Subscribe(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		result, err := s.WaitResult(t.Context(), session.Token)
		if err != nil || result.Status != irma.StatusTimeout {
			t.Fatalf("got %+v, %v", result, err)
		}
		if waited := time.Since(begin); waited < time.Minute || waited > time.Minute+2*time.Second {
			t.Errorf("waited %v", waited)
		}
		var last irma.Status
		for last = range statuses {
		}
		if last != irma.StatusTimeout {
			t.Errorf("last status is %s", last)
		}
	})
}

// TestReplayEnds asks for a lost answer too late.
func TestReplayEnds(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *irmaserver.Server) {
		session := startDisclosure(t, s, 0)
		headers := walletHeaders("wallet")
		first := call(t, s, "GET", session.SessionPtr.URL, headers...)
		time.Sleep(30 * time.Second)
		if again := call(t, s, "GET", session.SessionPtr.URL, headers...); again.Body.String() != first.Body.String() {
			t.Errorf("after 30 s: %s", again.Body)
		}
		time.Sleep(time.Second)
		if again := call(t, s, "GET", session.SessionPtr.URL, headers...); again.Code != http.StatusForbidden {
			t.Errorf("after 31 s: %d %s", again.Code, again.Body)
		}
	})
}
