package irmaserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

const (
	over18ID = "irmad-demo.gov.ageLimits.over18"
	over21ID = "irmad-demo.gov.ageLimits.over21"
	cityID   = "irmad-demo.gov.personalData.city"
	prefixID = "irmad-demo.gov.personalData.prefix"
	bsnID    = "irmad-demo.gov.root.bsn"
)

// filledWallet returns a wallet with credentials that the world issued.
func (w *world) filledWallet(t testing.TB, client *http.Client) *wallet.Wallet {
	t.Helper()
	if client == nil {
		client = w.network.client()
	}
	out, err := wallet.New(w.cfg.Schemes.Current(), wallet.Config{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	root := irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "12345"}}
	session := w.begin(t, irma.NewIssuanceRequest(ageLimits, personalData, root))
	if _, err := out.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	return out
}

// anyNext allows all follow-up sessions.
func anyNext(c *irmaserver.Config) {
	c.AuthorizeNext = func(context.Context, string, *irma.SessionRequest) error { return nil }
}

// chained asks for attributes, and the endpoint for what follows.
func chained(endpoint string, attributes ...irma.AttributeTypeID) *irma.ExtendedRequest {
	out := &irma.ExtendedRequest{Request: irma.NewDisclosureRequest(attributes...)}
	if endpoint != "" {
		out.NextSession = &irma.NextSession{URL: endpoint}
	}
	return out
}

