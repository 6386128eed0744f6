package irmaserver_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

func unsigned(c *irmaserver.Config) { c.AllowUnsignedCallbacks = true }

func signing(t testing.TB) (*rsa.PrivateKey, func(*irmaserver.Config)) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, func(c *irmaserver.Config) { c.JWTKey, c.JWTIssuer = key, "our server" }
}

// TestCallbackOverHTTP runs real sessions with a real receiver: it has the
// result before the wallet's answer.
func TestCallbackOverHTTP(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	tests := map[string]struct {
		option      func(*irmaserver.Config)
		contentType string
	}{
		"JSON": {unsigned, "application/json; charset=UTF-8"},
		"JWT":  {sign, "text/plain; charset=UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := new(witness)
			s := newSite(t, test.option, func(c *irmaserver.Config) { c.Observer = seen })
			w := s.NewWallet(t, wallet.Config{})
			s.Issue(t, w, ageLimits)
			r := new(receiver)
			request := disclosing(r.listen(t) + "/cb/one")
			session := s.Start(t, request)
			if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
				t.Fatal(err)
			}
			got := r.got()
			if len(got) != 1 {
				t.Fatalf("%d posts when the wallet has its answer", len(got))
			}
			if err := s.Irma.Close(t.Context()); err != nil { // after which the observer has been told
				t.Fatal(err)
			}
			if diff := cmp.Diff([]irmaserver.CallbackEvent{{Delivered: true, Status: http.StatusNoContent}}, seen.callbacks); diff != "" {
				t.Errorf("callbacks observed (-want +got):\n%s", diff)
			}
			post := got[0]
			if post.uri != "/cb/one/" || post.header.Get("Content-Type") != test.contentType || len(post.header.Get("Idempotency-Key")) != 32 {
				t.Errorf("posted to %s with header %v", post.uri, post.header)
			}
			body := post.body
			if name == "JWT" {
				body = verifyJWT(t, &key.PublicKey, body)
			}
			want, err := s.Irma.Result(t.Context(), session.Token)
			if err != nil {
				t.Fatal(err)
			}
			result := posted{body: body}.result(t)
			if diff := cmp.Diff(want, result); diff != "" || result.ProofStatus != irma.ProofValid || len(result.Disclosed) != 1 {
				t.Errorf("posted result (-want +got):\n%s", diff)
			}
			if stats := s.Irma.CallbackStats(); stats.Delivered != 1 || stats.Failed+stats.Abandoned != 0 {
				t.Errorf("stats are %+v", stats)
			}
		})
	}
}

// TestCallbackURL posts to all kinds of URLs: the slash comes behind a path, and
// queries stay as they are.
func TestCallbackURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "/", "/": "/", "/a": "/a/", "/a/": "/a/", "/a?x=y": "/a?x=y", "/a/?x": "/a/?x", "/a%2Fb": "/a%2Fb/"} {
		r := new(receiver)
		inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
			w.cancel(t, w.begin(t, disclosing("http://cb"+given)))
			synctest.Wait()
			if got := r.got(); len(got) != 1 || got[0].uri != want {
				t.Errorf("%s: posted %+v", given, got)
			}
		})
	}
}

