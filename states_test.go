package irmaserver_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

// TestStateMachine has a row per row of the state machine of spec 03 §13 that
// needs no valid proof; sessions with valid proofs are in session_test.go. Rows
// 3 and 4 differ on purpose: a refused wallet leaves the session INITIALIZED.
func TestStateMachine(t *testing.T) {
	t.Parallel()
	const (
		i = irma.StatusInitialized
		p = irma.StatusPairing
		c = irma.StatusConnected
		x = irma.StatusCancelled
		d = irma.StatusDone
		o = irma.StatusTimeout
	)
	wallet, stranger := walletHeaders("wallet"), walletHeaders("stranger")
	notStarted := "Session not yet started or already finished"
	rows := []struct {
		name    string
		in      []irma.Status
		issuing bool // instead of disclosing
		method  string
		path    string
		body    string
		headers []string // "frontend" stands for the frontend's
		want    int
		err     *irma.Error
		message string
		to      irma.Status // "" for unchanged
	}{
		{name: "2 no version headers", in: []irma.Status{i}, method: "GET", path: "/", headers: []string{"Authorization", "wallet"}, err: irma.ErrMalformedInput, message: "X-IRMA-MinProtocolVersion"},
		{name: "2 bad version header", in: []irma.Status{i}, method: "GET", path: "/", headers: append(walletHeaders("wallet"), "X-IRMA-MaxProtocolVersion", "2"), err: irma.ErrMalformedInput, message: "not of form x.y"},
		{name: "3 no common version", in: []irma.Status{i}, method: "GET", path: "/", headers: append(walletHeaders("wallet"), "X-IRMA-MinProtocolVersion", "2.9"), err: irma.ErrProtocolVersion, message: "2.8"},
		{name: "4 no authorization", in: []irma.Status{i}, method: "GET", path: "/", headers: walletHeaders(""), err: irma.ErrSessionUnauthorized, message: "No authorization header provided"},
		{name: "6 connect", in: []irma.Status{i}, method: "GET", path: "/", headers: wallet, want: 200, to: c},
		{name: "6 connect without slash", in: []irma.Status{i}, method: "GET", headers: wallet, want: 200, to: c},
		{name: "8 connect again", in: []irma.Status{p, c, x, d, o}, method: "GET", path: "/", headers: stranger, err: irma.ErrUnexpectedRequest, message: "Session already started"},
		{name: "9 request", in: []irma.Status{i, x, d, o}, method: "GET", path: "/request", headers: wallet, err: irma.ErrUnexpectedRequest, message: notStarted},
		{name: "9 proofs", in: []irma.Status{i, x, d, o}, method: "POST", path: "/proofs", body: `{}`, headers: wallet, err: irma.ErrUnexpectedRequest, message: notStarted},
		{name: "9 commitments", in: []irma.Status{i, x, d, o}, method: "POST", path: "/commitments", body: `{}`, headers: wallet, err: irma.ErrUnexpectedRequest, message: notStarted},
		{name: "10 request", in: []irma.Status{p}, method: "GET", path: "/request", headers: wallet, err: irma.ErrPairingRequired},
		{name: "10 proofs", in: []irma.Status{p}, method: "POST", path: "/proofs", body: `{}`, headers: wallet, err: irma.ErrPairingRequired},
		{name: "10 commitments", in: []irma.Status{p}, method: "POST", path: "/commitments", body: `{}`, headers: wallet, err: irma.ErrPairingRequired},
		{name: "11 request", in: []irma.Status{c}, method: "GET", path: "/request", headers: stranger, err: irma.ErrSessionUnauthorized},
		{name: "11 proofs", in: []irma.Status{c}, method: "POST", path: "/proofs", body: `{}`, headers: stranger, err: irma.ErrSessionUnauthorized},
		{name: "11 commitments", in: []irma.Status{c}, method: "POST", path: "/commitments", body: `{}`, err: irma.ErrSessionUnauthorized},
		{name: "12 request", in: []irma.Status{c}, method: "GET", path: "/request", headers: wallet, want: 200},
		{name: "13 proofs unparsable", in: []irma.Status{c}, method: "POST", path: "/proofs", body: `foo`, headers: wallet, err: irma.ErrMalformedInput, message: "invalid character"},
		{name: "13 proofs of unknown type", in: []irma.Status{c}, method: "POST", path: "/proofs", body: `{"proofs":[{}],"indices":[]}`, headers: wallet, err: irma.ErrMalformedInput, message: "Unknown proof type"},
		{name: "13 commitments unparsable", in: []irma.Status{c}, issuing: true, method: "POST", path: "/commitments", body: ``, headers: wallet, err: irma.ErrMalformedInput, message: " "},
		{name: "13 commitments empty", in: []irma.Status{c}, issuing: true, method: "POST", path: "/commitments", body: `{}`, headers: wallet, err: irma.ErrMalformedInput, message: "n_2"},
		{name: "14 proofs when issuing", in: []irma.Status{c}, issuing: true, method: "POST", path: "/proofs", body: `{"proofs":[],"indices":[]}`, headers: wallet, err: irma.ErrInvalidRequest, message: "issuance"},
		{name: "14 commitments when disclosing", in: []irma.Status{c}, method: "POST", path: "/commitments", body: `{"n_2":1,"combinedProofs":[]}`, headers: wallet, err: irma.ErrInvalidRequest, message: "disclosing"},
		{name: "17 proofs that do not satisfy", in: []irma.Status{c}, method: "POST", path: "/proofs", body: `{"proofs":[],"indices":[]}`, headers: wallet, want: 200, to: d},
		{name: "21 too few commitments", in: []irma.Status{c}, issuing: true, method: "POST", path: "/commitments", body: `{"n_2":1,"combinedProofs":[]}`, headers: wallet, err: irma.ErrMalformedInput, message: "Received insufficient proofs", to: x},
		{name: "22 delete", in: []irma.Status{i, p, c}, method: "DELETE", path: "/", want: 200, to: x},
		{name: "22 delete without slash", in: []irma.Status{i, p, c}, method: "DELETE", want: 200, to: x},
		{name: "23 delete", in: []irma.Status{x, d, o}, method: "DELETE", path: "/", want: 200},
		{name: "24 options", in: []irma.Status{i}, method: "POST", path: "/frontend/options", body: pinOptions, headers: []string{"frontend"}, want: 200},
		{name: "25 unknown pairing method", in: []irma.Status{i}, method: "POST", path: "/frontend/options", body: strings.Replace(pinOptions, "pin\"", "x\"", 1), headers: []string{"frontend"}, err: irma.ErrUnexpectedRequest, message: "Pairing method unknown"},
		{name: "26 options late", in: []irma.Status{p, c, x, d, o}, method: "POST", path: "/frontend/options", body: pinOptions, headers: []string{"frontend"}, err: irma.ErrUnexpectedRequest, message: "Frontend options can only be updated when session is in initialized state"},
		{name: "27 pairing completed", in: []irma.Status{p}, method: "POST", path: "/frontend/pairingcompleted", headers: []string{"frontend"}, want: 204, to: c},
		{name: "28 no pairing", in: []irma.Status{i, c, x, d, o}, method: "POST", path: "/frontend/pairingcompleted", headers: []string{"frontend"}, err: irma.ErrUnexpectedRequest, message: "Pairing was not enabled"},
		{name: "29 status", in: []irma.Status{i, p, c, x, d, o}, method: "GET", path: "/status", want: 200},
		{name: "29 frontend status", in: []irma.Status{i, p, c, x, d, o}, method: "GET", path: "/frontend/status", headers: []string{"frontend"}, want: 200},
		{name: "31 status events", in: []irma.Status{x, d, o}, method: "GET", path: "/statusevents", err: irma.ErrUnexpectedRequest, message: "finished session"},
	}
	var later atomic.Int64
	s := newSite(t, func(c *irmaserver.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
		c.SessionLifetime = time.Hour
	})
	for _, row := range rows {
		for _, from := range row.in {
			t.Run(row.name+" in "+string(from), func(t *testing.T) {
				request := discloseOver18
				if row.issuing {
					request = issueRoot
				}
				session := s.start(request)
				if from == o { // of the wallet that asks, which was too slow
					s.bring(session, c)
					later.Add(int64(time.Hour))
				} else {
					s.bring(session, from)
				}
				headers := row.headers
				if len(headers) == 1 {
					headers = []string{"Authorization", string(session.FrontendRequest.Authorization)}
				}
				got := s.do(row.method, session.SessionPtr.URL+row.path, row.body, headers...)
				if row.err != nil {
					wantError(t, got, row.err, row.message)
				} else if got.status != row.want {
					t.Errorf("got %d %s, want %d", got.status, got.body, row.want)
				}
				want := row.to
				if want == "" {
					want = from
				}
				if status := s.status(session); status != want {
					t.Errorf("session is %s, want %s", status, want)
				}
			})
		}
	}
}

