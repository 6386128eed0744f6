package transport_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// deserted is an engine without sessions.
type deserted struct{}

func (deserted) Connect(context.Context, transport.Call, transport.Hello) (json.RawMessage, error) {
	return nil, irma.ErrSessionUnknown
}

func (deserted) Request(context.Context, transport.Call) (json.RawMessage, error) {
	return nil, irma.ErrSessionUnknown
}

func (deserted) Proofs(context.Context, transport.Call, transport.Body) (json.RawMessage, error) {
	return nil, irma.ErrSessionUnknown
}

func (deserted) Commitments(context.Context, transport.Call, transport.Body) (json.RawMessage, error) {
	return nil, irma.ErrSessionUnknown
}

func (deserted) Status(context.Context, transport.Call) (irma.Status, error) {
	return "", irma.ErrSessionUnknown
}

func (deserted) Events(context.Context, transport.Call) (transport.Stream, error) {
	return nil, irma.ErrSessionUnknown
}
func (deserted) Cancel(context.Context, transport.Call) error { return irma.ErrSessionUnknown }

// desertedFrontend is deserted for frontends.
type desertedFrontend struct{}

func (desertedFrontend) Authorize(context.Context, transport.Call) error {
	return irma.ErrSessionUnknown
}

func (desertedFrontend) Status(context.Context, transport.Call) (*irma.FrontendStatus, error) {
	return nil, irma.ErrSessionUnknown
}

func (desertedFrontend) Events(context.Context, transport.Call) (transport.Stream, error) {
	return nil, irma.ErrSessionUnknown
}

func (desertedFrontend) SetOptions(context.Context, transport.Call, []byte) (*irma.SessionOptions, error) {
	return nil, irma.ErrSessionUnknown
}

func (desertedFrontend) CompletePairing(context.Context, transport.Call) error {
	return irma.ErrSessionUnknown
}

// noStatic has no static sessions.
type noStatic struct{}

func (noStatic) StartStatic(context.Context, string) (*irma.SessionPointer, error) {
	return nil, irma.ErrInvalidRequest
}

// FuzzRequest sends requests with any method and path to a server without
// sessions: each gets an error object, and none is redirected.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "/irma/session/"+token+"/status", "2.8")
	f.Add("POST", "/session/"+token+"/frontend/options", "")
	f.Add("PUT", "/session/session/session/"+token, `"2.8"`)
	f.Add("GET", "//session//"+token+"/../frontend/", "")
	f.Add("OPTIONS", "*", "")
	f.Add("CONNECT", "", "")
	f.Add("DELETE", "/session/:token/", "")
	f.Add("POST", "/session/", "\x00")
	h := transport.NewClient(transport.ClientConfig{Wallet: deserted{}, Frontend: desertedFrontend{}, Static: noStatic{}})
	f.Fuzz(func(t *testing.T, method, path, version string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", strings.NewReader(version))
		r.Method, r.URL = method, &url.URL{Path: path}
		r.Header.Set("X-IRMA-MinProtocolVersion", version)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var sent irma.Error
		if err := json.Unmarshal(w.Body.Bytes(), &sent); err != nil || sent.Status != w.Code || w.Code < 400 || w.Code >= 500 {
			t.Errorf("%q %q: got %d %q, %v", method, path, w.Code, w.Body, err)
		}
	})
}
