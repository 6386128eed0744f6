package irmaserver_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
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

// events reads an event stream frame by frame.
type events struct {
	t      testing.TB
	body   io.ReadCloser
	reader *bufio.Reader
}

func newEvents(t testing.TB, response *http.Response) *events {
	t.Helper()
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(response.Body)
		t.Fatalf("opening event stream: %s %s", response.Status, body)
	}
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type is %q", got)
	}
	return &events{t: t, body: response.Body, reader: bufio.NewReader(response.Body)}
}

// next returns the next frame with the blank line after it, or "" at the end.
func (e *events) next() string {
	e.t.Helper()
	var frame []byte
	for !bytes.HasSuffix(frame, []byte("\n\n")) {
		line, err := e.reader.ReadBytes('\n')
		frame = append(frame, line...)
		if err != nil {
			if !errors.Is(err, io.EOF) || len(frame) > 0 {
				e.t.Errorf("event stream broke after %q: %v", frame, err)
			}
			return string(frame)
		}
	}
	return string(frame)
}

// rest returns what comes until the end of the stream.
func (e *events) rest() string {
	e.t.Helper()
	rest, err := io.ReadAll(e.reader)
	if err != nil {
		e.t.Errorf("event stream broke after %q: %v", rest, err)
	}
	return string(rest)
}

func (e *events) want(frames ...string) {
	e.t.Helper()
	for _, want := range frames {
		if got := e.next(); got != want {
			e.t.Fatalf("got frame %q, want %q", got, want)
		}
	}
}

// listen opens an event stream, which must succeed.
func (s *site) listen(url string, headers ...string) *events {
	s.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = s.URL + url
	}
	response, err := http.DefaultClient.Do(newRequest(s.t, "GET", url, headers))
	if err != nil {
		s.t.Fatal(err)
	}
	return newEvents(s.t, response)
}

// channels are the ways to follow a session.
type channel struct {
	name    string
	path    func(*irma.SessionPackage) string // below the site, or a whole URL
	headers func(*irma.SessionPackage) []string
	frame   func(irma.Status) string
}

func bareFrame(status irma.Status) string { return "data: \"" + string(status) + "\"\n\n" }
func objectFrame(status irma.Status) string {
	return "data: {\"status\":\"" + string(status) + "\"}\n\n"
}

const openFrame = "event: open\n\n"

func requestorEvents(p *irma.SessionPackage) string {
	return "/session/" + string(p.Token) + "/statusevents"
}
func walletEvents(p *irma.SessionPackage) string { return p.SessionPtr.URL + "/statusevents" }
func frontendEvents(p *irma.SessionPackage) string {
	return p.SessionPtr.URL + "/frontend/statusevents"
}
func nobody(*irma.SessionPackage) []string { return nil }
func frontendHeaders(p *irma.SessionPackage) []string {
	return []string{"Authorization", string(p.FrontendRequest.Authorization)}
}

var channels = []channel{
	{"requestor", requestorEvents, nobody, bareFrame},
	{"wallet", walletEvents, nobody, bareFrame},
	{"frontend", frontendEvents, frontendHeaders, objectFrame},
	{"anonymous frontend", frontendEvents, nobody, objectFrame},
}