// TestCallbackEnds ends sessions in all ways. Each posts its result once, with
// much asking meanwhile and long after.
func TestCallbackEnds(t *testing.T) {
	t.Parallel()
	nothing := func(*testing.T, *world, *irma.SessionPackage) {}
	tests := map[string]struct {
		request *irma.SessionRequest
		end     func(*testing.T, *world, *irma.SessionPackage)
		want    irma.SessionResult
	}{
		"answered": {
			end:  func(t *testing.T, w *world, s *irma.SessionPackage) { w.finish(t, s) },
			want: irma.SessionResult{Status: irma.StatusDone, ProofStatus: irma.ProofMissingAttributes},
		},
		"answered twice": {
			end: func(t *testing.T, w *world, s *irma.SessionPackage) {
				w.finish(t, s)
				w.post(t, s.SessionPtr.URL, "/proofs", noProofs)
			},
			want: irma.SessionResult{Status: irma.StatusDone, ProofStatus: irma.ProofMissingAttributes},
		},
		"cancelled by the user": {
			end: func(t *testing.T, w *world, s *irma.SessionPackage) {
				w.connect(t, s)
				call(t, w.Server, "DELETE", s.SessionPtr.URL[len("http://irma/"):])
				call(t, w.Server, "DELETE", s.SessionPtr.URL[len("http://irma/"):])
			},
			want: irma.SessionResult{Status: irma.StatusCancelled},
		},
		"cancelled by the requestor": {
			end: func(t *testing.T, w *world, s *irma.SessionPackage) {
				w.cancel(t, s)
				w.cancel(t, s)
			},
			want: irma.SessionResult{Status: irma.StatusCancelled},
		},
		"failed": {
			request: irma.NewIssuanceRequest(ageLimits),
			end: func(t *testing.T, w *world, s *irma.SessionPackage) {
				w.connect(t, s)
				w.post(t, s.SessionPtr.URL, "/commitments", `{"n_2":1,"combinedProofs":[]}`)
			},
			want: irma.SessionResult{Status: irma.StatusCancelled, Err: irma.ErrMalformedInput.With("Received insufficient proofs")},
		},
		"nobody came":    {end: nothing, want: irma.SessionResult{Status: irma.StatusTimeout}},
		"nobody went on": {end: func(t *testing.T, w *world, s *irma.SessionPackage) { w.connect(t, s) }, want: irma.SessionResult{Status: irma.StatusTimeout}},
	}
	for name, test := range tests {
		for _, polled := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := new(receiver)
				inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
					request := disclosing("http://cb/")
					if test.request != nil {
						request.Request = test.request
					}
					session := w.begin(t, request)
					test.end(t, w, session)
					for range 20 * 60 {
						time.Sleep(time.Second)
						if polled {
							_, _ = w.Status(t.Context(), session.Token)
							_, _ = w.Result(t.Context(), session.Token)
							call(t, w.Server, "GET", session.SessionPtr.URL[len("http://irma/"):]+"/status")
						}
					}
					got := r.got()
					if len(got) != 1 {
						t.Fatalf("%d posts", len(got))
					}
					want := test.want
					want.Token, want.Type = session.Token, request.Request.Action()
					if diff := cmp.Diff(&want, got[0].result(t)); diff != "" {
						t.Errorf("posted (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// TestCallbackSlow lets the wallet wait for the receiver, but not long.
func TestCallbackSlow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		delay, waited time.Duration
		posts         int // one minute later
	}{
		"quick":     {0, 0, 1},
		"slow":      {3 * time.Second, 3 * time.Second, 1},
		"too slow":  {10 * time.Second, 3500 * time.Millisecond, 1},
		"no answer": {24 * time.Hour, 3500 * time.Millisecond, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &receiver{respond: func(_ http.ResponseWriter, r *http.Request, _ int) {
				select {
				case <-time.After(test.delay):
				case <-r.Context().Done():
				}
			}}
			inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
				session := w.begin(t, disclosing("http://cb/"))
				begin := time.Now()
				if got := w.finish(t, session); got.status != http.StatusOK || !strings.Contains(got.body, "MISSING_ATTRIBUTES") {
					t.Errorf("wallet got %d %s", got.status, got.body)
				}
				if waited := time.Since(begin); waited != test.waited {
					t.Errorf("wallet waited %v, want %v", waited, test.waited)
				}
				wantStatus(t, w.Server, session.Token, irma.StatusDone)
				time.Sleep(time.Minute)
				if got := r.got(); len(got) != test.posts {
					t.Errorf("%d posts within a minute, want %d", len(got), test.posts)
				}
			})
		})
	}
}

