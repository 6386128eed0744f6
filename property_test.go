package irmaserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// TestRandomSessions lets random things happen to sessions, often several at
// once, and compares every answer with the model's. What happens at once must
// look as if it had happened in some order.
func TestRandomSessions(t *testing.T) {
	t.Parallel()
	seeds := uint64(300)
	if testing.Short() {
		seeds = 50
	}
	inBubble(t, func(t *testing.T, s *irmaserver.Server) {
		desk := newDesk(t, s)
		for seed := range seeds {
			p := &play{t: t, s: s, desk: desk, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), bodies: make(map[string]string)}
			p.run()
			if t.Failed() {
				return
			}
		}
	})
}

// desk makes the final messages of a wallet that has credentials.
type desk struct {
	t      *testing.T
	s      *irmaserver.Server
	wallet *wallet.Wallet
	link   *postbox
	stale  map[irma.Action]string // messages for sessions of the past
}

// postbox is a wallet's network: with a request set, that is what every session
// asks, and what the wallet posts stays here.
type postbox struct {
	handler http.Handler
	request string
	posted  string
}

func (p *postbox) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	switch {
	case p.request == "":
		if r.Body == nil {
			r.Body = http.NoBody
		}
		p.handler.ServeHTTP(w, r)
	case r.Method == http.MethodGet:
		fmt.Fprintf(w, `{"@context":%q,"protocolVersion":"2.8","options":{"@context":%q,"pairingMethod":"none"},"request":%s}`, irma.ContextClientRequest, irma.ContextSessionOptions, p.request)
	case r.Method == http.MethodPost:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		p.posted = string(body)
		return held(), nil
	default:
		return held(), nil
	}
	return w.Result(), nil
}

func newDesk(t *testing.T, s *irmaserver.Server) *desk {
	t.Helper()
	link := &postbox{handler: s.Handler()}
	w, err := wallet.New(demoSchemes(t), wallet.Config{HTTPClient: &http.Client{Transport: link}})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, s: s, wallet: w, link: link, stale: make(map[irma.Action]string)}
	session, err := s.StartSession(t.Context(), irma.NewIssuanceRequest(ageLimits))
	if err != nil {
		t.Fatal(err)
	}
	session.SessionPtr.URL = virtualURL + "/irma/" + session.SessionPtr.URL
	if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	for action, request := range propertyRequests {
		session, err := s.StartSession(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		url := session.SessionPtr.URL
		call(t, s, "GET", url, walletHeaders("wallet")...)
		d.stale[action] = d.write(action, call(t, s, "GET", url+"/request", walletHeaders("wallet")...).Body.String())
	}
	return d
}

// write returns the wallet's message for a request.
func (d *desk) write(action irma.Action, request string) string {
	d.t.Helper()
	d.link.request, d.link.posted = request, ""
	_, err := d.wallet.Perform(d.t.Context(), irma.SessionPointer{URL: virtualURL + "/irma/session/" + strings.Repeat("a", 20), Action: action})
	if d.link.posted == "" {
		d.t.Fatalf("wallet wrote no message for %s: %v", request, err)
	}
	return d.link.posted
}

var propertyRequests = map[irma.Action]irma.Request{
	irma.Disclosing: irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"),
	irma.Signing:    irma.NewSignatureRequest("I agree", "irmad-demo.gov.ageLimits.over18"),
	irma.Issuing:    irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "1"}}),
}

// play is one session that random things happen to.
type play struct {
	t       *testing.T
	s       *irmaserver.Server
	desk    *desk
	seed    uint64
	random  *rand.Rand
	session *irma.SessionPackage
	model   model
	bodies  map[string]string // of answers that must stay the same, and of the good message
	diary   []string
	readers []*listener
}

func (p *play) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Errorf("seed %d: %s\nmodel: %+v\nhistory:\n%s", p.seed, fmt.Sprintf(format, args...), p.model, strings.Join(p.diary, "\n"))
}

func pick[T any](random *rand.Rand, choices ...T) T { return choices[random.IntN(len(choices))] }