func encoded(t testing.TB, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestChain runs three sessions: disclosure, issuance and disclosure.
func TestChain(t *testing.T) {
	t.Parallel()
	second := &irma.ExtendedRequest{
		CallbackURL: "http://cb/",
		NextSession: &irma.NextSession{URL: "http://two/?q=1"},
		Request:     irma.NewIssuanceRequest(personalData),
	}
	one := &receiver{respond: respond(200, encoded(t, second))}
	two := &receiver{respond: respond(200, encoded(t, irma.NewDisclosureRequest(prefixID)))}
	cb := new(receiver)
	var asked []string
	authorize := func(c *irmaserver.Config) {
		c.AuthorizeNext = func(_ context.Context, requestor string, request *irma.SessionRequest) error {
			asked = append(asked, requestor+" "+string(request.Action()))
			return nil
		}
	}
	inWorld(t, network{"one": one, "two": two, "cb": cb}, authorize, func(t *testing.T, w *world) {
		holder := w.filledWallet(t, nil)
		request := chained("http://one/next", over18ID)
		request.Request.Disclose = append(request.Request.Disclose, irma.DisCon{irma.Con{}, irma.Con{{Type: over21ID}}})
		request.CallbackURL = "http://cb/"
		first, err := w.StartSessionFor(t.Context(), "shop", request)
		if err != nil {
			t.Fatal(err)
		}
		outcome, err := holder.Perform(t.Context(), first.SessionPtr)
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Next == nil || outcome.Next.Next == nil || outcome.Next.Next.Next != nil || len(outcome.Next.Issued) != 1 {
			t.Fatalf("wallet did %+v", outcome)
		}
		if diff := cmp.Diff([]string{"shop issuing", "shop disclosing"}, asked); diff != "" {
			t.Errorf("authorized (-want +got):\n%s", diff)
		}

		over18 := []attribute{{over18ID, "yes", irma.AttributePresent}}
		wants := [][][]attribute{
			{over18, {}},
			{over18, {}},
			{{{prefixID, "<null>", irma.AttributeNull}}, over18, {}},
		}
		token, pointer := first.Token, first.SessionPtr
		var results []*irma.SessionResult
		for i, want := range wants {
			result, err := w.Result(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, result)
			if diff := cmp.Diff(want, attributes(result)); diff != "" || result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
				t.Errorf("session %d is %+v, disclosed (-want +got):\n%s", i, result, diff)
			}
			// The frontend of the first session follows all of them.
			var status irma.FrontendStatus
			got := call(t, w.Server, "GET", pointer.URL[len("http://irma/"):]+"/frontend/status", "Authorization", string(first.FrontendRequest.Authorization))
			if err := json.Unmarshal(got.Body.Bytes(), &status); err != nil || status.Status != irma.StatusDone {
				t.Fatalf("frontend of session %d: %d %s", i, got.Code, got.Body)
			}
			if last := i == len(wants)-1; (status.NextSession == nil) != last || (result.NextSession == "") != last {
				t.Fatalf("session %d: frontend %s, result %+v", i, got.Body, result)
			} else if !last {
				token, pointer = result.NextSession, *status.NextSession
			}
		}

		if got := one.got(); len(got) != 1 || got[0].uri != "/next" || got[0].header.Get("Content-Type") != "application/json; charset=UTF-8" {
			t.Errorf("first endpoint got %+v", got)
		}
		if got := two.got(); len(got) != 1 || got[0].uri != "/?q=1" {
			t.Errorf("second endpoint got %+v", got)
		}
		for i, endpoint := range []*receiver{one, two} {
			want := *results[i]
			want.Status, want.NextSession = irma.StatusConnected, ""
			if diff := cmp.Diff(&want, endpoint.got()[0].result(t)); diff != "" {
				t.Errorf("endpoint %d was told (-want +got):\n%s", i, diff)
			}
		}
		posts := cb.got()
		if len(posts) != 2 {
			t.Fatalf("%d callbacks", len(posts))
		}
		for i, post := range posts {
			if diff := cmp.Diff(results[i], post.result(t)); diff != "" {
				t.Errorf("callback %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

// TestChainSigned posts a JWT to the endpoint, of a legacy request too.
func TestChainSigned(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	one := &receiver{respond: respond(204, "")}
	inWorld(t, network{"one": one}, func(c *irmaserver.Config) { sign(c); anyNext(c) }, func(t *testing.T, w *world) {
		holder := w.filledWallet(t, nil)
		session := w.begin(t, chained("http://one/", over18ID))
		if _, err := holder.Perform(t.Context(), session.SessionPtr); err != nil {
			t.Fatal(err)
		}
		got := one.got()
		if len(got) != 1 || got[0].header.Get("Content-Type") != "text/plain; charset=UTF-8" {
			t.Fatalf("endpoint got %+v", got)
		}
		payload := verifyJWT(t, &key.PublicKey, got[0].body)
		want := `"iss":"our server","sub":"disclosing_result","token":"` + string(session.Token) + `","status":"CONNECTED","type":"disclosing","proofStatus":"VALID"`
		if !strings.Contains(payload, want) {
			t.Errorf("payload %s lacks %s", payload, want)
		}
		wantStatus(t, w.Server, session.Token, irma.StatusDone)
		if result, err := w.Result(t.Context(), session.Token); err != nil || result.NextSession != "" {
			t.Errorf("after 204: %+v, %v", result, err)
		}
	})
}

// stripped returns a client that takes nextSession out of answers, as a wallet
// that forgets the chain, and puts the pointer into ptr.
func stripped(n network, ptr *irma.SessionPointer) *http.Client {
	return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := n.RoundTrip(r)
		if err != nil || !strings.HasSuffix(r.URL.Path, "/proofs") {
			return response, err
		}
		var answer irma.ServerSessionResponse
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			return nil, err
		}
		if answer.NextSession != nil {
			*ptr, answer.NextSession = *answer.NextSession, nil
		}
		body, err := json.Marshal(answer)
		response.Body = io.NopCloser(bytes.NewReader(body))
		return response, err
	})}
}

// TestChainLeavesOut answers a follow-up session without the attributes of the
// session before.
func TestChainLeavesOut(t *testing.T) {
	t.Parallel()
	optional := irma.NewDisclosureRequest(bsnID)
	optional.Disclose = irma.ConDisCon{{irma.Con{}, irma.Con{{Type: bsnID}}}, {irma.Con{{Type: over21ID}}}}
	tests := map[string]struct {
		first, second *irma.SessionRequest
		want          irma.ProofStatus
	}{
		"left out":          {irma.NewDisclosureRequest(over18ID), irma.NewDisclosureRequest(cityID), irma.ProofMissingAttributes},
		"null left out":     {irma.NewDisclosureRequest(prefixID), irma.NewDisclosureRequest(bsnID), irma.ProofMissingAttributes},
		"optional left out": {optional, irma.NewDisclosureRequest(over21ID), irma.ProofMissingAttributes},
		"issuing, left out": {irma.NewDisclosureRequest(over18ID), irma.NewIssuanceRequest(personalData), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := &receiver{respond: respond(200, encoded(t, test.second))}
			inWorld(t, network{"one": one}, anyNext, func(t *testing.T, w *world) {
				var next irma.SessionPointer
				holder := w.filledWallet(t, stripped(w.network, &next))
				request := &irma.ExtendedRequest{Request: test.first, NextSession: &irma.NextSession{URL: "http://one/"}}
				session := w.begin(t, request)
				if _, err := holder.Perform(t.Context(), session.SessionPtr); err != nil || next.URL == "" {
					t.Fatalf("%v, pointer %+v", err, next)
				}
				outcome, err := holder.Perform(t.Context(), next)
				result, _ := w.Result(t.Context(), session.Token)
				second, failure := w.Result(t.Context(), result.NextSession)
				if failure != nil {
					t.Fatal(failure)
				}
				if test.want == "" {
					if !errors.Is(err, irma.ErrInvalidProofs) || second.Status != irma.StatusCancelled || len(outcome.Issued) != 0 {
						t.Errorf("wallet got %v, result is %+v", err, second)
					}
					return
				}
				if !errors.Is(err, wallet.ErrRejected) || second.ProofStatus != test.want || second.Status != irma.StatusDone {
					t.Errorf("wallet got %v, result is %+v", err, second)
				}
			})
		})
	}
}

// TestChainFails fails to start the follow-up session in all ways: the wallet is
// told no more than that, the requestor gets the reason.
func TestChainFails(t *testing.T) {
	t.Parallel()
	good := encoded(t, irma.NewDisclosureRequest(bsnID))
	refuse := func(c *irmaserver.Config) {
		c.AuthorizeNext = func(context.Context, string, *irma.SessionRequest) error {
			return irma.ErrUnauthorized.With("secret permissions of bsn")
		}
	}
	slowly := func(c *irmaserver.Config) {
		c.AuthorizeNext = func(ctx context.Context, _ string, _ *irma.SessionRequest) error {
			<-ctx.Done()
			return ctx.Err()
		}
	}
	tests := map[string]struct {
		change  func(*irmaserver.Config)
		respond func(http.ResponseWriter, *http.Request, int)
		posts   int
		message string
		waited  time.Duration
	}{
		"nobody authorizes":     {nil, respond(200, good), 1, "next session not authorized: this server allows no follow-up sessions", 0},
		"refused":               {refuse, respond(200, good), 1, "next session not authorized: secret permissions of bsn", 0},
		"authorized too slowly": {slowly, respond(200, good), 1, "next session not authorized: context deadline exceeded", 3500 * time.Millisecond},
		"internal error":        {anyNext, respond(500, "secret stack"), 1, "status 500", 0},
		"created":               {anyNext, respond(201, good), 1, "status 201", 0},
		"redirect":              {anyNext, respond(302, ""), 1, "status 302", 0},
		"empty":                 {anyNext, respond(200, ""), 1, "unexpected end", 0},
		"garbage":               {anyNext, respond(200, "<html>"), 1, "invalid character", 0},
		"JWT":                   {anyNext, respond(200, "a.b.c"), 1, "invalid character", 0},
		"invalid request":       {anyNext, respond(200, strings.Replace(good, bsnID, "bsn", 1)), 1, "4 or 3 parts", 0},
		"unknown attribute":     {anyNext, respond(200, strings.Replace(good, bsnID, bsnID+"2", 1)), 1, "Unknown identifiers: irmad-demo.gov.root.bsn2", 0},
		"too long":              {anyNext, respond(200, strings.Repeat(" ", 2<<20)+good), 1, "longer than 1048576 bytes", 0},
		"no answer":             {anyNext, hang, 1, "posting to http://one: context deadline exceeded", 3500 * time.Millisecond},
		"not there":             {anyNext, nil, 0, "posting to http://one: lookup one: no such host", 200 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, cb := &receiver{respond: test.respond}, new(receiver)
			n := network{"one": one, "cb": cb}
			if test.respond == nil {
				delete(n, "one")
			}
			inWorld(t, n, test.change, func(t *testing.T, w *world) {
				holder := w.filledWallet(t, nil)
				request := chained("http://one/secret", over18ID)
				request.CallbackURL = "http://cb/"
				session := w.begin(t, request)
				begin := time.Now()
				_, err := holder.Perform(t.Context(), session.SessionPtr)
				want := irma.ErrNextSession.With("the requestor's follow-up session could not be started")
				if known := irma.AsError(err); known == nil || *known != *want {
					t.Errorf("wallet got %v", err)
				}
				if waited := time.Since(begin); waited != test.waited {
					t.Errorf("wallet waited %v", waited)
				}
				result, err := w.Result(t.Context(), session.Token)
				if err != nil {
					t.Fatal(err)
				}
				if result.Status != irma.StatusCancelled || result.Disclosed != nil || result.NextSession != "" || result.Err == nil ||
					!result.Err.Is(irma.ErrNextSession) || !strings.Contains(result.Err.Message, test.message) {
					t.Errorf("result is %+v, error %v", result, result.Err)
				}
				if len(one.got()) != test.posts {
					t.Errorf("endpoint got %d posts", len(one.got()))
				}
				synctest.Wait()
				if got := cb.got(); len(got) != 1 || !cmp.Equal(got[0].result(t), result) {
					t.Errorf("callbacks %+v", got)
				}
			})
		})
	}
}