// TestWrongEndpoints checks paths, methods and tokens that fit nothing (spec 05
// §4).
func TestWrongEndpoints(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(discloseOver18)
	unknown := "/irma/session/" + strings.Repeat("a", 20)
	known := session.SessionPtr.URL
	frontend := string(session.FrontendRequest.Authorization)
	rows := []struct {
		name, method, path, authorization string
		err                               *irma.Error
		message                           string
	}{
		{"unknown session", "GET", unknown + "/status", "", irma.ErrSessionUnknown, ""},
		{"unknown session, connect", "GET", unknown + "/", "x", irma.ErrSessionUnknown, ""},
		{"unknown session, other method", "PUT", unknown, "", irma.ErrSessionUnknown, ""},
		{"unknown session, delete", "DELETE", unknown, "", irma.ErrSessionUnknown, ""},
		{"unknown session, proofs", "POST", unknown + "/proofs", "", irma.ErrSessionUnknown, ""},
		{"unknown session, frontend", "GET", unknown + "/frontend/status", "", irma.ErrSessionUnknown, ""},
		{"known session, other method", "PUT", known, "", irma.ErrMethodNotAllowed, ""},
		{"known session, post with slash", "POST", known + "/", "", irma.ErrMethodNotAllowed, ""},
		{"other method of proofs", "GET", known + "/proofs", "", irma.ErrMethodNotAllowed, ""},
		{"unknown path", "GET", known + "/nothing", "", irma.ErrNotFound, ""},
		{"unknown path above", "GET", "/irma/nothing", "", irma.ErrNotFound, ""},
		{"malformed token", "GET", "/irma/session/short/status", "", irma.ErrInvalidRequest, "clientToken"},
		{"malformed token, long", "GET", unknown + "a/status", "", irma.ErrInvalidRequest, "clientToken"},
		{"unknown static session", "POST", "/irma/session/name", "", irma.ErrInvalidRequest, "unknown static session"},
		{"frontend without authorization", "GET", known + "/frontend/status", "", irma.ErrSessionUnauthorized, ""},
		{"frontend with wrong authorization", "POST", known + "/frontend/options", frontend + "x", irma.ErrSessionUnauthorized, ""},
		{"frontend path without authorization", "GET", known + "/frontend/nothing", "", irma.ErrSessionUnauthorized, ""},
		{"frontend path with authorization", "GET", known + "/frontend/nothing", frontend, irma.ErrNotFound, ""},
		{"frontend method with authorization", "GET", known + "/frontend/options", frontend, irma.ErrMethodNotAllowed, ""},
		{"requestor: unknown session", "GET", "/session/" + strings.Repeat("a", 20) + "/status", "", irma.ErrSessionUnknown, ""},
		{"requestor: client token", "GET", strings.Replace(known, "/irma", "", 1) + "/result", "", irma.ErrSessionUnknown, ""},
		{"requestor: malformed token", "GET", "/session/short/result", "", irma.ErrInvalidRequest, "requestorToken"},
		{"requestor: trailing slash", "GET", "/session/" + string(session.Token) + "/status/", "", irma.ErrNotFound, ""},
		{"requestor: method", "POST", "/session/" + string(session.Token) + "/result", "", irma.ErrMethodNotAllowed, ""},
		{"requestor: path", "GET", "/session/" + string(session.Token) + "/nothing", "", irma.ErrNotFound, ""},
		{"requestor: get session", "GET", "/session", "", irma.ErrMethodNotAllowed, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var headers []string
			if row.authorization != "" {
				headers = []string{"Authorization", row.authorization}
			}
			wantError(t, s.do(row.method, row.path, "", headers...), row.err, row.message)
		})
	}
	if got := s.status(session); got != irma.StatusInitialized {
		t.Errorf("session is %s after all that", got)
	}
	if got := s.do("GET", known+"/", "", walletHeaders("wallet")...); got.status != http.StatusOK {
		t.Errorf("session is unusable after all that: %d %s", got.status, got.body)
	}
}
