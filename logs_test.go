package irmaserver_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

// logBook keeps the lines of a logger.
type logBook struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (b *logBook) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.Write(line)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines.String()
}

func (b *logBook) logger() *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zap.NewDevelopmentEncoderConfig())
	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(b), zapcore.DebugLevel))
}

// snoop notes what wallets send as their authorization.
type snoop struct {
	network
	mu    sync.Mutex
	heard map[string]bool
}

func (s *snoop) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.heard[r.Header.Get("Authorization")] = true
	s.mu.Unlock()
	return s.network.RoundTrip(r)
}

// TestLogs does about everything that is logged, and looks for what must not be
// in any line: tokens, attribute values, and paths and answers of receivers.
func TestLogs(t *testing.T) {
	t.Parallel()
	const path = "/secretpath?secretquery"
	bad := irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "secretnext", "other": "secretother"}})
	n := network{
		"good":   &receiver{},
		"busy":   &receiver{respond: respond(503, "secretanswer")},
		"refuse": &receiver{respond: respond(400, "secretanswer")},
		"move": &receiver{respond: func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Location", "http://[secretlocation")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}},
		"silent":  &receiver{respond: hang},
		"next":    &receiver{respond: respond(200, encoded(t, irma.NewDisclosureRequest(bsnID)))},
		"invalid": &receiver{respond: respond(200, encoded(t, bad))},
		"garbage": &receiver{respond: respond(200, `{"@context":"secretcontext","disclose":"secretanswer"}`)},
		"fail":    &receiver{respond: respond(500, "secretanswer")},
	}
	for _, signed := range []bool{false, true} {
		t.Run(map[bool]string{false: "unsigned", true: "signed"}[signed], func(t *testing.T) {
			book := new(logBook)
			_, sign := signing(t)
			configure := func(c *irmaserver.Config) {
				c.Logger = book.logger()
				c.AugmentClientReturnURL = true
				c.StaticSessions = map[string]irma.Request{"qr": disclosing("http://good" + path)}
				c.AuthorizeNext = func(_ context.Context, requestor string, _ *irma.SessionRequest) error {
					if requestor == "banned" {
						return irma.ErrUnauthorized.With("no permission")
					}
					return nil
				}
				if signed {
					sign(c)
				}
			}
			inWorld(t, n, configure, func(t *testing.T, w *world) {
				spy := &snoop{network: n, heard: make(map[string]bool)}
				holder := w.filledWallet(t, &http.Client{Transport: spy})
				var sessions []*irma.SessionPackage
				start := func(requestor string, request *irma.ExtendedRequest) *irma.SessionPackage {
					request.Request.ClientReturnURL, request.Request.AugmentReturnURL = "https://example.com/secretreturn", true
					session, err := w.StartSessionFor(t.Context(), requestor, request)
					if err != nil {
						t.Fatal(err)
					}
					sessions = append(sessions, session)
					return session
				}
				for _, host := range []string{"good", "busy", "refuse", "move", "silent", "nowhere"} {
					request := disclosing("http://user:secretpassword@" + host + path)
					request.Request = irma.NewDisclosureRequest(over18ID, bsnID, cityID)
					if _, err := holder.Perform(t.Context(), start("", request).SessionPtr); err != nil {
						t.Error(err)
					}
				}
				for _, host := range []string{"next", "invalid", "garbage", "fail", "silent", "nowhere"} {
					_, _ = holder.Perform(t.Context(), start("", chained("http://user:secretpassword@"+host+path, bsnID, cityID)).SessionPtr)
				}
				_, _ = holder.Perform(t.Context(), start("banned", chained("http://next"+path, bsnID)).SessionPtr)
				if _, err := holder.Perform(t.Context(), irma.SessionPointer{URL: "http://irma/irma/session/qr", Action: "redirect"}); err != nil {
					t.Error(err)
				}

				// Wallets and requestors that do everything wrong.
				odd := start("", disclosing("http://good"+path))
				w.connect(t, odd)
				for _, body := range []string{"secretbody", `{"proofs":[{"secretmember":"secretbody"}],"indices":[]}`, `{"proofs":[],"indices":[[{"cred":9,"attr":9}]]}`} {
					w.post(t, odd.SessionPtr.URL, "/proofs", body)
					w.post(t, odd.SessionPtr.URL, "/commitments", body)
					w.post(t, odd.SessionPtr.URL, "/secretplace", body)
				}
				issuing := start("", &irma.ExtendedRequest{Request: irma.NewIssuanceRequest(personalData), CallbackURL: "http://busy" + path})
				w.connect(t, issuing)
				w.post(t, issuing.SessionPtr.URL, "/commitments", `{"n_2":1,"combinedProofs":[]}`)
				if _, err := w.StartSession(t.Context(), bad); err == nil {
					t.Error("a bad request started a session")
				}
				requestor := w.RequestorHandler()
				for _, body := range []string{encoded(t, bad), `{"secretkey":"secretvalue"}`, strings.Replace(discloseOver18, "{", `{"unknownKey":"secretvalue",`, 1)} {
					r, _ := http.NewRequest("POST", "http://api/session", strings.NewReader(body))
					r.Header.Set("Content-Type", "application/json")
					response, err := network{"api": requestor}.RoundTrip(r)
					if err != nil {
						t.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, response.Body)
				}
				start("", disclosing("http://busy"+path)) // times out
				time.Sleep(3 * time.Hour)
				if err := w.Close(t.Context()); err != nil {
					t.Error(err)
				}

				secrets := map[string]string{
					"wallet": `"wallet"`, "bsn": "12345", "family name": "Stuivezand", "city": "Nijmegen", "first name": "Alice", "birth date": "1990-02-28", "JWT": "eyJ",
				}
				for i, session := range sessions {
					name := "session " + string(rune('A'+i))
					secrets[name+" requestor token"] = string(session.Token)
					secrets[name+" client token"] = session.SessionPtr.URL[strings.LastIndex(session.SessionPtr.URL, "/")+1:]
					secrets[name+" frontend"] = string(session.FrontendRequest.Authorization)
				}
				delete(spy.heard, "")
				if len(spy.heard) < 10 {
					t.Errorf("only %d authorizations of wallets", len(spy.heard))
				}
				for authorization := range spy.heard {
					secrets["authorization "+authorization] = authorization
				}
				logged := book.String()
				for _, line := range strings.Split(logged, "\n") {
					for what, secret := range secrets {
						if strings.Contains(line, secret) {
							t.Errorf("%s in %s", what, line)
						}
					}
					if strings.Contains(line, "secret") {
						t.Errorf("a secret in %s", line)
					}
				}
				for _, want := range []string{
					"session started", "session updated", "TIMEOUT", "result was not accepted", "abandoned", `"status":503`, `"status":400`,
					"no such host", "context deadline exceeded", "starting follow-up session failed", "no permission", "Unknown identifiers", "status 500",
				} {
					if !strings.Contains(logged, want) {
						t.Errorf("nothing is logged of %q", want)
					}
				}
				if t.Failed() {
					t.Log(logged)
				}
			})
		})
	}
}
