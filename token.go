package irmaserver

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/big"
	"math/bits"

	"github.com/irmad/irmaserver/irma"
)

const (
	tokenLength   = 20
	tokenAlphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// halfSpace is the number of halves of tokens, which fits in a word.
const halfSpace = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62

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
	var words [len(seed) / 8]uint64
	for i := range words {
		words[i] = binary.BigEndian.Uint64(seed[8*i:])
	}
	var out [tokenLength]byte
	for at := 0; at < tokenLength; {
		var rest uint64
		for i := range words {
			words[i], rest = bits.Div64(rest, words[i], halfSpace)
		}
		for range tokenLength / 2 {
			out[at] = tokenAlphabet[rest%uint64(len(tokenAlphabet))]
			rest /= uint64(len(tokenAlphabet))
			at++
		}
	}
	return string(out[:])
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
	var space [256]byte
	all := appendText(space[:0], purpose)
	for _, text := range texts {
		all = appendText(all, text)
	}
	return sha256.Sum256(all)
}

// digestBody is digest of a last text that may be long.
func digestBody(purpose, text string, body []byte) [sha256.Size]byte {
	var space [256]byte
	head := appendText(appendText(space[:0], purpose), text)
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(head, uint64(len(body))))
	h.Write(body)
	return [sha256.Size]byte(h.Sum(nil))
}

func appendText(to []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint64(to, uint64(len(text))), text...)
}

// sameDigest compares in constant time.
func sameDigest(a, b [sha256.Size]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

// sameSecret compares in constant time, whatever the lengths.
func sameSecret(a, b string) bool { return sameDigest(digest("secret", a), digest("secret", b)) }
