package irmaserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

// guard is a program's own authenticator: requestors are known by a header that
// something before the server sets.
type guard struct{ bodies int }

// CheckHeader refuses without the body.
func (g *guard) CheckHeader(header http.Header) error {
	switch header.Get("X-Application") {
	case "":
		return irma.ErrUnauthorized.With("who are you?")
	case "broken":
		return errors.New("the directory of applications does not answer")
	}
	return nil
}

// Authenticate knows the application and reads its request.
func (g *guard) Authenticate(r *http.Request, body []byte) (string, *irma.ExtendedRequest, error) {
	g.bodies++
	request, err := irma.ParseRequest(body)
	return r.Header.Get("X-Application"), request, err
}

// TestOwnAuthenticator mounts the requestors' endpoints with an authenticator of
// the program.
func TestOwnAuthenticator(t *testing.T) {
	t.Parallel()
	seen, own := new(witness), new(guard)
	s := newSite(t, func(c *irmaserver.Config) { c.Authenticator, c.Observer = own, seen })
	url := s.requestorURL() + "/session"
	const jsonType = "application/json"
	started := s.do("POST", url, discloseOver18, "Content-Type", jsonType, "X-Application", "shop")
	if started.status != http.StatusOK || !strings.Contains(started.body, "sessionPtr") {
		t.Fatalf("%d %s", started.status, started.body)
	}
	if len(seen.sessions) != 1 || seen.sessions[0].Requestor != "shop" {
		t.Errorf("sessions observed: %+v", seen.sessions)
	}
	wantError(t, s.do("POST", url, "{", "X-Application", "shop"), irma.ErrInvalidRequest, "unexpected end of JSON input")
	before := own.bodies
	wantError(t, s.do("POST", url, discloseOver18), irma.ErrUnauthorized, "who are you?")
	failed := s.do("POST", url, discloseOver18, "X-Application", "broken")
	wantError(t, failed, irma.ErrInternal, "")
	if strings.Contains(failed.body, "directory") {
		t.Errorf("the answer tells of the inside: %s", failed.body)
	}
	if diff := cmp.Diff(before, own.bodies); diff != "" {
		t.Errorf("requests of which the body was read (-want +got):\n%s", diff)
	}
}

// byHeader knows applications by a header that a proxy in front sets.
type byHeader struct{}

func (byHeader) Authenticate(r *http.Request, body []byte) (string, *irma.ExtendedRequest, error) {
	name := r.Header.Get("X-Application")
	if name == "" {
		return "", nil, irma.ErrUnauthorized
	}
	request, err := irma.ParseRequest(body)
	return name, request, err
}

// A program decides itself who may start sessions over HTTP.
func ExampleServer_RequestorHandler() {
	schemes, err := demo.Set()
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "https://example.com/irma/", Authenticator: byHeader{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close(context.Background())
	handler := server.RequestorHandler()
	for _, name := range []string{"shop", ""} {
		r := httptest.NewRequest(http.MethodPost, "/session", strings.NewReader(discloseOver18))
		r.Header.Set("X-Application", name)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 200
	// 403
}
