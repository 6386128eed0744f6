package keyshare

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// How old a statement may be, and how far the clocks of the two servers may be
// apart. Wallets ask for the statement at the moment that they use it.
const (
	MaxAge = 10 * time.Minute
	Leeway = time.Minute
)

// maxToken bounds the length of a statement. One under the longest keys has
// about 3000 bytes.
const maxToken = 16 << 10

// subject is the sub of statements. Keyshare servers sign other tokens with the
// same key, which must not pass for statements.
const subject = "ProofP"

// Verify returns what the keyshare server of the scheme states in the token at
// the moment now. The token must be signed with RS256, RS384 or RS512 and the
// key of the scheme that its kid names, which is number 0 if there is none; have
// sub ProofP; and have been issued within MaxAge. Expiry and not-before times are
// honoured where they are given.
//
// The C and SResponse of the result are not nil; P may be. No number is
// negative, but nothing else is known of them. Errors say what is wrong in words
// for the wallet's user, without quoting the token; one is ErrUnknownKey.
func Verify(s *scheme.Scheme, token string, now time.Time) (*irma.ProofP, error) {
	payload, claims, err := open(s, token)
	if err != nil {
		return nil, err
	}
	if claims.Subject != subject {
		return nil, fmt.Errorf("the JWT has the subject %.20q instead of %q", claims.Subject, subject)
	}
	if err := checkTimes(claims, now); err != nil {
		return nil, err
	}
	return decode(payload)
}

// open returns the contents of a token that the keyshare server signed.
func open(s *scheme.Scheme, token string) ([]byte, *jwt.Claims, error) {
	if len(token) > maxToken {
		return nil, nil, fmt.Errorf("the JWT is longer than %d bytes", maxToken)
	}
	parsed, err := jwt.Parse([]byte(token))
	if err != nil && !errors.Is(err, jwt.ErrKeyID) { // without a proper kid it is key 0
		return nil, nil, err
	}
	key, err := keyOf(s, parsed)
	if err != nil {
		return nil, nil, err
	}
	payload, err := parsed.Verify(key)
	if err != nil {
		return nil, nil, errors.New("the JWT is not signed with the key of the keyshare server")
	}
	claims, err := parsed.Claims()
	return payload, claims, err
}

// checkTimes checks that the statement was made just now.
func checkTimes(claims *jwt.Claims, now time.Time) error {
	switch issued := claims.IssuedAt; {
	case issued.IsZero():
		return errors.New("the JWT has no iat")
	case issued.After(now.Add(Leeway)):
		return fmt.Errorf("the JWT was issued %s in the future: the clock of the keyshare server or of this server is wrong",
			issued.Sub(now).Round(time.Second))
	case issued.Before(now.Add(-MaxAge)):
		return fmt.Errorf("the JWT was issued %s ago, at most %s are allowed", now.Sub(issued).Round(time.Second), MaxAge)
	case !claims.Expiry.IsZero() && !now.Before(claims.Expiry.Add(Leeway)):
		return errors.New("the JWT has expired")
	case claims.NotBefore.After(now.Add(Leeway)):
		return errors.New("the JWT is not valid yet")
	}
	return nil
}

// decode reads the proof inside a statement.
func decode(payload []byte) (*irma.ProofP, error) {
	var content struct{ ProofP *irma.ProofP }
	if err := json.Unmarshal(payload, &content); err != nil {
		return nil, errors.New("the ProofP of the JWT is malformed")
	}
	switch proof := content.ProofP; {
	case proof == nil:
		return nil, errors.New("the JWT has no ProofP")
	case proof.C == nil:
		return nil, errors.New("the ProofP of the JWT has no c")
	case proof.SResponse == nil:
		return nil, errors.New("the ProofP of the JWT has no s_response")
	}
	return content.ProofP, nil
}
