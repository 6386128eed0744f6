package file

import (
	"encoding/binary"
	"fmt"

	"github.com/irmad/irmaserver/store/internal/instant"
)

// A slot is the place of a record in the index: the instant at which something
// happens to it next, and its key. Slots are in the order of time, so what is due
// or has expired is found at the front, however many records there are.
type slot []byte

// event returns when something happens next to an entry.
func (e entry) event() instant.Instant { return min(e.due, e.expires) }

// slot returns the place of an entry in the index, nil if nothing ever happens
// to it.
func (e entry) slot(key string) slot {
	at := e.event()
	if at == instant.Never {
		return nil
	}
	out := make([]byte, 8, 8+len(key))
	binary.BigEndian.PutUint64(out, uint64(at))
	return append(out, key...)
}

// times returns what the index holds at the slot of an entry.
func (e entry) times() []byte {
	out := make([]byte, 16)
	binary.BigEndian.PutUint64(out, uint64(e.due))
	binary.BigEndian.PutUint64(out[8:], uint64(e.expires))
	return out
}

// event is what the index says about a record.
type event struct {
	at, due, expires instant.Instant
	key              []byte // shares memory with the file
}

func decodeEvent(slot, times []byte) (event, error) {
	if len(slot) < 8 || len(times) != 16 {
		return event{}, fmt.Errorf("%w: an entry of the index is too short", ErrDamaged)
	}
	return event{
		at:      instant.Instant(binary.BigEndian.Uint64(slot)),
		due:     instant.Instant(binary.BigEndian.Uint64(times)),
		expires: instant.Instant(binary.BigEndian.Uint64(times[8:])),
		key:     slot[8:],
	}, nil
}
