package requestor

import (
	"fmt"
	"net/http"

	"github.com/irmad/irmaserver/irma"
)

// Callback reads the result that a server with a key posts to a callbackUrl or
// to the endpoint of a nextSession. It verifies it as Verify does; results that
// are not signed are refused, as anybody could have sent them.
//
// The status of a result at the endpoint of a nextSession is CONNECTED, because
// the session is not over before that has answered.
func (v *Verifier) Callback(r *http.Request) (*SignedResult, error) {
	body, err := readAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading posted result: %w", err)
	}
	return v.Verify(body)
}

// UnsignedCallback reads the result that a server without a key posts. Nothing
// tells that it comes from the server: only a URL that nobody else knows makes it
// worth something. Asking Client.Result about its Token is safer.
func UnsignedCallback(r *http.Request) (*irma.SessionResult, error) {
	body, err := readAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading posted result: %w", err)
	}
	return decodeResult(body)
}
