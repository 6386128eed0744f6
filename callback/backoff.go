package callback

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	firstDelay = time.Second
	maxDelay   = 5 * time.Minute

	// maxRetryAfter is the longest wait that a receiver can ask for.
	maxRetryAfter = time.Hour
)

// Backoff returns how long to wait after this number of failed attempts, at
// least one: twice as long each time, with a random part so that deliveries
// that failed together do not come back together. A receiver's Retry-After is
// respected up to an hour.
func Backoff(attempts int, retryAfter time.Duration) time.Duration {
	delay := maxDelay
	if shift := attempts - 1; shift < 10 {
		delay = min(firstDelay<<max(0, shift), maxDelay)
	}
	delay = delay/2 + rand.N(delay)
	return max(delay, min(retryAfter, maxRetryAfter))
}

// retryAfter reads a Retry-After header: seconds, or a date. Anything else is
// zero.
func retryAfter(value string, now func() time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, date.Sub(now()))
}
