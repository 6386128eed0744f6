package irmaserver

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/irmad/irmaserver/internal/fair"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestSaturated takes all places for computations. What does not compute is
// answered at once; proofs wait, and are judged when there is a place.
func TestSaturated(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Schemes: schemes, URL: "http://irma.test/irma/", CryptoWorkers: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		const request = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`
		session, err := s.StartSession(t.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
		if err != nil {
			t.Fatal(err)
		}
		var leave []func()
		for range 2 {
			done, err := s.crypto.Enter(t.Context(), fair.Job{Owner: "other"})
			if err != nil {
				t.Fatal(err)
			}
			leave = append(leave, done)
		}
		requestors, wallet, frontend := "/session/"+string(session.Token), session.SessionPtr.URL, string(session.FrontendRequest.Authorization)
		for _, ask := range []struct {
			handler                       http.Handler
			method, url, body, authorized string
		}{
			{s.RequestorHandler(), "POST", "/session", request, ""},
			{s.Handler(), "GET", wallet, "", "wallet"},
			{s.RequestorHandler(), "GET", requestors + "/status", "", ""},
			{s.RequestorHandler(), "GET", requestors + "/result", "", ""},
			{s.Handler(), "GET", wallet + "/status", "", ""},
			{s.Handler(), "GET", wallet + "/frontend/status", "", frontend},
		} {
			if w := asked(t.Context(), ask.handler, ask.method, ask.url, ask.body, ask.authorized); w.Code != http.StatusOK {
				t.Errorf("%s %s: %d %s", ask.method, ask.url, w.Code, w.Body)
			}
		}
		statuses, err := s.Subscribe(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		if status := <-statuses; status != irma.StatusConnected {
			t.Errorf("first status %s", status)
		}

		answer := make(chan *httptest.ResponseRecorder, 1)
		go func() {
			answer <- asked(t.Context(), s.Handler(), "POST", wallet+"/proofs", `{"proofs":[],"indices":[]}`, "wallet")
		}()
		synctest.Wait()
		if stats := s.CryptoStats(); stats != (CryptoStats{Running: 2, Waiting: 1}) || len(answer) > 0 {
			t.Errorf("while there is no place: %+v, %d answers", stats, len(answer))
		}
		leave[0]()
		if w := <-answer; w.Code != http.StatusOK {
			t.Errorf("proofs: %d %s", w.Code, w.Body)
		}
		if status := <-statuses; status != irma.StatusDone {
			t.Errorf("last status %s", status)
		}
		leave[1]()
	})
}

func asked(ctx context.Context, h http.Handler, method, url, body, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-IRMA-MinProtocolVersion", "2.8")
	r.Header.Set("X-IRMA-MaxProtocolVersion", "2.8")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
