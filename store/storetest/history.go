package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/irmad/irmaserver/store"
)

// testHistory lets clients do what comes to them with a few records, and checks
// that there is an order in which a store that does one thing at a time would
// have answered the same.
func testHistory(t *testing.T, s store.Store) {
	if err := runHistory(deadline(t), s); err != nil {
		t.Fatal(err)
	}
}

// runHistory returns an error if the store breaks the contract.
func runHistory(ctx context.Context, s store.Store) error {
	const clients, records, calls = 6, 4, 40
	h := &history{store: s}
	for phase, work := range []func(*actor) error{
		func(a *actor) error { return a.create(ctx, records) },
		func(a *actor) error { return a.act(ctx, records, calls) },
	} {
		errs := make([]error, clients)
		var wg sync.WaitGroup
		for i := range clients {
			a := &actor{id: i, history: h, random: rand.New(rand.NewPCG(uint64(i), uint64(phase))), seen: map[string]uint64{}}
			wg.Go(func() { errs[i] = work(a) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return checkHistory(h.operations)
}

// history is what clients have asked of a store, and its answers.
type history struct {
	store store.Store
	clock atomic.Int64 // counts beginnings and ends of calls, in their order

	mu         sync.Mutex // guards operations
	operations []porcupine.Operation
}

// actor is one client.
type actor struct {
	*history
	id     int
	random *rand.Rand
	count  int
	seen   map[string]uint64 // revisions by key
}

// create competes with the others for making each record.
func (a *actor) create(ctx context.Context, records int) error {
	for i := range records {
		if err := a.do(ctx, call{verb: toCreate, key: strconv.Itoa(i), data: a.data()}); err != nil {
			return err
		}
	}
	return nil
}

// act makes random calls.
func (a *actor) act(ctx context.Context, records, calls int) error {
	for range calls {
		c := call{key: strconv.Itoa(a.random.IntN(records))}
		c.revision = a.seen[c.key]
		switch n := a.random.IntN(100); {
		case n < 30:
			c.verb = toLoad
		case n < 80:
			c.verb, c.data = toSwap, a.data()
		case n < 95:
			c.verb, c.revision = toWatch, max(c.revision, 1)-1 // returns at once
		case n < 98:
			c.verb = toWatch // waits for somebody else
		case a.count > calls:
			c.verb = toRemove
		}
		if err := a.do(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// data returns bytes that nobody else writes.
func (a *actor) data() string {
	a.count++
	return fmt.Sprintf("%d.%d", a.id, a.count)
}

// do makes a call and notes it with its answer. A Watch that saw nothing is not
// noted.
func (a *actor) do(ctx context.Context, c call) error {
	begin := a.clock.Add(1)
	got, err := a.ask(ctx, c)
	if err != nil {
		return fmt.Errorf("client %d: %w", a.id, err)
	}
	if errors.Is(got.err, context.DeadlineExceeded) {
		return nil
	}
	switch {
	case got.revision > 0:
		a.seen[c.key] = got.revision
	case got.err == nil:
		a.seen[c.key] = c.revision + 1 // it has written that
	}
	op := porcupine.Operation{ClientId: a.id, Input: c, Call: begin, Output: got, Return: a.clock.Add(1)}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.operations = append(a.operations, op)
	return nil
}

// ask makes a call. An error means that the store failed.
func (a *actor) ask(ctx context.Context, c call) (answer, error) {
	var rec store.Record
	var err error
	out := store.Record{Data: []byte(c.data), Revision: c.revision}
	switch c.verb {
	case toCreate:
		err = a.store.Create(ctx, c.key, out)
	case toLoad:
		rec, err = a.store.Load(ctx, c.key)
	case toRemove:
		out.Expires = time.Now().Add(-time.Second)
		err = a.store.Swap(ctx, c.key, out)
	case toSwap:
		err = a.store.Swap(ctx, c.key, out)
	case toWatch:
		brief, cancel := context.WithTimeout(ctx, soon)
		defer cancel()
		rec, err = a.store.Watch(brief, c.key, c.revision)
	}
	known := []error{nil, store.ErrExists, store.ErrNotFound, store.ErrConflict}
	if c.verb == toWatch {
		known = append(known, context.DeadlineExceeded)
	}
	for _, sentinel := range known {
		if errors.Is(err, sentinel) {
			return answer{err: sentinel, revision: rec.Revision, data: string(rec.Data)}, nil
		}
	}
	return answer{}, err
}
