package irma

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Timestamp is a moment in whole Unix seconds, written in JSON as a bare
// integer. Zero means absent.
type Timestamp int64

var errTimestamp = errors.New("expected whole Unix seconds as a bare number")

// NewTimestamp returns t rounded down to a second.
func NewTimestamp(t time.Time) Timestamp { return Timestamp(t.Unix()) }

// Time returns the moment; the zero time.Time for an absent timestamp.
func (t Timestamp) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t), 0)
}

// UnmarshalJSON implements json.Unmarshaler. It accepts a bare integer or null.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*t = 0
		return nil
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil {
		return errTimestamp
	}
	*t = Timestamp(n)
	return nil
}

// Version is a protocol version such as 2.8.
type Version struct{ Major, Minor int }

const errVersion protocolError = "Invalid protocol version number: not of form x.y"

// ParseVersion reads "2.8", with or without the quotes that JSON puts around it.
func ParseVersion(text string) (Version, error) {
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		text = text[1 : n-1]
	}
	major, minor, found := strings.Cut(text, ".")
	if !found || !digits(major) || !digits(minor) {
		return Version{}, errVersion
	}
	x, err := strconv.Atoi(major)
	if err != nil {
		return Version{}, errVersion
	}
	y, err := strconv.Atoi(minor)
	if err != nil {
		return Version{}, errVersion
	}
	return Version{Major: x, Minor: y}, nil
}

// Compare returns -1, 0 or 1 when v is older than, equal to, or newer than w.
func (v Version) Compare(w Version) int {
	if v.Major != w.Major {
		return sign(v.Major - w.Major)
	}
	return sign(v.Minor - w.Minor)
}

// String returns the version as "x.y".
func (v Version) String() string { return strconv.Itoa(v.Major) + "." + strconv.Itoa(v.Minor) }

// MarshalJSON implements json.Marshaler.
func (v Version) MarshalJSON() ([]byte, error) { return []byte(`"` + v.String() + `"`), nil }

// UnmarshalJSON implements json.Unmarshaler. Quotes may be left out. Null
// changes nothing.
func (v *Version) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	parsed, err := ParseVersion(string(data))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

// TranslatedString is a text per language code, such as "en" and "nl".
type TranslatedString map[string]string

func digits(b string) bool {
	for _, c := range []byte(b) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