// TestEvents follows sessions on every channel from every status in which a
// stream can begin to every end, and compares all bytes.
func TestEvents(t *testing.T) {
	t.Parallel()
	const i, p, c, x, d = irma.StatusInitialized, irma.StatusPairing, irma.StatusConnected, irma.StatusCancelled, irma.StatusDone
	courses := [][]irma.Status{{i, x}, {i, c, x}, {i, c, d}, {i, p, x}, {i, p, c, x}, {i, p, c, d}}
	s := newSite(t)
	for _, ch := range channels {
		for _, course := range courses {
			for begin := range course[:len(course)-1] {
				var steps []string
				for at, status := range course {
					if at == begin {
						steps = append(steps, "subscribe in")
					}
					steps = append(steps, string(status))
				}
				t.Run(ch.name+"/"+strings.Join(steps, " "), func(t *testing.T) {
					t.Parallel()
					session := s.start(discloseOver18)
					for at := range begin {
						s.move(session, course[at], course[at+1])
					}
					stream := s.listen(ch.path(session), ch.headers(session)...)
					want := openFrame
					if first := course[begin]; first == c || first == p && ch.name != "wallet" {
						want += ch.frame(first)
					}
					for at := begin + 1; at < len(course); at++ {
						s.move(session, course[at-1], course[at])
						want += ch.frame(course[at])
					}
					if diff := cmp.Diff(want, stream.rest()); diff != "" {
						t.Errorf("stream (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

// move makes a session's next transition happen.
func (s *site) move(session *irma.SessionPackage, from, to irma.Status) {
	s.t.Helper()
	switch to {
	case irma.StatusPairing:
		s.bring(session, irma.StatusPairing)
	case irma.StatusConnected:
		if from == irma.StatusPairing {
			s.do("POST", session.SessionPtr.URL+"/frontend/pairingcompleted", "", frontendHeaders(session)...)
		} else {
			s.connect(session)
		}
	case irma.StatusDone:
		s.do("POST", session.SessionPtr.URL+"/proofs", `{"proofs":[],"indices":[]}`, walletHeaders("wallet")...)
	case irma.StatusCancelled:
		s.do("DELETE", session.SessionPtr.URL, "")
	default:
		s.t.Fatalf("no way from %s to %s", from, to)
	}
}

// TestEventsHead compares the whole head, and the framing below it, with what
// clients need (spec 04 §4.2).
func TestEventsHead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, ch := range channels {
		t.Run(ch.name, func(t *testing.T) {
			t.Parallel()
			session := s.start(discloseOver18)
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			request := newRequest(t, "GET", s.URL+strings.TrimPrefix(ch.path(session), s.URL), ch.headers(session))
			request.Header.Set("Origin", "https://shop.example")
			request.Header.Set("Last-Event-ID", "7")
			if err := request.Write(conn); err != nil {
				t.Fatal(err)
			}
			raw := new(bytes.Buffer)
			response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, raw)), request) // the head comes before anything happens
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			want := http.Header{
				"Access-Control-Allow-Origin": {"*"},
				"Cache-Control":               {"no-cache"},
				"Content-Type":                {"text/event-stream"},
				"Vary":                        {"Origin"},
				"X-Accel-Buffering":           {"no"},
			}
			response.Header.Del("Date")
			if diff := cmp.Diff(want, response.Header); diff != "" || response.StatusCode != http.StatusOK {
				t.Errorf("%s, header (-want +got):\n%s", response.Status, diff)
			}
			s.move(session, irma.StatusInitialized, irma.StatusCancelled)
			body, err := io.ReadAll(response.Body)
			if err != nil || string(body) != openFrame+ch.frame(irma.StatusCancelled) {
				t.Errorf("body is %q, %v", body, err)
			}
			if !strings.HasSuffix(raw.String(), "\r\n0\r\n\r\n") {
				t.Errorf("the stream does not end with a final chunk: %q", raw)
			}
		})
	}
}

// TestEventsOfChain follows a session with a follow-up. Who may know the
// follow-up's pointer gets it with DONE.
func TestEventsOfChain(t *testing.T) {
	t.Parallel()
	follow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, discloseOver18)
	}))
	defer follow.Close()
	s := newSite(t, func(c *irmaserver.Config) {
		c.AllowUnsignedCallbacks = true
		c.AuthorizeNext = func(context.Context, string, *irma.SessionRequest) error { return nil }
	})
	w := s.NewWallet(t, wallet.Config{})
	s.Issue(t, w, ageLimits)
	session := s.Start(t, &irma.ExtendedRequest{
		NextSession: &irma.NextSession{URL: follow.URL},
		Request:     irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over16"),
	})
	streams := make(map[string]*events)
	for _, ch := range channels {
		streams[ch.name] = s.listen(ch.path(session), ch.headers(session)...)
	}
	if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	status := s.do("GET", session.SessionPtr.URL+"/frontend/status", "", frontendHeaders(session)...).body
	if !strings.HasPrefix(status, `{"status":"DONE","nextSession":{"u":"`+s.URL+`/irma/session/`) {
		t.Fatalf("frontend status is %s", status)
	}
	wants := map[string]string{
		"requestor":          openFrame + bareFrame(irma.StatusConnected) + bareFrame(irma.StatusDone),
		"wallet":             openFrame + bareFrame(irma.StatusConnected) + bareFrame(irma.StatusDone),
		"frontend":           openFrame + objectFrame(irma.StatusConnected) + "data: " + status + "\n\n",
		"anonymous frontend": openFrame + objectFrame(irma.StatusConnected),
	}
	for name, want := range wants {
		if diff := cmp.Diff(want, streams[name].rest()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEventsRefused(t *testing.T) {
	t.Parallel()
	s, silent := newSite(t), newSite(t, func(c *irmaserver.Config) { c.NoEvents = true })
	unknown := strings.Repeat("a", 20)
	for _, ch := range channels {
		for _, status := range []irma.Status{irma.StatusCancelled, irma.StatusDone} {
			session := s.start(discloseOver18)
			s.bring(session, status)
			wantError(t, s.do("GET", ch.path(session), "", ch.headers(session)...), irma.ErrUnexpectedRequest, "finished session")
		}
		session := silent.start(discloseOver18)
		wantError(t, silent.do("GET", ch.path(session), "", ch.headers(session)...), irma.ErrSSEDisabled, "")
		stranger := &irma.SessionPackage{Token: irma.RequestorToken(unknown), SessionPtr: irma.SessionPointer{URL: s.URL + "/irma/session/" + unknown}}
		wantError(t, s.do("GET", ch.path(stranger), ""), irma.ErrSessionUnknown, "")
	}
	session := s.start(discloseOver18)
	url := frontendEvents(session)
	wantError(t, s.do("GET", url, "", "Authorization", "x"), irma.ErrSessionUnauthorized, "")
	wantError(t, s.do("GET", url, "", "Authorization", string(session.Token)), irma.ErrSessionUnauthorized, "")
	wantError(t, s.do("POST", url, "", frontendHeaders(session)...), irma.ErrMethodNotAllowed, "")
	wantError(t, s.do("POST", walletEvents(session), ""), irma.ErrMethodNotAllowed, "")
	wantError(t, s.do("POST", requestorEvents(session), ""), irma.ErrMethodNotAllowed, "")
	bound := s.start(strings.Replace(discloseOver18, `"disclose"`, `"host":"irma.example.com","disclose"`, 1))
	path := strings.TrimPrefix(bound.SessionPtr.URL, "http://irma.example.com")
	wantError(t, s.do("GET", path+"/statusevents", ""), irma.ErrUnauthorized, "Host mismatch")
	wantError(t, s.do("GET", path+"/frontend/statusevents", ""), irma.ErrUnauthorized, "Host mismatch")
}

// TestEventsAfterClose asks a closed server for a stream.
func TestEventsAfterClose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(discloseOver18)
	if err := s.Irma.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, ch := range channels {
		wantError(t, s.do("GET", ch.path(session), "", ch.headers(session)...), irma.ErrUnavailable, "")
	}
}

// TestEventsInTime checks when things happen on a stream: the head at once, a
// comment every 20 s, TIMEOUT at its moment.
func TestEventsInTime(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		for _, ch := range channels {
			t.Run(ch.name+" "+string(mode), func(t *testing.T) {
				t.Parallel()
				impatient := func(server *http.Server) {
					server.ReadTimeout, server.WriteTimeout, server.IdleTimeout = time.Second, time.Second, time.Second
				}
				inVirtualSite(t, virtualConfig{mode: mode, server: impatient}, func(t *testing.T, v *virtualSite) {
					session := v.start(70)
					begin := time.Now()
					at := func(want time.Duration) {
						t.Helper()
						if got := time.Since(begin); got < want || got > want+10*time.Millisecond {
							t.Fatalf("happened after %v, want %v", got, want)
						}
					}
					stream := v.listen(v.url(ch.path(session)), ch.headers(session)...)
					stream.want(openFrame)
					at(0)
					for ping := 1; ping <= 3; ping++ {
						stream.want(": ping\n\n")
						at(time.Duration(ping) * 20 * time.Second)
					}
					stream.want(ch.frame(irma.StatusTimeout), "")
					at(70 * time.Second)
				})
			})
		}
	}
}

func (v *virtualSite) url(path string) string {
	if strings.HasPrefix(path, "/") {
		return virtualURL + path
	}
	return path
}

// TestEventsOutlastConnectedLifetime follows a session in which the deadline
// moves while the stream waits.
func TestEventsOutlastConnectedLifetime(t *testing.T) {
	t.Parallel()
	inVirtualSite(t, virtualConfig{}, func(t *testing.T, v *virtualSite) {
		session := v.start(60)
		stream := v.listen(walletEvents(session))
		stream.want(openFrame)
		var begin time.Time
		connected := make(chan struct{})
		time.AfterFunc(59*time.Second+999*time.Millisecond, func() {
			defer close(connected)
			begin = time.Now()
			call(t, v.irma, "GET", session.SessionPtr.URL, walletHeaders("wallet")...)
		})
		var got []string
		for frame := stream.next(); frame != ""; frame = stream.next() {
			if frame != ": ping\n\n" {
				got = append(got, frame)
			}
		}
		if diff := cmp.Diff([]string{bareFrame(irma.StatusConnected), bareFrame(irma.StatusTimeout)}, got); diff != "" {
			t.Errorf("frames (-want +got):\n%s", diff)
		}
		<-connected
		if waited := time.Since(begin); waited < 10*time.Minute || waited > 10*time.Minute+10*time.Millisecond {
			t.Errorf("TIMEOUT came after %v", waited)
		}
	})
}

// TestEventsStuckReader has a reader that reads nothing: it holds up nobody, and
// is dropped in the end.
func TestEventsStuckReader(t *testing.T) {
	t.Parallel()
	for _, reads := range []string{"nothing", "the first frame", "the first frame, detached"} {
		t.Run(reads, func(t *testing.T) {
			t.Parallel()
			cfg := virtualConfig{}
			if strings.HasSuffix(reads, string(detached)) {
				cfg.mode = detached
			}
			inVirtualSite(t, cfg, func(t *testing.T, v *virtualSite) {
				session := v.start(0)
				stuck, err := v.network.dial()
				if err != nil {
					t.Fatal(err)
				}
				defer stuck.Close()
				if err := newRequest(t, "GET", walletEvents(session), nil).Write(stuck); err != nil {
					t.Fatal(err)
				}
				if reads != "nothing" {
					response, err := http.ReadResponse(bufio.NewReader(stuck), nil)
					if err != nil {
						t.Fatal(err)
					}
					buffer := make([]byte, len(openFrame))
					if _, err := io.ReadFull(response.Body, buffer); err != nil || string(buffer) != openFrame {
						t.Fatalf("got %q, %v", buffer, err)
					}
				}
				synctest.Wait()
				begin := time.Now()
				other := v.listen(walletEvents(session))
				other.want(openFrame)
				v.connect(session)
				other.want(bareFrame(irma.StatusConnected))
				if err := v.irma.CancelSession(t.Context(), session.Token); err != nil {
					t.Fatal(err)
				}
				other.want(bareFrame(irma.StatusCancelled), "")
				if waited := time.Since(begin); waited > 0 {
					t.Errorf("the other reader was held up for %v", waited)
				}
				time.Sleep(30*time.Second + time.Millisecond)
				synctest.Wait()
				if _, err := stuck.Write([]byte("x")); err == nil {
					t.Error("the stuck reader was not dropped")
				}
			})
		})
	}
}

// TestEventsReaderGone lets readers leave: their streams end. That nothing is
// left of them is checked by the bubble, whose end waits for all goroutines,
// and the session's record is not watched.
func TestEventsReaderGone(t *testing.T) {
	t.Parallel()
	for _, mode := range []mode{inHandler, http2} {
		inVirtualSite(t, virtualConfig{mode: mode, wrap: func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				begin := time.Now()
				h.ServeHTTP(w, r)
				if time.Since(begin) > 0 {
					t.Errorf("%s went on for %v after its reader left", r.URL.Path, time.Since(begin))
				}
			})
		}}, func(t *testing.T, v *virtualSite) {
			session := v.start(0)
			for _, ch := range channels {
				stream := v.listen(v.url(ch.path(session)), ch.headers(session)...)
				stream.want(openFrame)
				stream.body.Close()
			}
			time.Sleep(time.Minute)
		})
	}
}

