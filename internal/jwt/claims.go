package jwt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// Claims has the registered claims of a token. Times are zero when the claim is
// absent.
type Claims struct {
	Issuer    string
	Subject   string
	ID        string // jti
	IssuedAt  time.Time
	Expiry    time.Time
	NotBefore time.Time
}

// Claims reads the registered claims. Nothing in them can be trusted before
// Verify has succeeded. Claims that are null count as absent. No more memory is
// used than these few claims need, since anybody can send anything.
func (t *Unverified) Claims() (*Claims, error) {
	var raw struct{ ISS, SUB, JTI, AUD, IAT, EXP, NBF json.RawMessage }
	if err := json.Unmarshal(t.payload, &raw); err != nil || bytes.Equal(bytes.TrimSpace(t.payload), []byte("null")) {
		return nil, errors.New("the payload of the JWT is not a JSON object")
	}
	c := &Claims{}
	for _, claim := range []struct {
		name   string
		raw    json.RawMessage
		target any
		want   string
	}{
		{"iss", raw.ISS, &c.Issuer, "a string"},
		{"sub", raw.SUB, &c.Subject, "a string"},
		{"jti", raw.JTI, &c.ID, "a string"},
		{"aud", raw.AUD, new(names), "a string or a list of strings"},
		{"iat", raw.IAT, (*numericDate)(&c.IssuedAt), "a number of seconds"},
		{"exp", raw.EXP, (*numericDate)(&c.Expiry), "a number of seconds"},
		{"nbf", raw.NBF, (*numericDate)(&c.NotBefore), "a number of seconds"},
	} {
		if claim.raw == nil {
			continue
		}
		if err := json.Unmarshal(claim.raw, claim.target); err != nil {
			return nil, fmt.Errorf("claim %s of the JWT is not %s", claim.name, claim.want)
		}
	}
	return c, nil
}

// names is read from a string or a list of strings, and forgotten: the audience
// has no meaning for session requests.
type names struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (names) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		var list []string
		return json.Unmarshal(data, &list)
	}
	var text string
	return json.Unmarshal(data, &text)
}

// numericDate is read from a number of seconds since 1970, which may have a
// fraction (RFC 7519 §2).
type numericDate time.Time

// maxDate bounds dates, in seconds, so that calculating with them cannot
// overflow. Until there all numbers are exact.
const maxDate = 1 << 53

// UnmarshalJSON implements json.Unmarshaler.
func (d *numericDate) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	whole, fraction := math.Modf(min(max(seconds, -maxDate), maxDate))
	*d = numericDate(time.Unix(int64(whole), int64(fraction*1e9)))
	return nil
}
