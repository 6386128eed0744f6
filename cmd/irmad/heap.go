package main

import (
	"context"

	"github.com/irmad/irmaserver/cmd/irmad/internal/heap"
)

// keepHeap returns what looks after the heap while the server serves. It is nil if an
// administrator says how often garbage is collected, or how much memory there is.
func keepHeap(gogc, limit string) func(context.Context) {
	if gogc != "" || limit != "" {
		return nil
	}
	return heap.Keep
}
