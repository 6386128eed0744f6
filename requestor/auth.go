package requestor

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/internal/jwt"
)

// Auth is how a requestor proves to a server who it is. The zero Auth proves
// nothing. Printing one shows its method and never its key.
type Auth struct {
	method string
	name   string
	token  string
	sign   func(payload []byte) (string, error)
}

// Token sends a secret that the server knows along with each request. Use it
// over https only.
func Token(token string) Auth {
	return Auth{method: "token", token: token}
}

// HMAC sends each request as a JWT of the requestor with this name, signed
// (HS256) with a secret that the server knows.
func HMAC(name string, secret []byte) Auth {
	return Auth{method: "hmac", name: name, sign: func(payload []byte) (string, error) {
		return jwt.SignHMAC(payload, secret)
	}}
}

// PublicKey sends each request as a JWT of the requestor with this name, signed
// (RS256) with its private key. The server has the public one.
func PublicKey(name string, key *rsa.PrivateKey) Auth {
	return Auth{method: "publickey", name: name, sign: func(payload []byte) (string, error) {
		return jwt.Sign(payload, key)
	}}
}

// ParseAuth returns the Auth that a configuration describes. The method is
// "none", "token", "hmac" or "publickey", for which "rsa" is another word. The
// key is the token itself, base64 of the secret in any dialect, or PEM with an
// RSA private key; white space around it does not count. Hmac and publickey need
// the requestor's name. Errors do not quote the key.
func ParseAuth(method, name, key string) (Auth, error) {
	key = strings.TrimSpace(key)
	switch method {
	case "none", "":
		return Auth{}, nil
	case "token", "hmac", "publickey", "rsa":
	default:
		return Auth{}, fmt.Errorf("unknown authentication method %q: it must be none, token, hmac or publickey", method)
	}
	if key == "" {
		return Auth{}, fmt.Errorf("authentication method %s needs a key", method)
	}
	if method == "token" {
		return Token(key), nil
	}
	if name == "" {
		return Auth{}, fmt.Errorf("authentication method %s needs the name of the requestor", method)
	}
	if method == "hmac" {
		secret, err := jwt.DecodeSecret([]byte(key))
		if err == nil && len(secret) == 0 {
			err = errors.New("it is empty")
		}
		if err != nil {
			return Auth{}, fmt.Errorf("hmac key: %w", err)
		}
		return HMAC(name, secret), nil
	}
	private, err := jwt.ParseRSAPrivateKey([]byte(key))
	if err != nil {
		return Auth{}, err
	}
	return PublicKey(name, private), nil
}

// Signs reports whether requests are sent as JWTs.
func (a Auth) Signs() bool { return a.sign != nil }

// String returns the method.
func (a Auth) String() string {
	if a.method == "" {
		return "none"
	}
	return a.method
}

// GoString implements fmt.GoStringer, to keep keys out of what is printed.
func (a Auth) GoString() string { return "requestor.Auth(" + a.String() + ")" }
