package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/irmad/irmaserver/store"
)

// checkTime bounds the search for an order. Histories of this size take
// milliseconds.
const checkTime = 10 * time.Second

// verb is what a client asks of a store.
type verb int

const (
	toCreate verb = iota
	toLoad
	toSwap
	toRemove // a swap into the past
	toWatch
)

// call is one of them.
type call struct {
	verb     verb
	key      string
	revision uint64 // that a swap is based on, or after which a watch looks
	data     string // that is written
}

// answer is what came of it.
type answer struct {
	err      error // nil or a sentinel of package store
	revision uint64
	data     string
}

// state is a record as the contract has it; revision 0 stands for none.
type state struct {
	revision uint64
	data     string
}

// step returns whether a call may have this answer in a state, and the state
// after it.
func (s state) step(c call, a answer) (bool, state) {
	exists := s.revision > 0
	switch {
	case errors.Is(a.err, store.ErrExists):
		return c.verb == toCreate && exists, s
	case errors.Is(a.err, store.ErrNotFound):
		return c.verb != toCreate && !exists, s
	case errors.Is(a.err, store.ErrConflict):
		return (c.verb == toSwap || c.verb == toRemove) && exists && s.revision != c.revision, s
	}
	switch c.verb {
	case toCreate:
		return !exists, state{1, c.data}
	case toSwap:
		return exists && s.revision == c.revision, state{s.revision + 1, c.data}
	case toRemove:
		return exists && s.revision == c.revision, state{}
	case toWatch:
		return exists && s.revision > c.revision && s == state{a.revision, a.data}, s
	default:
		return exists && s == state{a.revision, a.data}, s
	}
}

// model is the contract of Create, Load, Swap and Watch for each key. A history
// keeps to it if there is an order of its calls, in which none comes before one
// that had returned when it began, that the model could have answered the same.
var model = porcupine.Model{
	Partition: byKey,
	Init:      func() any { return state{} },
	Step: func(before, in, out any) (bool, any) {
		return before.(state).step(in.(call), out.(answer))
	},
}

// byKey splits a history into those of each key, which are independent.
func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	keys := map[string][]porcupine.Operation{}
	for _, op := range history {
		key := op.Input.(call).key
		keys[key] = append(keys[key], op)
	}
	return slices.Collect(maps.Values(keys))
}

// checkHistory returns an error unless a history keeps to the model.
func checkHistory(history []porcupine.Operation) error {
	for _, part := range byKey(history) {
		switch porcupine.CheckOperationsTimeout(model, part, checkTime) {
		case porcupine.Illegal:
			return fmt.Errorf("no order of these calls explains their answers:%s", describe(part))
		case porcupine.Unknown:
			return fmt.Errorf("found no order of %d calls in %v", len(part), checkTime)
		}
	}
	return nil
}

// describe lists the calls of a history, with when they began and returned.
func describe(history []porcupine.Operation) string {
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var out string
	for _, op := range history {
		in, got := op.Input.(call), op.Output.(answer)
		name := [...]string{"create", "load", "swap", "remove", "watch"}[in.verb]
		out += fmt.Sprintf("\n%5d-%-5d client %d: %s(%s, revision %d, %q) = revision %d, %q, %v",
			op.Call, op.Return, op.ClientId, name, in.key, in.revision, in.data, got.revision, got.data, got.err)
	}
	return out
}
