package timestamp

import "time"

// ParseAnswer lets tests read answers of timestamp servers.
func ParseAnswer(body []byte) (trusted bool, expires time.Time, err error) {
	a, err := parseAnswer(body)
	return a.trusted, a.expires, err
}