// TestEventsEndAtClose closes the server under open streams.
func TestEventsEndAtClose(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		inVirtualSite(t, virtualConfig{mode: mode}, func(t *testing.T, v *virtualSite) {
			session := v.start(0)
			v.connect(session)
			for _, ch := range channels {
				stream := v.listen(v.url(ch.path(session)), ch.headers(session)...)
				stream.want(openFrame, ch.frame(irma.StatusConnected))
				defer stream.want("")
			}
			begin := time.Now()
			if err := v.irma.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if waited := time.Since(begin); waited > 0 {
				t.Errorf("closing took %v", waited)
			}
		})
	}
}

// TestEventsBehindMiddleware mounts the handlers behind middleware that can and
// that cannot flush.
func TestEventsBehindMiddleware(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		wrap  func(http.Handler) http.Handler
		works bool
	}{
		{"unwrapped by the controller", wrapping(func(w http.ResponseWriter) http.ResponseWriter { return unwrappable{w} }), true},
		{"wrapped twice", wrapping(func(w http.ResponseWriter) http.ResponseWriter { return unwrappable{unwrappable{w}} }), true},
		{"flushing itself", wrapping(func(w http.ResponseWriter) http.ResponseWriter { return flushing{opaque{w}} }), true},
		{"hiding the flusher", wrapping(func(w http.ResponseWriter) http.ResponseWriter { return opaque{w} }), false},
		{"hiding the flusher inside", wrapping(func(w http.ResponseWriter) http.ResponseWriter { return unwrappable{opaque{w}} }), false},
		{"timeout handler", func(h http.Handler) http.Handler { return http.TimeoutHandler(h, 4*time.Second, "") }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inVirtualSite(t, virtualConfig{wrap: test.wrap}, func(t *testing.T, v *virtualSite) {
				session := v.start(0)
				for _, ch := range channels {
					if test.works {
						stream := v.listen(v.url(ch.path(session)), ch.headers(session)...)
						stream.want(openFrame)
						defer stream.want("")
						continue
					}
					response := v.do("GET", v.url(ch.path(session)), ch.headers(session)...)
					body, err := io.ReadAll(response.Body)
					if err != nil {
						t.Fatal(err)
					}
					response.Body.Close()
					wantError(t, reply{response.StatusCode, response.Header, string(body)}, irma.ErrSSEDisabled, "cannot stream")
					if response.Header.Get("X-Accel-Buffering") != "" {
						t.Error("the error has the head of a stream")
					}
				}
				if err := v.irma.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func wrapping(wrap func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(wrap(w), r) })
	}
}

// unwrappable wraps as middleware should.
type unwrappable struct{ w http.ResponseWriter }

func (u unwrappable) Header() http.Header         { return u.w.Header() }
func (u unwrappable) Write(b []byte) (int, error) { return u.w.Write(b) }
func (u unwrappable) WriteHeader(status int)      { u.w.WriteHeader(status) }
func (u unwrappable) Unwrap() http.ResponseWriter { return u.w }

// opaque wraps as middleware did before there was http.ResponseController.
type opaque struct{ w http.ResponseWriter }

func (o opaque) Header() http.Header         { return o.w.Header() }
func (o opaque) Write(b []byte) (int, error) { return o.w.Write(b) }
func (o opaque) WriteHeader(status int)      { o.w.WriteHeader(status) }

// flushing flushes but gives no access to anything else, such as deadlines.
type flushing struct{ opaque }

func (f flushing) Flush() { f.w.(http.Flusher).Flush() }

// TestEventsWhileChanging subscribes while a session goes through its statuses:
// whoever gets a stream gets all statuses from some moment on.
func TestEventsWhileChanging(t *testing.T) {
	t.Parallel()
	s, err := irmaserver.New(irmaserver.Config{Schemes: demoSchemes(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	const i, p, c, x = irma.StatusInitialized, irma.StatusPairing, irma.StatusConnected, irma.StatusCancelled
	course := []irma.Status{i, p, c, x}
	complete := make(map[string]bool) // the streams there may be
	for begin := range len(course) - 1 {
		want := openFrame
		if course[begin] == p || course[begin] == c {
			want += objectFrame(course[begin])
		}
		for _, status := range course[begin+1:] {
			want += objectFrame(status)
		}
		complete[want] = true
	}
	for range 100 {
		session := startDisclosure(t, s, 0)
		url := session.SessionPtr.URL
		post(t, s, url+"/frontend/options", pinOptions, frontendHeaders(session))
		var readers sync.WaitGroup
		for range 8 {
			readers.Go(func() {
				got := call(t, s, "GET", url+"/frontend/statusevents", frontendHeaders(session)...)
				if got.Code != http.StatusForbidden && !complete[got.Body.String()] {
					t.Errorf("got %d %q", got.Code, got.Body)
				}
			})
		}
		call(t, s, "GET", url, walletHeaders("wallet")...)
		post(t, s, url+"/frontend/pairingcompleted", "", frontendHeaders(session))
		call(t, s, "DELETE", url)
		readers.Wait()
	}
}

// post sends a body to the handler.
func post(t *testing.T, s *irmaserver.Server, url, body string, headers []string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/"+url, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest {
		t.Errorf("POST %s: %d %s", url, w.Code, w.Body)
	}
}
