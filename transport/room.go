package transport

import (
	"errors"
	"sync/atomic"
)

// room is a number of bytes that may still be occupied.
type room struct{ left atomic.Int64 }

var errNoRoom = errors.New("no room for a large body")

// take reports whether there was room for so many bytes more.
func (r *room) take(bytes int64) bool {
	if r.left.Add(-bytes) >= 0 {
		return true
	}
	r.give(bytes)
	return false
}

func (r *room) give(bytes int64) { r.left.Add(bytes) }
