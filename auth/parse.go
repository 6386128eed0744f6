package auth

import (
	"errors"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/internal/jwt"
)

// ParseRequestor returns a requestor without permissions from a method and a key
// in the form they have in a configuration: the token itself, base64 of the
// secret, or PEM with an RSA public key or certificate. White space around it,
// such as editors put into files, is not part of a token. Errors name the
// requestor and never quote the key.
func ParseRequestor(name, method string, key []byte) (Requestor, error) {
	r := Requestor{Name: name, Method: Method(method)}
	if err := r.checkMethod(); err != nil {
		return Requestor{}, err
	}
	text := strings.TrimSpace(string(key))
	if text == "" {
		return Requestor{}, r.emptyKey()
	}
	var err error
	switch r.Method {
	case Token:
		r.Token = text
	case HMAC:
		if r.HMACKey, err = jwt.DecodeSecret([]byte(text)); err != nil {
			return Requestor{}, fmt.Errorf("failed to base64 decode hmac key of requestor %s: %w", name, err)
		}
	case PublicKey:
		if r.PublicKey, err = jwt.ParseRSAPublicKey([]byte(text)); err != nil {
			return Requestor{}, fmt.Errorf("failed to parse public key of requestor %s: %w", name, err)
		}
	}
	return r, r.check()
}

func (r *Requestor) checkMethod() error {
	switch r.Method {
	case Token, HMAC, PublicKey:
		return nil
	}
	return fmt.Errorf("requestor %s has unsupported authentication type %s (supported methods: token, hmac, publickey)", r.Name, r.Method)
}

func (r *Requestor) emptyKey() error {
	return fmt.Errorf("failed to read key of requestor %s: empty key provided", r.Name)
}

// maxToken bounds tokens, so that hashing what a stranger sends costs little.
const maxToken = 4096

// check checks name and key.
func (r *Requestor) check() error {
	if err := checkName(r.Name); err != nil {
		return err
	}
	if err := r.checkMethod(); err != nil {
		return err
	}
	if r.Token != "" && r.Method != Token || r.HMACKey != nil && r.Method != HMAC || r.PublicKey != nil && r.Method != PublicKey {
		return fmt.Errorf("requestor %s has a key of another method than %s", r.Name, r.Method)
	}
	switch {
	case r.Method == Token && r.Token != "":
		return r.checkToken()
	case r.Method == HMAC && len(r.HMACKey) > 0:
		return nil
	case r.Method == PublicKey && r.PublicKey != nil:
		if err := jwt.CheckRSAPublicKey(r.PublicKey); err != nil {
			return fmt.Errorf("public key of requestor %s: %w", r.Name, err)
		}
		return nil
	}
	return r.emptyKey()
}

func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("a requestor has an empty name")
	case strings.TrimSpace(name) != name || strings.ContainsFunc(name, isControl):
		return fmt.Errorf("the name %q of a requestor has white space around it or a control character in it", name)
	}
	return nil
}

// checkToken refuses tokens that cannot arrive: what is around the value of a
// header is cut off, and control characters are refused.
func (r *Requestor) checkToken() error {
	switch {
	case len(r.Token) > maxToken:
		return fmt.Errorf("token of requestor %s is longer than %d bytes", r.Name, maxToken)
	case strings.TrimSpace(r.Token) != r.Token || strings.ContainsFunc(r.Token, isControl):
		return fmt.Errorf("token of requestor %s has white space around it or a control character in it, with which it cannot be sent in a header", r.Name)
	}
	return nil
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