func (p *play) run() {
	action := pick(p.random, irma.Disclosing, irma.Disclosing, irma.Signing, irma.Issuing)
	timeout := pick(p.random, 0, 0, 30, 900)
	session, err := p.s.StartSession(p.t.Context(), &irma.ExtendedRequest{Timeout: timeout, Request: propertyRequests[action].Extended().Request})
	if err != nil {
		p.t.Fatal(err)
	}
	p.session = session
	p.model = model{action: action, status: irma.StatusInitialized, active: time.Now(), patient: modelLifetime, passed: []irma.Status{irma.StatusInitialized}}
	if timeout > 0 {
		p.model.patient = time.Duration(timeout) * time.Second
	}
	for range 4 + p.random.IntN(20) {
		switch p.random.IntN(10) {
		case 0, 1:
			p.sleep()
		case 2:
			p.listen()
		default:
			p.act()
		}
		if p.t.Failed() {
			return
		}
		p.check()
	}
	call(p.t, p.s, "DELETE", session.SessionPtr.URL) // so that readers see the end
	p.model.happen(event{what: "delete"}, time.Now())
	for _, reader := range p.readers {
		if got, want := reader.body(), reader.want(p.model.passed); got != want {
			p.fail("events from %s on are %q, want %q", p.model.passed[reader.from], got, want)
		}
	}
}

func (p *play) sleep() {
	d := pick(p.random, time.Second, modelReplay-time.Second, modelReplay, modelReplay+1, modelLifetime)
	if next := time.Until(p.model.next()); next > 0 && p.random.IntN(2) == 0 {
		d = next - pick[time.Duration](p.random, 0, 1)
	}
	p.diary = append(p.diary, fmt.Sprintf("%s passes", d))
	time.Sleep(d)
	synctest.Wait()
	p.model.pass(time.Now())
}

// act makes one to three things happen at once. Every third time they are
// the same thing.
func (p *play) act() {
	events := []event{p.event()}
	for range pick(p.random, 0, 0, 1, 2) {
		if next := p.event(); p.random.IntN(3) > 0 {
			events = append(events, next)
		} else {
			events = append(events, events[0])
		}
	}
	p.diary = append(p.diary, fmt.Sprintf("%s: %q", p.model.status, events))
	requests := make([]*http.Request, len(events))
	for i, e := range events {
		requests[i] = p.request(e)
	}
	answers := make([]*httptest.ResponseRecorder, len(events))
	var group sync.WaitGroup
	for i, r := range requests {
		group.Go(func() {
			answers[i] = httptest.NewRecorder()
			h := p.s.Handler()
			if strings.HasPrefix(r.URL.Path, "/requestor/") {
				h = p.s.RequestorHandler()
			}
			h.ServeHTTP(answers[i], r)
		})
	}
	group.Wait()
	for i, answer := range answers {
		p.diary = append(p.diary, fmt.Sprintf("  %s %s: %d %.120s", events[i].what, events[i].who, answer.Code, answer.Body))
	}
	p.explain(events, answers)
}

// explain looks for an order of the events that explains their answers and what
// has become of the session, and puts the model there.
func (p *play) explain(events []event, answers []*httptest.ResponseRecorder) {
	var mismatch string
	status := p.status()
	pin := status == irma.StatusInitialized && p.pin()
	for order := range permutations(len(events)) {
		after, bodies := p.model.clone(), make(map[string]string)
		mismatch = ""
		for _, i := range order {
			want := after.happen(events[i], time.Now())
			if problem := compare(want, answers[i]); problem != "" {
				mismatch = fmt.Sprintf("%q: %s", events[i], problem)
			}
			body := answers[i].Body.String()
			for _, known := range []map[string]string{p.bodies, bodies} {
				if first, ok := known[want.label]; ok && want.label != "" && first != body {
					mismatch = fmt.Sprintf("%q: got %s, but before %s", events[i], body, first)
				}
			}
			bodies[want.label] = body
		}
		if after.gone && status != "" || !after.gone && status != after.status || status == irma.StatusInitialized && pin != after.pin {
			continue
		}
		if mismatch == "" {
			p.model = after
			for label, body := range bodies {
				p.bodies[label] = body
			}
			return
		}
	}
	p.fail("no order explains the answers and status %q; in the last one %s", status, mismatch)
}

