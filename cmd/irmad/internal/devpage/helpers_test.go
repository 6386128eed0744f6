package devpage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/irmad/irmaserver/cmd/irmad/internal/devpage"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/requestor"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// site is a server with its page.
type site struct {
	*irmatest.Server
	page *devpage.Page
	web  *httptest.Server // of the page
}

func newSite(t *testing.T, schemes *scheme.Set) *site {
	t.Helper()
	server := irmatest.NewServer(t)
	if schemes == nil {
		schemes = server.Schemes
	}
	return newSiteOf(t, server, schemes)
}

// newSiteOf is a page that sees these schemes of the server.
func newSiteOf(t *testing.T, server *irmatest.Server, schemes *scheme.Set) *site {
	t.Helper()
	s := &site{Server: server}
	page, err := devpage.New(devpage.Config{
		Server:    s.Irma,
		Schemes:   func() *scheme.Set { return schemes },
		API:       "/",
		URL:       s.URL + "/irma/",
		Addresses: func() []devpage.Address { return []devpage.Address{{URL: "http://192.0.2.7/irma/", Name: "wlan0"}} },
		Client:    http.DefaultClient,
		Logger:    zaptest.NewLogger(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.page, s.web = page, httptest.NewServer(page)
	t.Cleanup(s.web.Close)
	t.Cleanup(page.Close)
	return s
}

// withoutKeys is the demo scheme for a server that cannot issue.
func withoutKeys(t *testing.T) *scheme.Set {
	t.Helper()
	files, err := demo.FS()
	if err != nil {
		t.Fatal(err)
	}
	set, err := scheme.Load(hiding{files}, scheme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// hiding has no private keys.
type hiding struct{ fs.FS }

func (h hiding) Open(name string) (fs.File, error) {
	if strings.Contains(name, "PrivateKeys") {
		return nil, fs.ErrNotExist
	}
	return h.FS.Open(name)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request with these headers, such as the page's own scripts do.
func (s *site) send(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.web.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	resp, err := s.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, data}
}

// refused checks that the answer is this error, as JSON.
func (a answer) refused(t *testing.T, what string, status int, name string) {
	t.Helper()
	var got struct {
		Status         int
		Error, Message string
	}
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Errorf("%s: answer %.200q: %v", what, a.body, err)
	}
	if a.status != status || got.Status != status || got.Error != name || got.Message == "" {
		t.Errorf("%s: %d %s, want %d %s", what, a.status, a.body, status, name)
	}
}

// phone is a simulated phone with its user.
type phone struct {
	*site
	secret string
	screen screen
}

// screen has the members of a view that tests look at.
type screen struct {
	Revision int
	Screen   string
	Code     string
	Question struct {
		Server, Message string
		Stuck           bool
		Disjunctions    []struct {
			Label   string
			Options []struct {
				Possible   bool
				Attributes []struct {
					ID    string
					Value *string
				}
			}
		}
		Credentials []struct{ ID string }
	}
	End struct {
		OK, Refused, Signed bool
		Reason, Detail      string
		Disclosed           []struct{ ID string }
		Issued              []struct{ ID string }
	}
	Cards []struct {
		ID         string
		Attributes []struct {
			ID    string
			Value *string
		}
	}
}

func (s *site) newPhone(t *testing.T) *phone {
	t.Helper()
	made := s.send(t, "POST", "/dev/api/phone", "{}")
	var out struct{ Secret string }
	if err := json.Unmarshal(made.body, &out); err != nil || len(out.Secret) < 20 {
		t.Fatalf("new phone: %d %s", made.status, made.body)
	}
	return &phone{site: s, secret: out.Secret}
}

// do sends what the user does, and checks the status of the answer.
func (ph *phone) do(t *testing.T, what string, body any, want int) answer {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got := ph.send(t, "POST", "/dev/api/phone/"+what, string(encoded), "X-Irmad-Phone: "+ph.secret)
	if got.status != want {
		t.Fatalf("%s %s: %d %s", what, encoded, got.status, got.body)
	}
	return got
}

// reply answers the question on the screen.
func (ph *phone) reply(t *testing.T, what string, choices ...int) {
	t.Helper()
	ph.do(t, what, map[string]any{"question": ph.screen.Revision, "choices": choices}, http.StatusOK)
}

func (ph *phone) refuse(t *testing.T, what string) {
	t.Helper()
	ph.do(t, what, map[string]any{"question": ph.screen.Revision, "refuse": true}, http.StatusOK)
}

// sees waits until the phone shows one of these screens.
func (ph *phone) sees(t *testing.T, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		path := "/dev/api/phone?after=" + itoa(ph.screen.Revision)
		got := ph.send(t, "GET", path, "", "X-Irmad-Phone: "+ph.secret)
		if got.status != http.StatusOK {
			t.Fatalf("phone: %d %s", got.status, got.body)
		}
		ph.screen = screen{}
		if err := json.Unmarshal(got.body, &ph.screen); err != nil {
			t.Fatal(err)
		}
		if ph.screen.Screen == want {
			return
		}
		if ph.screen.Screen == "end" {
			break
		}
	}
	t.Fatalf("phone shows %+v, want %s", ph.screen, want)
}

func itoa(n int) string {
	encoded, _ := json.Marshal(n)
	return string(encoded)
}

// scan starts a session and lets the phone scan its pointer.
func (ph *phone) scan(t *testing.T, request irma.Request) *irma.SessionPackage {
	t.Helper()
	pkg := ph.Start(t, request)
	ph.do(t, "scan", pkg.SessionPtr, http.StatusOK)
	return pkg
}

// result waits for the result of a session.
func (ph *phone) result(t *testing.T, pkg *irma.SessionPackage) *irma.SessionResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	result, err := ph.Irma.WaitResult(ctx, pkg.Token)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func frontend(pkg *irma.SessionPackage) *requestor.Frontend { return requestor.NewFrontend(pkg) }

func compact(t *testing.T, data []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