// TestChainBadProof ends as without a chain.
func TestChainBadProof(t *testing.T) {
	t.Parallel()
	one := new(receiver)
	inWorld(t, network{"one": one}, anyNext, func(t *testing.T, w *world) {
		session := w.begin(t, chained("http://one/", over18ID))
		if got := w.finish(t, session); got.status != http.StatusOK || got.body != `{"proofStatus":"MISSING_ATTRIBUTES"}` {
			t.Errorf("wallet got %d %s", got.status, got.body)
		}
		wantStatus(t, w.Server, session.Token, irma.StatusDone)
		if len(one.got()) != 0 {
			t.Error("the endpoint was asked")
		}
	})
}

// TestChainRetriesConnection asks again when the connection fails.
func TestChainRetriesConnection(t *testing.T) {
	t.Parallel()
	one := &receiver{respond: func(w http.ResponseWriter, _ *http.Request, nth int) {
		w.WriteHeader(http.StatusNoContent)
	}}
	n := network{"one": one}
	fails := 0
	unreliable := func(c *irmaserver.Config) {
		anyNext(c)
		c.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if fails++; fails < 3 {
				return nil, errors.New("connection reset")
			}
			return n.RoundTrip(r)
		})}
	}
	inWorld(t, n, unreliable, func(t *testing.T, w *world) {
		holder := w.filledWallet(t, nil)
		session := w.begin(t, chained("http://one/", over18ID))
		if _, err := holder.Perform(t.Context(), session.SessionPtr); err != nil || len(one.got()) != 1 || fails != 3 {
			t.Errorf("%v with %d posts after %d attempts", err, len(one.got()), fails)
		}
	})
}

