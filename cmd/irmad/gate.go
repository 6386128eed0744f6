package main

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

// gate lets requestors in. Who they are can be replaced as a whole while
// requests come.
type gate struct {
	current atomic.Pointer[auth.Authenticator]
}

// Authenticate implements irmaserver's Authenticator.
func (g *gate) Authenticate(r *http.Request, body []byte) (string, *irma.ExtendedRequest, error) {
	return g.current.Load().Authenticate(r, body)
}

// CheckHeader implements transport's HeaderChecker.
func (g *gate) CheckHeader(header http.Header) error { return g.current.Load().CheckHeader(header) }

// authorize decides about follow-up sessions.
func (g *gate) authorize(ctx context.Context, requestor string, request *irma.SessionRequest) error {
	return g.current.Load().Authorize(ctx, requestor, request)
}

// newAuthenticator checks the requestors. Mistakes in permissions are returned
// apart, to be told with those that the schemes show.
func newAuthenticator(cfg auth.Config) (a *auth.Authenticator, mistakes *auth.PermissionsError, err error) {
	a, err = auth.New(cfg)
	if errors.As(err, &mistakes) {
		return nil, mistakes, nil
	}
	return a, nil, err
}
