package irmaserver

import (
	"context"
	"sync"

	"github.com/irmad/irmaserver/irma"
)

// turns lets the computations for one session run one after the other, so that
// a wallet that repeats its message, or a stranger who does, occupies one of
// the server's computations at most, and a few messages' memory. The zero value
// is ready for use.
type turns struct {
	mu    sync.Mutex
	queue map[irma.ClientToken]*turn // of sessions with a computation
}

type turn struct {
	free  chan struct{} // holds an element when nobody has the turn
	users int           // having it or waiting for it; guarded by turns.mu
}

// maxTwins is how many messages of a session may be there at once.
const maxTwins = 256

// take waits for the session's turn, and tells whether it was there at once. Call
// the returned function to give it to the next one.
func (t *turns) take(ctx context.Context, token irma.ClientToken) (done func(), atOnce bool, err error) {
	mine, ok := t.join(token)
	if !ok {
		return nil, false, irma.ErrUnavailable.With("earlier messages of this session are being worked on")
	}
	done = func() {
		mine.free <- struct{}{}
		t.leave(token, mine)
	}
	select {
	case <-mine.free:
		return done, true, nil
	default:
	}
	select {
	case <-mine.free:
		return done, false, nil
	case <-ctx.Done():
		t.leave(token, mine)
		return nil, false, irma.ErrUnavailable.With("an earlier message of this session is being worked on")
	}
}

// join reports whether there was room for one more.
func (t *turns) join(token irma.ClientToken) (*turn, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.queue[token]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		if t.queue == nil {
			t.queue = make(map[irma.ClientToken]*turn)
		}
		t.queue[token] = mine
	}
	if mine.users == maxTwins {
		return nil, false
	}
	mine.users++
	return mine, true
}

func (t *turns) leave(token irma.ClientToken, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(t.queue, token)
	}
}
