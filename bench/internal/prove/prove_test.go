package prove_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// The proofs are accepted, again and again, and one for another session is not.
func TestProvers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := prove.WriteScheme(dir); err != nil {
		t.Fatal(err)
	}
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if problems := set.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	web := httptest.NewUnstartedServer(nil)
	s, err := irmaserver.New(irmaserver.Config{Schemes: set, URL: "http://" + web.Listener.Addr().String() + "/irma/"})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = s.Handler()
	web.Start()
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	types := []string{prove.Sized(1), prove.Sized(prove.MaxAttributes), prove.Nth(0)}
	for name, made := range map[string]func(*scheme.Set, ...string) (*prove.Prover, error){"disclosure": prove.NewDiscloser, "issuance": prove.NewReceiver} {
		p, err := made(set, types...)
		if err != nil {
			t.Fatal(err)
		}
		var body []byte
		for range 3 {
			session, err := s.StartSession(t.Context(), must(irma.ParseRequest(p.Request()))(t))
			if err != nil {
				t.Fatal(err)
			}
			hello := do(t, "GET", session.SessionPtr.URL, nil)
			stale := body
			if body, err = p.Answer([]byte(hello)); err != nil {
				t.Fatal(err)
			}
			if got := do(t, "POST", session.SessionPtr.URL+p.Path(), body); !strings.Contains(got, `"VALID"`) {
				t.Errorf("%s: %s", name, got)
			}
			if stale == nil {
				continue
			}
			session, err = s.StartSession(t.Context(), must(irma.ParseRequest(p.Request()))(t))
			if err != nil {
				t.Fatal(err)
			}
			do(t, "GET", session.SessionPtr.URL, nil)
			if got := do(t, "POST", session.SessionPtr.URL+p.Path(), stale); strings.Contains(got, `"VALID"`) {
				t.Errorf("%s: accepted proofs of another session: %s", name, got)
			}
		}
	}
}

func do(t *testing.T, method, url string, body []byte) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "wallet")
	r.Header.Set("X-IRMA-MinProtocolVersion", "2.8")
	r.Header.Set("X-IRMA-MaxProtocolVersion", "2.8")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
