package irma

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
)

// maxIntBytes bounds the integers taken from JSON: the largest in the protocol,
// a response under a 4096-bit key, has fewer than 1024 bytes; the longest
// disclosed attribute values (portrait photos) have tens of kilobytes.
const (
	maxIntBytes = 1 << 20
	maxDecimals = 10000
)

var (
	errInt       = errors.New("expected a base64 string or a non-negative decimal number")
	errIntLength = errors.New("integer too long")
	errNegative  = errors.New("irma: negative Int")
)

// Int is a non-negative big integer that is written in JSON as the padded
// standard base64 of its big-endian bytes; zero is "". It is read from the same
// form or from a bare decimal number.
type Int big.Int

// NewInt returns x as an Int. It panics if x is negative.
func NewInt(x int64) *Int {
	if x < 0 {
		panic("irma: negative Int")
	}
	return (*Int)(big.NewInt(x))
}

// Big returns the same integer as a *big.Int, sharing its memory. A nil Int
// gives nil.
func (i *Int) Big() *big.Int { return (*big.Int)(i) }

// Equal reports whether i and j are the same integer, or both nil.
func (i *Int) Equal(j *Int) bool {
	if i == nil || j == nil {
		return i == j
	}
	return i.Big().Cmp(j.Big()) == 0
}

// MarshalJSON implements json.Marshaler.
func (i *Int) MarshalJSON() ([]byte, error) {
	if i.Big().Sign() < 0 {
		return nil, errNegative
	}
	raw := i.Big().Bytes()
	out := make([]byte, 2+base64.StdEncoding.EncodedLen(len(raw)))
	base64.StdEncoding.Encode(out[1:], raw)
	out[0], out[len(out)-1] = '"', '"'
	return out, nil
}

// usualIntBytes is as long as the integers that wallets send under keys of up to
// 4096 bits.
const usualIntBytes = 768

// UnmarshalJSON implements json.Unmarshaler.
func (i *Int) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if isDecimal(data) {
		return i.unmarshalDecimal(data)
	}
	var room [usualIntBytes]byte
	raw, err := decodeBase64(room[:], data)
	if err == nil {
		i.Big().SetBytes(raw)
	}
	return err
}

// checkInt tells what is wrong with the JSON text of an Int, or returns "".
func checkInt(data []byte) string {
	var err error
	if isDecimal(data) {
		err = new(Int).unmarshalDecimal(data)
	} else {
		var room [usualIntBytes]byte
		_, err = decodeBase64(room[:], data)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func isDecimal(data []byte) bool { return len(data) == 0 || data[0] != '"' }

// decodeBase64 returns the bytes that a JSON string says, in the room if that is
// enough.
func decodeBase64(room, data []byte) ([]byte, error) {
	if base64.StdEncoding.DecodedLen(len(data)) > maxIntBytes+4 {
		return nil, errIntLength
	}
	text, err := unquote(data)
	if err != nil {
		return nil, errInt
	}
	if size := base64.StdEncoding.DecodedLen(len(text)); size > len(room) {
		room = make([]byte, size)
	}
	n, err := base64.StdEncoding.Decode(room, text)
	if err != nil {
		return nil, errInt
	}
	return room[:n], nil
}

// unquote returns what a JSON string says. Base64 is hardly ever escaped, so
// the decoder is spared.
func unquote(data []byte) ([]byte, error) {
	if n := len(data); n >= 2 && data[n-1] == '"' && bytes.IndexByte(data, '\\') < 0 {
		return data[1 : n-1], nil
	}
	var text string
	err := json.Unmarshal(data, &text)
	return []byte(text), err
}

// unmarshalDecimal reads digits only. Their number is limited because
// converting decimals takes more than linear time.
func (i *Int) unmarshalDecimal(data []byte) error {
	if base64.StdEncoding.DecodedLen(len(data)) > maxIntBytes+4 {
		return errIntLength
	}
	if !digits(string(data)) {
		return errInt
	}
	if len(data) > maxDecimals {
		return errIntLength
	}
	if _, ok := i.Big().SetString(string(data), 10); !ok {
		return errInt
	}
	return nil
}

// clone returns a copy that shares no memory; nil for nil.
func (i *Int) clone() *Int {
	if i == nil {
		return nil
	}
	return (*Int)(new(big.Int).Set(i.Big()))
}