// permutations yields the orders of n things.
func permutations(n int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		var extend func(order []int) bool
		extend = func(order []int) bool {
			if len(order) == n {
				return yield(order)
			}
			for i := range n {
				used := false
				for _, j := range order {
					used = used || i == j
				}
				if !used && !extend(append(order[:len(order):len(order)], i)) {
					return false
				}
			}
			return true
		}
		extend(nil)
	}
}

func compare(want expectation, got *httptest.ResponseRecorder) string {
	var sent irma.Error
	if want.err != nil {
		if err := json.Unmarshal(got.Body.Bytes(), &sent); err != nil {
			return err.Error()
		}
		if got.Code != want.code || sent.Name != want.err.Name {
			return fmt.Sprintf("got %d %s, want %d %s", got.Code, got.Body, want.code, want.err.Name)
		}
	} else if got.Code != want.code || !strings.Contains(got.Body.String(), want.has) {
		return fmt.Sprintf("got %d %s, want %d with %s", got.Code, got.Body, want.code, want.has)
	}
	return ""
}

// event thinks of something that may happen. Every second time it is something
// that leads on.
func (p *play) event() event {
	who := pick(p.random, "ann", "ann", "ann", "bob", "")
	message := pick(p.random, "good", "good", "stale", "empty", "malformed")
	if message == "good" && p.goodMessage() == "" {
		message = "stale"
	}
	final := "proofs"
	if p.model.action == irma.Issuing {
		final = "commitments"
	}
	connect := event{"connect", who, pick(p.random, "fit", "fit", "fit", "unfit", "malformed")}
	options := event{"options", pick(p.random, "frontend", "frontend", "ann"), pick(p.random, "pin", "pin", "none", "unknown", "malformed")}
	complete := event{"complete", pick(p.random, "frontend", "frontend", "ann", ""), ""}
	request := event{"request", who, ""}
	post := event{final, who, message}
	if p.random.IntN(2) == 0 {
		switch p.model.status {
		case irma.StatusInitialized:
			return pick(p.random, connect, options)
		case irma.StatusPairing:
			return complete
		}
		return pick(p.random, request, post)
	}
	other := event{pick(p.random, "proofs", "commitments"), who, message}
	end := event{pick(p.random, "delete", "revoke"), "", ""}
	return pick(p.random, connect, connect, options, complete, request, post, other, end)
}

