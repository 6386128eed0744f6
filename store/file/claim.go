package file

import (
	"container/heap"

	"github.com/irmad/irmaserver/store/internal/instant"
)

// claim is a record that Due has handed out, until it is swapped.
type claim struct {
	key     string
	ready   instant.Instant // when it may be handed out again
	expires instant.Instant // when the record does
	place   int             // in claims.order
}

// claims are found by key and by time. The zero value has none.
type claims struct {
	byKey map[string]*claim
	order order
}

func (c *claims) has(key []byte) bool { return c.byKey[string(key)] != nil }

// put adds a claim, or moves one whose time has changed.
func (c *claims) put(one *claim) {
	if c.byKey[one.key] == one {
		heap.Fix(&c.order, one.place)
		return
	}
	if c.byKey == nil {
		c.byKey = map[string]*claim{}
	}
	c.byKey[one.key] = one
	heap.Push(&c.order, one)
}

// end forgets the claim on a key, if there is one.
func (c *claims) end(key string) {
	if one := c.byKey[key]; one != nil {
		delete(c.byKey, key)
		heap.Remove(&c.order, one.place)
	}
}

// passed returns up to limit claims that have passed by now, in the order of
// time, without those on records that have expired. They stay claims.
func (c *claims) passed(now, clock instant.Instant, limit int) []*claim {
	var out []*claim
	for len(c.order) > 0 && c.order[0].ready <= now && len(out) < limit {
		one := heap.Pop(&c.order).(*claim)
		if one.expires > clock {
			out = append(out, one)
		} else {
			delete(c.byKey, one.key)
		}
	}
	for _, one := range out {
		heap.Push(&c.order, one)
	}
	return out
}

// order is a heap by time.
type order []*claim

func (o order) Len() int           { return len(o) }
func (o order) Less(i, j int) bool { return o[i].ready < o[j].ready }
func (o order) Swap(i, j int) {
	o[i], o[j] = o[j], o[i]
	o[i].place, o[j].place = i, j
}

// Push implements heap.Interface.
func (o *order) Push(one any) {
	c := one.(*claim)
	c.place = len(*o)
	*o = append(*o, c)
}

// Pop implements heap.Interface.
func (o *order) Pop() any {
	last := len(*o) - 1
	c := (*o)[last]
	(*o)[last] = nil
	*o = (*o)[:last]
	return c
}