// TestChainConcurrentPosts repeats the wallet's message while the endpoint is
// asked, and after: it is asked once, and all get the same answer.
func TestChainConcurrentPosts(t *testing.T) {
	t.Parallel()
	one := &receiver{}
	good := encoded(t, irma.NewDisclosureRequest(bsnID))
	one.respond = func(w http.ResponseWriter, _ *http.Request, _ int) {
		time.Sleep(2 * time.Second)
		io.WriteString(w, good)
	}
	n := network{"one": one}
	inWorld(t, n, anyNext, func(t *testing.T, w *world) {
		var mu sync.Mutex
		answers := make(map[string]int)
		repeating := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/proofs") {
				return n.RoundTrip(r)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			var group sync.WaitGroup
			for i := range 8 {
				group.Go(func() {
					time.Sleep(time.Duration(i) * 400 * time.Millisecond)
					again := r.Clone(r.Context())
					again.Body = io.NopCloser(bytes.NewReader(body))
					response, err := n.RoundTrip(again)
					if err != nil {
						t.Error(err)
						return
					}
					answer, _ := io.ReadAll(response.Body)
					mu.Lock()
					defer mu.Unlock()
					answers[r.URL.Path+string(answer)]++
				})
			}
			group.Wait()
			r.Body = io.NopCloser(bytes.NewReader(body))
			return n.RoundTrip(r)
		})}
		holder := w.filledWallet(t, repeating)
		session := w.begin(t, chained("http://one/", over18ID))
		outcome, err := holder.Perform(t.Context(), session.SessionPtr)
		if err != nil || outcome.Next == nil {
			t.Fatalf("%+v, %v", outcome, err)
		}
		if len(one.got()) != 1 {
			t.Errorf("endpoint was asked %d times", len(one.got()))
		}
		for answer, count := range answers {
			if count != 8 || !strings.Contains(answer, `{"proofStatus":"VALID"`) {
				t.Errorf("%d times %s", count, answer)
			}
		}
		if len(answers) != 2 {
			t.Errorf("%d different answers to 2 sessions", len(answers))
		}
	})
}