// request returns the HTTP request of an event.
func (p *play) request(e event) *http.Request {
	url := "/" + p.session.SessionPtr.URL
	method, path, body := "POST", "", ""
	who := e.who
	if who == "frontend" {
		who = string(p.session.FrontendRequest.Authorization)
	}
	headers := walletHeaders(who)
	switch e.what {
	case "connect":
		method = "GET"
		switch e.how {
		case "unfit":
			headers = append(headers, "X-IRMA-MinProtocolVersion", "2.9")
		case "malformed":
			headers = append(headers, "X-IRMA-MaxProtocolVersion", "x")
		}
	case "request":
		method, path = "GET", "/request"
	case "options":
		path, body = "/frontend/options", strings.Replace(pinOptions, `"pin"`, `"`+e.how+`"`, 1)
		if e.how == "malformed" {
			body = "{}"
		}
	case "complete":
		path = "/frontend/pairingcompleted"
	case "proofs", "commitments":
		path, body = "/"+e.what, p.message(e)
	case "delete":
		method = "DELETE"
	case "revoke":
		method, url = "DELETE", "/requestor/session/"+string(p.session.Token)
	}
	r := httptest.NewRequest(method, url+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// message returns a wallet's final message.
func (p *play) message(e event) string {
	if e.what == "proofs" != (p.model.action != irma.Issuing) {
		return "{}"
	}
	switch e.how {
	case "malformed":
		return "[]"
	case "stale":
		return p.desk.stale[p.model.action]
	case "good":
		return p.goodMessage()
	case "empty":
		if p.model.action == irma.Issuing {
			return p.desk.stale[p.model.action] + " " // other bytes, as invalid
		}
	}
	return `{"proofs":[],"indices":[]}`
}

// goodMessage returns the right message for this session, or "" when its request
// could not be asked for yet.
func (p *play) goodMessage() string {
	if body := p.bodies["message"]; body != "" || p.model.status != irma.StatusConnected {
		return body
	}
	got := call(p.t, p.s, "GET", p.session.SessionPtr.URL+"/request", "Authorization", p.model.bound)
	if got.Code == http.StatusOK {
		p.bodies["message"] = p.desk.write(p.model.action, got.Body.String())
	}
	return p.bodies["message"]
}

// status returns the status of the session, or "" when it is unknown.
func (p *play) status() irma.Status {
	status, err := p.s.Status(p.t.Context(), p.session.Token)
	if err != nil && !errors.Is(err, irma.ErrSessionUnknown) {
		p.t.Fatal(err)
	}
	return status
}

// pin reports whether pairing is on, which only frontends can ask, with a wish
// for nothing.
func (p *play) pin() bool {
	answer := httptest.NewRecorder()
	p.s.Handler().ServeHTTP(answer, p.request(event{"options", "frontend", ""}))
	return strings.Contains(answer.Body.String(), `"pin"`)
}

// check compares what everybody can ask with the model.
func (p *play) check() {
	if p.model.gone {
		if status := p.status(); status != "" {
			p.fail("the session is still known as %s", status)
		}
		return
	}
	url := p.session.SessionPtr.URL
	if got, want := call(p.t, p.s, "GET", url+"/status").Body.String(), `"`+string(p.model.status)+`"`; got != want {
		p.fail("wallets see status %s, want %s", got, want)
	}
	got := call(p.t, p.s, "GET", url+"/frontend/status", frontendHeaders(p.session)...).Body.String()
	if want := `{"status":"` + string(p.model.status) + `"}`; got != want {
		p.fail("frontends see %s, want %s", got, want)
	}
	result, err := p.s.Result(p.t.Context(), p.session.Token)
	if err != nil {
		p.t.Fatal(err)
	}
	if result.Status != p.model.status || result.ProofStatus != p.model.proofs || len(result.Disclosed) > 0 != (p.model.proofs == irma.ProofValid && p.model.action != irma.Issuing) {
		p.fail("result is %+v", result)
	}
}

// listen begins an event stream.
func (p *play) listen() {
	if p.model.status.Finished() {
		return
	}
	p.diary = append(p.diary, "somebody listens")
	reader := &listener{from: len(p.model.passed) - 1, header: make(http.Header)}
	p.readers = append(p.readers, reader)
	r := httptest.NewRequestWithContext(p.t.Context(), "GET", "/"+p.session.SessionPtr.URL+"/statusevents", http.NoBody)
	go p.s.Handler().ServeHTTP(reader, r)
	synctest.Wait()
}

// listener keeps what a wallet's event stream sends.
type listener struct {
	from   int // position of the first status in model.passed
	header http.Header
	mu     sync.Mutex // guards text
	text   strings.Builder
}

func (l *listener) Header() http.Header { return l.header }
func (l *listener) WriteHeader(int)     {}
func (l *listener) Flush()              {}

func (l *listener) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// body returns what was sent, without heartbeats.
func (l *listener) body() string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.ReplaceAll(l.text.String(), ": ping\n\n", "")
}

func (l *listener) want(passed []irma.Status) string {
	want := openFrame
	if passed[l.from] == irma.StatusConnected {
		want += bareFrame(irma.StatusConnected)
	}
	for _, status := range passed[l.from+1:] {
		want += bareFrame(status)
	}
	return want
}
