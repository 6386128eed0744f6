package limit

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// Authenticator returns an authenticator that refuses requestors over their
// limits after next has found out who they are.
func (l *Limiter) Authenticator(next transport.Authenticator) transport.Authenticator {
	return &authenticator{l, next}
}

type authenticator struct {
	limiter *Limiter
	next    transport.Authenticator
}

// errUnwrapped is a mistake of ours: a way to start sessions that no limit sees.
var errUnwrapped = errors.New("limit: a request to start a session came past Wrap")

// Authenticate implements transport.Authenticator. What has not come through
// Wrap is refused.
func (a *authenticator) Authenticate(r *http.Request, body []byte) (string, *irma.ExtendedRequest, error) {
	t, ok := r.Context().Value(ticketKey{}).(*ticket)
	if !ok {
		return "", nil, errUnwrapped
	}
	requestor, request, err := a.next.Authenticate(r, body)
	if err != nil {
		return requestor, request, err
	}
	if !a.limiter.admit(t, requestor) {
		return "", nil, irma.ErrTooManyRequests
	}
	return requestor, request, nil
}

// CheckHeader implements transport.HeaderChecker.
func (a *authenticator) CheckHeader(header http.Header) error {
	return transport.CheckHeader(a.next, header)
}

func refuse(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(irma.ErrTooManyRequests.Status)
	_ = json.NewEncoder(w).Encode(irma.ErrTooManyRequests) // the client may have gone
}

// announcer adds to a refusal when to try again.
type announcer struct {
	http.ResponseWriter
	ticket *ticket
}

// WriteHeader implements http.ResponseWriter.
func (a *announcer) WriteHeader(status int) {
	if status == http.StatusTooManyRequests {
		seconds := max(1, int(math.Ceil(a.ticket.wait.Seconds())))
		a.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *announcer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