// TestChainOtherPost posts another message while the endpoint is asked.
func TestChainOtherPost(t *testing.T) {
	t.Parallel()
	n := network{}
	inWorld(t, n, anyNext, func(t *testing.T, w *world) {
		var authorization string
		client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			authorization = r.Header.Get("Authorization")
			return n.RoundTrip(r)
		})}
		holder := w.filledWallet(t, client)
		session := w.begin(t, chained("http://one/", over18ID))
		other := make(chan reply, 1)
		n["one"] = &receiver{respond: func(rw http.ResponseWriter, _ *http.Request, _ int) {
			go func() {
				r := httptest.NewRequest("POST", session.SessionPtr.URL+"/proofs", strings.NewReader(noProofs))
				r.Header.Set("Authorization", authorization)
				recorder := httptest.NewRecorder()
				w.Handler().ServeHTTP(recorder, r)
				other <- reply{recorder.Code, recorder.Header(), recorder.Body.String()}
			}()
			synctest.Wait() // the other message waits for its turn
			rw.WriteHeader(http.StatusNoContent)
		}}
		_, err := holder.Perform(t.Context(), session.SessionPtr)
		result, failure := w.Result(t.Context(), session.Token)
		if failure != nil {
			t.Fatal(failure)
		}
		if err != nil || result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
			t.Errorf("wallet got %v, result %+v", err, result)
		}
		wantError(t, <-other, irma.ErrUnexpectedRequest, "already finished")
	})
}

// TestChainCancel cancels the follow-up session through the first one.
func TestChainCancel(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *world, *irma.SessionPackage){
		"page left": func(t *testing.T, w *world, s *irma.SessionPackage) {
			if got := call(t, w.Server, "DELETE", s.SessionPtr.URL[len("http://irma/"):]); got.Code != http.StatusOK {
				t.Errorf("got %d %s", got.Code, got.Body)
			}
		},
		"requestor": func(t *testing.T, w *world, s *irma.SessionPackage) { w.cancel(t, s) },
	}
	for name, cancel := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cb := new(receiver)
			second := disclosing("http://cb/")
			one := &receiver{respond: respond(200, encoded(t, second))}
			inWorld(t, network{"one": one, "cb": cb}, anyNext, func(t *testing.T, w *world) {
				var next irma.SessionPointer
				holder := w.filledWallet(t, stripped(w.network, &next))
				session := w.begin(t, chained("http://one/", over18ID))
				if _, err := holder.Perform(t.Context(), session.SessionPtr); err != nil {
					t.Fatal(err)
				}
				result, err := w.Result(t.Context(), session.Token)
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, w.Server, result.NextSession, irma.StatusInitialized)
				cancel(t, w, session)
				wantStatus(t, w.Server, session.Token, irma.StatusDone)
				wantStatus(t, w.Server, result.NextSession, irma.StatusCancelled)
				synctest.Wait()
				if got := cb.got(); len(got) != 1 || got[0].result(t).Status != irma.StatusCancelled {
					t.Errorf("callbacks %+v", got)
				}
			})
		})
	}
}

// TestChainCancelledMeanwhile ends the first session while the endpoint is
// asked: what it asked for ends too, since nobody gets to know of it.
func TestChainCancelledMeanwhile(t *testing.T) {
	t.Parallel()
	cb := new(receiver)
	n := network{"cb": cb}
	inWorld(t, n, anyNext, func(t *testing.T, w *world) {
		holder := w.filledWallet(t, nil)
		session := w.begin(t, chained("http://one/", over18ID))
		n["one"] = &receiver{respond: func(rw http.ResponseWriter, _ *http.Request, _ int) {
			if err := w.CancelSession(context.Background(), session.Token); err != nil {
				t.Error(err)
			}
			io.WriteString(rw, encoded(t, disclosing("http://cb/")))
		}}
		if _, err := holder.Perform(t.Context(), session.SessionPtr); !errors.Is(err, irma.ErrUnexpectedRequest) {
			t.Errorf("wallet got %v", err)
		}
		want := &irma.SessionResult{Token: session.Token, Status: irma.StatusCancelled, Type: irma.Disclosing}
		if result, err := w.Result(t.Context(), session.Token); err != nil || !cmp.Equal(want, result) {
			t.Errorf("result is %+v, %v", result, err)
		}
		synctest.Wait()
		if got := cb.got(); len(got) != 1 || got[0].result(t).Status != irma.StatusCancelled {
			t.Errorf("callbacks of the follow-up %+v", got)
		}
	})
}
