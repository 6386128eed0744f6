package memory

import "github.com/irmad/irmaserver/store/internal/instant"

const (
	// slotCount is a power of two. A turn of the wheel takes this many ticks;
	// an entry further away than that is looked at once in every turn.
	slotCount = 1024

	// setBack is how many ticks the clock must go back before the wheel
	// follows it. Callers of Due that overtake each other do not count.
	setBack = 10
)

// wheel is a timing wheel: it holds each entry in the list of the tick at which
// something happens to it next, so adding, removing and finding what is due
// take constant time and nothing ever scans all records.
type wheel struct {
	cursor  int64              // the last tick whose slot was opened
	slots   *[slotCount]*entry // nil before the first entry
	pending *entry             // what is left of the slot opened last
}

// add schedules e for its next event. What should have happened already is
// done at the next tick.
func (w *wheel) add(e *entry) {
	at := min(e.ready, e.expires)
	if at == instant.Never {
		return
	}
	if w.slots == nil {
		w.slots = new([slotCount]*entry)
	}
	tick := max(at.TickAfter(), w.cursor+1)
	e.link(w.slot(tick))
}

// next takes an entry out of the wheel that may have something to do at tick
// `to` or before, or returns nil if there are no more. The caller must check
// the times of the entry, since slots are shared by distant ticks.
func (w *wheel) next(to int64) *entry {
	// One turn visits all slots. It is enough however long nobody looked, and
	// is needed when the clock was set back, since entries were put into the
	// slots that were next before.
	if turn := to - slotCount; w.cursor < turn || w.cursor > to+setBack {
		w.cursor = turn
	}
	if w.slots == nil {
		w.cursor = max(w.cursor, to)
	}
	for w.pending == nil {
		if w.cursor >= to {
			return nil
		}
		w.cursor++
		w.open(w.slot(w.cursor))
	}
	e := w.pending
	e.unlink()
	return e
}

// slot returns the list of a tick, which may be before 1970.
func (w *wheel) slot(tick int64) **entry { return &w.slots[uint64(tick)%slotCount] }

// open moves the list of a slot to pending, so that entries put back into the
// same slot for a later turn are not met again in this one.
func (w *wheel) open(slot **entry) {
	w.pending, *slot = *slot, nil
	if w.pending != nil {
		w.pending.prev = &w.pending
	}
}

// link puts e in front of the list that starts at head.
func (e *entry) link(head **entry) {
	e.next, e.prev = *head, head
	if e.next != nil {
		e.next.prev = &e.next
	}
	*head = e
}

// unlink takes e out of the list it is in, if any.
func (e *entry) unlink() {
	if e.prev == nil {
		return
	}
	*e.prev = e.next
	if e.next != nil {
		e.next.prev = e.prev
	}
	e.next, e.prev = nil, nil
}