// TestCallbackRetries repeats what was not accepted, later and later, with the
// same Idempotency-Key.
func TestCallbackRetries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		respond func(http.ResponseWriter, *http.Request, int)
		posts   int
		gap     time.Duration // at least, before the last post
		stats   irmaserver.CallbackStats
	}{
		"accepted":     {respond(200, "thank you"), 1, 0, irmaserver.CallbackStats{Delivered: 1}},
		"accepted 202": {respond(202, ""), 1, 0, irmaserver.CallbackStats{Delivered: 1}},
		"long answer":  {respond(200, strings.Repeat("x", 2<<20)), 1, 0, irmaserver.CallbackStats{Delivered: 1}},
		"unavailable once": {func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}, 2, 500 * time.Millisecond, irmaserver.CallbackStats{Delivered: 1, Failed: 1}},
		"unavailable five times": {func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth <= 5 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}, 6, 8 * time.Second, irmaserver.CallbackStats{Delivered: 1, Failed: 5}},
		"Retry-After": {func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth == 1 {
				w.Header().Set("Retry-After", "600")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, 2, 10 * time.Minute, irmaserver.CallbackStats{Delivered: 1, Failed: 1}},
		"Retry-After, endless": {func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth == 1 {
				w.Header().Set("Retry-After", "100000000")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}, 2, time.Hour, irmaserver.CallbackStats{Delivered: 1, Failed: 1}},
		"refused":      {respond(400, ""), 1, 0, irmaserver.CallbackStats{Abandoned: 1}},
		"gone":         {respond(410, ""), 1, 0, irmaserver.CallbackStats{Abandoned: 1}},
		"redirected":   {respond(302, ""), 1, 0, irmaserver.CallbackStats{Abandoned: 1}},
		"never":        {respond(503, ""), 20, 150 * time.Second, irmaserver.CallbackStats{Abandoned: 1, Failed: 19}},
		"never answer": {hang, 20, 150 * time.Second, irmaserver.CallbackStats{Abandoned: 1, Failed: 19}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &receiver{respond: test.respond}
			inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
				session := w.begin(t, disclosing("http://cb/"))
				w.finish(t, session)
				time.Sleep(2 * time.Hour)
				got := r.got()
				if len(got) != test.posts {
					t.Fatalf("%d posts, want %d", len(got), test.posts)
				}
				keys := make(map[string]bool)
				bodies := make(map[string]bool)
				for _, post := range got {
					keys[post.header.Get("Idempotency-Key")] = true
					bodies[post.body] = true
				}
				if len(keys) != 1 || len(bodies) != 1 {
					t.Errorf("%d keys and %d bodies, want 1 of each", len(keys), len(bodies))
				}
				if last := len(got) - 1; last > 0 && got[last].at.Sub(got[last-1].at) < test.gap {
					t.Errorf("last post after %v, want at least %v", got[last].at.Sub(got[last-1].at), test.gap)
				}
				if diff := cmp.Diff(test.stats, w.CallbackStats()); diff != "" {
					t.Errorf("stats (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCallbackNobodyThere posts to a host that does not exist until later.
func TestCallbackNobodyThere(t *testing.T) {
	t.Parallel()
	r := new(receiver)
	n := network{"cb": r}
	late := func(c *irmaserver.Config) {
		opens := time.Now().Add(30 * time.Minute)
		c.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if time.Now().Before(opens) {
				return nil, errors.New("connection refused")
			}
			return n.RoundTrip(r)
		})}
	}
	inWorld(t, n, late, func(t *testing.T, w *world) {
		session := w.begin(t, disclosing("http://cb/"))
		if got := w.finish(t, session); got.status != http.StatusOK {
			t.Errorf("wallet got %d %s", got.status, got.body)
		}
		time.Sleep(30 * time.Minute)
		if _, err := w.Result(t.Context(), session.Token); err == nil {
			t.Error("the result is still offered to those who ask")
		}
		time.Sleep(10 * time.Minute)
		if got := r.got(); len(got) != 1 || got[0].result(t).Status != irma.StatusDone {
			t.Errorf("posted %+v", got)
		}
		time.Sleep(2 * time.Hour)
		if got := r.got(); len(got) != 1 {
			t.Errorf("%d posts", len(got))
		}
	})
}

// TestCallbackNotAURL refuses callbacks that could not be made.
func TestCallbackNotAURL(t *testing.T) {
	t.Parallel()
	s := newSite(t, unsigned)
	for _, bad := range []string{"cb", "/cb", "ftp://h/", "http://", "mailto:me@h", "http://[::1", "://", "http://" + strings.Repeat("h", 301) + "/"} {
		_, err := s.Irma.StartSession(t.Context(), disclosing(bad))
		if known := irma.AsError(err); known == nil || !known.Is(irma.ErrInvalidRequest) || !strings.Contains(known.Message, "callbackUrl") {
			t.Errorf("%s: %v", bad, err)
		}
		request := disclosing("")
		request.NextSession = &irma.NextSession{URL: bad}
		_, err = s.Irma.StartSession(t.Context(), request)
		if known := irma.AsError(err); known == nil || !known.Is(irma.ErrInvalidRequest) || !strings.Contains(known.Message, "nextSession.url") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
