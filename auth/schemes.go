package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// CheckPermissions checks all permissions, as New does, and also that what they
// name exists in the set. If privateKeys is true, a permission to issue or
// revoke one credential type also needs its issuer's private key. All mistakes
// are reported together, as a *PermissionsError.
func CheckPermissions(cfg Config, set *scheme.Set, privateKeys bool) error {
	problems := &PermissionsError{}
	check := checker{set, privateKeys}
	check.permissions(cfg.Global, problems.about("Global"))
	for i := range cfg.Requestors {
		r := &cfg.Requestors[i]
		check.permissions(r.Permissions, problems.about("Requestor "+r.Name))
	}
	return problems.orNil()
}

type checker struct {
	set         *scheme.Set
	privateKeys bool
}

func (c checker) permissions(p Permissions, report func(v verb, pattern, problem string)) {
	for v, list := range p.byVerb {
		for _, pattern := range list {
			problem := v.problem(pattern)
			if problem == "" && pattern != "*" {
				problem = c.problem(v, pattern)
			}
			if problem != "" {
				report(v, pattern, problem)
			}
		}
	}
}

// problem returns what is wrong with a well-formed pattern other than "*", or
// "".
func (c checker) problem(v verb, pattern string) string {
	id, wild := strings.CutSuffix(pattern, ".*")
	if missing := c.missing(id); missing != "" {
		if near := c.set.Nearest(id); near != "" {
			missing += "; did you mean " + near + "?"
		}
		return ": unknown " + missing
	}
	if wild || !c.privateKeys {
		return ""
	}
	issuer := irma.CredentialTypeID(id).Issuer()
	var err error
	switch v {
	case issuing:
		err = checkIssuingKey(c.set, issuer)
	case revoking:
		err = checkRevokingKey(c.set, issuer)
	}
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}

// missing returns which part of an identifier of one to four parts is unknown,
// or "".
func (c checker) missing(id string) string {
	parts := strings.Count(id, ".") + 1
	attr := irma.AttributeTypeID(id)
	typ := attr.CredentialType() // the whole of a shorter identifier
	switch {
	case c.set.Scheme(typ.Scheme()) == nil:
		return "scheme"
	case parts > 1 && c.set.Issuer(typ.Issuer()) == nil:
		return "issuer"
	case parts > 2 && c.set.CredentialType(typ) == nil:
		return "credential type"
	case parts > 3:
		if _, known := c.set.CredentialType(typ).AttributePosition(attr.Name()); !known {
			return "attribute type"
		}
	}
	return ""
}

var (
	errNoPrivateKey = errors.New("failed to load private key: issuer private key not found: file does not exist")
	errNoRevocation = errors.New("private key does not support revocation")
)

func checkIssuingKey(set *scheme.Set, issuer irma.IssuerID) error {
	counter, err := set.LatestPrivateKey(issuer)
	if errors.Is(err, scheme.ErrKeyNotFound) {
		return errNoPrivateKey
	}
	if err == nil {
		_, err = set.PrivateKey(issuer, counter)
	}
	if err != nil {
		return fmt.Errorf("failed to load private key: %w", err)
	}
	return nil
}

func checkRevokingKey(set *scheme.Set, issuer irma.IssuerID) error {
	if err := checkIssuingKey(set, issuer); err != nil {
		return err
	}
	counter, err := set.LatestPrivateKey(issuer)
	if err != nil {
		return errNoPrivateKey
	}
	key, err := set.PrivateKey(issuer, counter)
	if err != nil {
		return fmt.Errorf("failed to load private key: %w", err)
	}
	if !key.RevocationSupported() {
		return fmt.Errorf("%w (key %d of %s)", errNoRevocation, counter, issuer)
	}
	return nil
}

// AuthorizeRevocation tells whether the requestor with this name may revoke
// credentials of this type, of which the set must have the issuer's private key
// (spec 02 §5.5). Names are as with Authorize. The error is of kind
// irma.ErrUnauthorized.
func (a *Authenticator) AuthorizeRevocation(_ context.Context, requestor string, set *scheme.Set, typ irma.CredentialTypeID) error {
	who := a.account(requestor)
	if who == nil {
		return errUnknown
	}
	permitted := a.permitted(who, revoking)
	if permitted.nothing() {
		return irma.ErrUnauthorized
	}
	if err := checkRevokingKey(set, typ.Issuer()); err != nil {
		return irma.ErrUnauthorized.With(err.Error())
	}
	if !permitted.allow(string(typ)) {
		return irma.ErrUnauthorized.With(string(typ))
	}
	return nil
}
