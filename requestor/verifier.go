package requestor

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// clockSkew is how far the server's clock may be ahead of ours.
const clockSkew = time.Minute

// Verifier reads results that a server signed, so that they may come by any way.
// It is safe for concurrent use.
type Verifier struct {
	// Key is the server's public key; see ParseServerKey and Client.ServerKey.
	Key *rsa.PublicKey

	// Issuer is the name that the server must give itself in its results. Zero
	// means any: servers that share a key are then not told apart.
	Issuer string

	// Now tells the time. Nil means time.Now.
	Now func() time.Time
}

// ParseServerKey reads the public key of a server from PEM, the form in which
// its endpoint /publickey gives it, or from a certificate.
func ParseServerKey(text []byte) (*rsa.PublicKey, error) { return jwt.ParseRSAPublicKey(text) }

// SignedResult is a result that a server vouched for.
type SignedResult struct {
	*irma.SessionResult
	Issuer   string    // the server's name for itself; may be empty
	IssuedAt time.Time // when it signed
	Expiry   time.Time // until when it vouches; set by Validity of the request
}

// Verify reads a result from a JWT, such as Client.ResultJWT returns. The JWT
// must be signed with Key (RS256), have begun and not expired, and say in its
// subject that it is a result of its type; other JWTs that a server signs are
// refused.
//
// The result says what it says: look at Status and ProofStatus before using
// disclosed attributes, and at Token to know that it is of the session you mean.
// Disclosed is as with Client.Result.
func (v *Verifier) Verify(token []byte) (*SignedResult, error) {
	out, err := v.verify(token)
	if err != nil {
		return nil, fmt.Errorf("signed result: %w", err)
	}
	return out, nil
}

func (v *Verifier) verify(token []byte) (*SignedResult, error) {
	key, err := jwt.RSAKey(v.Key)
	if v.Key == nil || err != nil {
		return nil, errors.New("the Verifier has no key")
	}
	unverified, err := jwt.Parse(token)
	if err != nil {
		return nil, err
	}
	payload, err := unverified.Verify(key)
	if err != nil {
		return nil, err
	}
	claims, err := unverified.Claims()
	if err != nil {
		return nil, err
	}
	result, err := decodeResult(payload)
	if err != nil {
		return nil, err
	}
	if err := v.check(claims, result.Type); err != nil {
		return nil, err
	}
	return &SignedResult{result, claims.Issuer, claims.IssuedAt, claims.Expiry}, nil
}

// check checks the claims besides the result (spec 02 §6.5).
func (v *Verifier) check(c *jwt.Claims, action irma.Action) error {
	now := v.now()
	switch {
	case action == "" || c.Subject != string(action)+"_result":
		return fmt.Errorf("the subject is %.40q, not that of a result of type %.40q", c.Subject, action)
	case v.Issuer != "" && c.Issuer != v.Issuer:
		return fmt.Errorf("the issuer is %.40q, expected %q", c.Issuer, v.Issuer)
	case c.Expiry.IsZero() || c.IssuedAt.IsZero():
		return errors.New("iat or exp is missing")
	case !now.Before(c.Expiry):
		return fmt.Errorf("it expired %v ago", now.Sub(c.Expiry).Round(time.Second))
	case c.IssuedAt.After(now.Add(clockSkew)), c.NotBefore.After(now.Add(clockSkew)):
		return errors.New("it is not valid yet; are both clocks right?")
	}
	return nil
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now()
	}
	return v.Now()
}
