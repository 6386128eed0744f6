package irma

import (
	"net/netip"
	"strconv"
	"strings"
)

// maxSDJWTBatch is the most SD-JWTs that wallets and servers handle for one
// credential.
const maxSDJWTBatch = 200

// requestPaths has the JSON paths that messages begin with.
type requestPaths struct{ root, disclose string }

// Validate checks all rules that need no knowledge of schemes (spec 01 §6.1):
// that attributes, messages and credentials are present, that identifiers have
// the right number of parts, that conjunctions are in order, and that numbers
// are sensible. The error is an *Error of kind ErrInvalidRequest. Requests from
// ParseRequest have passed it.
func (r *ExtendedRequest) Validate() error {
	if r.Request == nil {
		return ErrInvalidRequest.With("$.request: missing")
	}
	return r.validate(requestPaths{root: rootExtended, disclose: rootExtended + ".disclose"})
}

func (r *ExtendedRequest) validate(at requestPaths) error {
	if r.Validity < 0 || r.Validity > maxSeconds {
		return ErrInvalidRequest.Withf("$.validity: expected a number of seconds from 0 to %d", maxSeconds)
	}
	if r.Timeout < 0 || r.Timeout > maxSeconds {
		return ErrInvalidRequest.Withf("$.timeout: expected a number of seconds from 0 to %d", maxSeconds)
	}
	return r.Request.validate(at)
}

func (r *SessionRequest) validate(at requestPaths) error {
	if !validHost(r.Host) {
		return ErrInvalidRequest.Withf("%s.host: expected a host name or host:port", at.root)
	}
	switch r.Action() {
	case Disclosing:
		return r.validateDisclosure(at)
	case Signing:
		return r.validateSignature(at)
	case Issuing:
		return r.validateIssuance(at)
	}
	return ErrInvalidRequest.With(at.root + ".@context: " + unknownContext(at.root))
}

func (r *SessionRequest) validateDisclosure(at requestPaths) error {
	if !r.Disclose.hasAttributes() {
		return ErrInvalidRequest.With(at.disclose + ": Disclosure request had no attributes")
	}
	return r.Disclose.validate(at.disclose)
}

// validateSignature also refuses conjunctions that are all empty: a signature
// without any attribute can never be valid.
func (r *SessionRequest) validateSignature(at requestPaths) error {
	if r.Message == "" {
		return ErrInvalidRequest.With(at.root + ".message: Signature request had empty message")
	}
	if len(r.Disclose) == 0 {
		return ErrInvalidRequest.With(at.disclose + ": Signature request had no attributes")
	}
	return r.validateDisclosure(at)
}

func (r *SessionRequest) validateIssuance(at requestPaths) error {
	if len(r.Credentials) == 0 {
		return ErrInvalidRequest.With(at.root + ".credentials: Empty issuance request")
	}
	if len(r.Credentials) > maxProofs { // a wallet's answer has a proof for each
		return ErrInvalidRequest.Withf("%s.credentials: at most %d are possible", at.root, maxProofs)
	}
	for i, cred := range r.Credentials {
		path := at.root + ".credentials[" + strconv.Itoa(i) + "]"
		if n := partCount(string(cred.CredentialTypeID)); n != 3 {
			return ErrInvalidRequest.Withf("%s.credential: Expected credential ID to consist of 3 parts, %d found", path, n)
		}
		if cred.SDJWTBatchSize > maxSDJWTBatch {
			return ErrInvalidRequest.Withf("%s.sdJwtBatchSize: at most %d are possible", path, maxSDJWTBatch)
		}
	}
	return r.Disclose.validate(at.disclose)
}

func (c ConDisCon) hasAttributes() bool {
	for range c.Attributes {
		return true
	}
	return false
}

func (c ConDisCon) validate(path string) error {
	for i, discon := range c {
		if len(discon) == 0 {
			return ErrInvalidRequest.Withf("%s[%d]: Empty disjunction", path, i)
		}
		for j, con := range discon {
			if problem := con.problem(); problem != "" {
				return ErrInvalidRequest.Withf("%s[%d][%d]%s", path, i, j, problem)
			}
		}
	}
	return nil
}

// problem returns the rest of the path and what is wrong with the
// conjunction, or "".
func (c Con) problem() string {
	var last CredentialTypeID
	var before map[CredentialTypeID]bool // the types that came before the last one
	for i, attr := range c {
		if n := partCount(string(attr.Type)); n != 3 && n != 4 {
			return "[" + strconv.Itoa(i) + "]: Expected attribute request to consist of 4 or 3 parts, " + strconv.Itoa(n) + " found"
		}
		typ := attr.Type.CredentialType()
		if typ == last {
			continue
		}
		if before[typ] {
			return "[" + strconv.Itoa(i) + "]: Within inner conjunctions, attributes from the same credential type must be adjacent"
		}
		if i > 0 { // most conjunctions are about one type and need no map
			if before == nil {
				before = make(map[CredentialTypeID]bool)
			}
			before[last] = true
		}
		last = typ
	}
	return ""
}

// validHost accepts host names, IP addresses and an optional port, and the
// empty string. Anything else in the host part of a session pointer could make
// it point elsewhere than it seems to.
func validHost(host string) bool {
	if host == "" {
		return true
	}
	if strings.Trim(host, hostChars+"[]:") != "" {
		return false
	}
	if _, err := netip.ParseAddrPort(host); err == nil {
		return true
	}
	if rest, bracket := strings.CutPrefix(host, "["); bracket {
		addr, err := netip.ParseAddr(strings.TrimSuffix(rest, "]"))
		return err == nil && addr.Is6() && strings.HasSuffix(rest, "]")
	}
	name, port, hasPort := strings.Cut(host, ":")
	if hasPort {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
	}
	return name != "" && len(name) <= 253 && strings.Trim(name, hostChars) == "" && !strings.HasPrefix(name, ".")
}

const hostChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
