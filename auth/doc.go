// Package auth tells who a requestor is and what it may ask (spec 02 §2-§5).
//
// An [Authenticator] is made once of all requestors, with their keys and
// permissions as parsed values, and does not change. Identity is the configured
// name of the requestor whose key verified a request, and nothing that the
// request says about itself; permissions are looked up by that name, also for
// the sessions that follow a requestor's first one.
//
// Errors about requests are of the kinds irma.ErrInvalidRequest and
// irma.ErrUnauthorized. Their messages name what the sender can repair, and
// quote neither keys nor attribute values. The package logs nothing.
package auth
