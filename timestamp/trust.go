package timestamp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// refusalLifetime is how long a server's word that a key is not its own is
	// remembered. It is short because a server may get new keys.
	refusalLifetime = time.Minute

	// maxAnswers bounds how many answers of each kind are remembered. Servers
	// have a handful of keys; everything else is made up by senders.
	maxAnswers = 512

	// maxLookups bounds the requests at one time, so that made-up keys do not
	// turn this process into a flood for the timestamp server.
	maxLookups = 8
)

var (
	errTimeout   = errors.New("the timestamp server took too long")
	errUntrusted = errors.New("the timestamp server does not trust the key")
	errAbandoned = errors.New("the lookup was abandoned")
)

// signingKey is a public key that is said to belong to a server.
type signingKey struct{ server, alg, public string }

// trust knows which keys servers call their own, and until when.
type trust struct {
	cfg   Config
	slots chan struct{} // holds a token per running request

	mu      sync.Mutex                // guards the fields below; never held while waiting
	trusted memory[time.Time]         // expiry of keys; not crowded out by refused ones
	refused memory[struct{}]          // keys that a server does not call its own
	running map[signingKey]*keyLookup // one per key
}

// keyLookup is a question to a server. The result may be read once done is
// closed.
type keyLookup struct {
	done    chan struct{}
	expires time.Time
	err     error
}

func newTrust(cfg Config) *trust {
	return &trust{
		cfg:     cfg,
		slots:   make(chan struct{}, maxLookups),
		trusted: newMemory[time.Time](maxAnswers),
		refused: newMemory[struct{}](maxAnswers),
		running: make(map[signingKey]*keyLookup),
	}
}

// expiry returns until when the server trusts the key, or an error if it does
// not or cannot be asked. Failures to ask are not remembered: they say nothing
// about the key.
func (t *trust) expiry(ctx context.Context, key signingKey) (time.Time, error) {
	for {
		l, first := t.join(key)
		if first {
			t.lead(ctx, key, l)
			return l.expires, l.err
		}
		select {
		case <-l.done:
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("waiting for the timestamp server: %w", context.Cause(ctx))
		}
		if !errors.Is(l.err, errAbandoned) {
			return l.expires, l.err
		}
	}
}

// join returns the lookup for the key: one that is done if the answer is
// remembered, or a running one, or a new one that the caller must lead.
func (t *trust) join(key signingKey) (l *keyLookup, first bool) {
	now := t.cfg.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if expires, ok := t.trusted.get(key, now); ok {
		return settled(expires, nil), false
	}
	if _, ok := t.refused.get(key, now); ok {
		return settled(time.Time{}, errUntrusted), false
	}
	if l := t.running[key]; l != nil {
		return l, false
	}
	l = &keyLookup{done: make(chan struct{}), err: errAbandoned}
	t.running[key] = l
	return l, true
}

func settled(expires time.Time, err error) *keyLookup {
	l := &keyLookup{done: make(chan struct{}), expires: expires, err: err}
	close(l.done)
	return l
}

// lead asks the server on behalf of all who joined the lookup. If the leader's
// caller gives up, another of them asks anew.
func (t *trust) lead(ctx context.Context, key signingKey, l *keyLookup) {
	defer t.finish(key, l)
	answer, err := t.ask(ctx, key)
	switch {
	case err != nil && ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTimeout):
		l.err = fmt.Errorf("%w: %w", errAbandoned, err)
	case err != nil:
		l.err = err
	case !answer.trusted:
		l.err = errUntrusted
		t.remember(func(now time.Time) { t.refused.put(key, struct{}{}, now.Add(refusalLifetime), now) })
	default:
		l.expires, l.err = answer.expires, nil
		t.remember(func(now time.Time) { t.trusted.put(key, answer.expires, answer.expires, now) })
	}
}

func (t *trust) ask(ctx context.Context, key signingKey) (answer, error) {
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return answer{}, fmt.Errorf("waiting for other requests to timestamp servers: %w", context.Cause(ctx))
	}
	return ask(ctx, t.cfg.HTTPClient, key)
}

func (t *trust) remember(put func(now time.Time)) {
	now := t.cfg.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	put(now)
}

func (t *trust) finish(key signingKey, l *keyLookup) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.running, key)
	close(l.done)
}
