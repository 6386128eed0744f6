package keyshare

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/scheme"
)

// ErrUnknownKey is in the chain of the error about a key that the scheme does not
// have. A newer version of the scheme may have it.
var ErrUnknownKey = errors.New("a key of the keyshare server that this server does not know")

// keyOf returns the key of the scheme that a token says it is signed with: kss-n.pem
// for the kid n, in decimal (spec 10 §7.6).
func keyOf(s *scheme.Scheme, token *jwt.Unverified) (jwt.Key, error) {
	number := 0
	if token.HasKeyID {
		n, err := strconv.ParseUint(token.KeyID, 10, 31)
		if err != nil {
			return jwt.Key{}, fmt.Errorf("the kid of the JWT, %.20q, is not the number of a key", token.KeyID)
		}
		number = int(n)
	}
	public := s.KeyshareKeys[number]
	if public == nil {
		return jwt.Key{}, fmt.Errorf("the JWT is signed with key %d, %w", number, ErrUnknownKey)
	}
	if err := jwt.CheckRSAPublicKey(public); err != nil {
		return jwt.Key{}, fmt.Errorf("key %d of the keyshare server cannot be used: %w", number, err)
	}
	return jwt.RSAFamilyKey(public)
}
