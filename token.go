package irmaserver

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/big"

	"github.com/irmad/irmaserver/irma"
)

const (
	tokenLength   = 20
	tokenAlphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

var tokenSpace = new(big.Int).Exp(big.NewInt(int64(len(tokenAlphabet))), big.NewInt(tokenLength), nil)

// newToken returns 20 random letters and digits, 119 bits.
func newToken() string {
	var seed [sha256.Size]byte
	_, _ = rand.Read(seed[:]) // never fails
	return tokenFrom(seed)
}

// clientToken returns the client token of the session with this requestor
// token. Deriving it one way makes one key lead to a session's record, whoever
// asks, while a wallet learns nothing of the requestor token.
func clientToken(token irma.RequestorToken) irma.ClientToken {
	return irma.ClientToken(tokenFrom(digest("client token", string(token))))
}

// tokenFrom spreads a digest over the tokens. The digest has so many more bits
// than a token that all tokens are equally likely within 2^-137.
func tokenFrom(seed [sha256.Size]byte) string {
	n := new(big.Int).Mod(new(big.Int).SetBytes(seed[:]), tokenSpace)
	base, digit := big.NewInt(int64(len(tokenAlphabet))), new(big.Int)
	out := make([]byte, tokenLength)
	for i := range out {
		n.DivMod(n, base, digit)
		out[i] = tokenAlphabet[digit.Int64()]
	}
	return string(out)
}

// newPairingCode returns four random digits.
func newPairingCode() string {
	var seed [8]byte
	_, _ = rand.Read(seed[:])
	n := binary.BigEndian.Uint64(seed[:]) % 10000
	return string([]byte{'0' + byte(n/1000), '0' + byte(n/100%10), '0' + byte(n/10%10), '0' + byte(n%10)})
}

// newNonce returns a random number of 128 bits.
func newNonce() *irma.Int {
	var seed [16]byte
	_, _ = rand.Read(seed[:])
	return (*irma.Int)(new(big.Int).SetBytes(seed[:]))
}

// digest hashes a purpose and some texts, with their lengths so that texts
// cannot run into each other.
func digest(purpose string, texts ...string) [sha256.Size]byte {
	h := sha256.New()
	for _, text := range append([]string{purpose}, texts...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:])
		h.Write([]byte(text))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// sameDigest compares in constant time.
func sameDigest(a, b [sha256.Size]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

// sameSecret compares in constant time, whatever the lengths.
func sameSecret(a, b string) bool { return sameDigest(digest("secret", a), digest("secret", b)) }
