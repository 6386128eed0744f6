package auth

import (
	"context"

	"github.com/irmad/irmaserver/irma"
)

// Authorize tells whether the requestor with this name may start a session for
// this request: whether it may issue the credentials, ask for every attribute in
// every branch, and use the host (spec 02 §5). The empty name has the global
// permissions only. A name that is not configured, such as that of a requestor
// removed while one of its sessions was going on, may do nothing.
//
// Authenticate has done this already; use it for requests that come another
// way, such as follow-up sessions. The error is of kind irma.ErrUnauthorized.
func (a *Authenticator) Authorize(_ context.Context, requestor string, request *irma.SessionRequest) error {
	who := a.account(requestor)
	if who == nil {
		return errUnknown
	}
	if err := a.authorizeIssuance(who, request); err != nil {
		return err
	}
	if err := a.authorizeAttributes(who, request); err != nil {
		return err
	}
	return a.authorizeHost(who, request.Host)
}

var errUnknown = irma.ErrUnauthorized.With("the requestor of this session is not configured")

// account returns the requestor with this name, or nil.
func (a *Authenticator) account(name string) *account {
	if name == "" {
		return a.nameless
	}
	return a.byName[name]
}

// permitted is what one requestor may do of one thing.
type permitted struct{ own, global *patterns }

func (a *Authenticator) permitted(who *account, v verb) permitted {
	return permitted{who.own[v], a.global[v]}
}

func (p permitted) nothing() bool { return (p.own == nil || p.own.empty()) && p.global.empty() }

func (p permitted) allow(id string) bool {
	return p.own != nil && p.own.allow(id) || p.global.allow(id)
}

func (a *Authenticator) authorizeIssuance(who *account, request *irma.SessionRequest) error {
	if len(request.Credentials) == 0 {
		return nil
	}
	permitted := a.permitted(who, issuing)
	if permitted.nothing() {
		return irma.ErrUnauthorized.With("No issuer permissions configured")
	}
	for _, cred := range request.Credentials {
		if !permitted.allow(string(cred.CredentialTypeID)) {
			return irma.ErrUnauthorized.Withf("No issuer permissions configured for credential '%s'", cred.CredentialTypeID)
		}
	}
	return nil
}

// authorizeAttributes treats a request of unknown kind as a disclosure. The
// message is the identifier that is not permitted and nothing else; requestors
// may read it.
func (a *Authenticator) authorizeAttributes(who *account, request *irma.SessionRequest) error {
	if len(request.Disclose) == 0 {
		return nil
	}
	v := disclosing
	if request.Action() == irma.Signing {
		v = signing
	}
	permitted := a.permitted(who, v)
	if permitted.nothing() {
		return irma.ErrUnauthorized
	}
	for attr := range request.Disclose.Attributes {
		if !permitted.allow(string(attr.Type)) {
			return irma.ErrUnauthorized.With(string(attr.Type))
		}
	}
	return nil
}
