package limit

import (
	"container/list"
	"net/netip"
	"time"
)

// live counts the sessions that have not ended, and those about to start.
type live struct {
	lifetime   time.Duration // after which most sessions have ended, whether we heard or not
	requestors map[string]int
	addresses  map[netip.Addr]int
	sessions   map[string]*list.Element
	started    *list.List // of *session, the one to look at next in front
}

type session struct {
	name      string
	requestor string
	address   netip.Addr // zero if not known
	look      time.Time  // when to see whether it has ended
	until     time.Time  // when it has, whether we heard or not
}

func newLive(lifetime time.Duration) *live {
	return &live{
		lifetime:   lifetime,
		requestors: make(map[string]int),
		addresses:  make(map[netip.Addr]int),
		sessions:   make(map[string]*list.Element),
		started:    list.New(),
	}
}

// start counts a session that can go on for so long. Names are short digests, so that
// of many sessions two may have the same: the older one then counts no longer.
func (l *live) start(s session, longest time.Duration, now time.Time) {
	l.end(s.name)
	s.look = now.Add(l.lifetime)
	s.until = now.Add(max(l.lifetime, longest))
	l.sessions[s.name] = l.started.PushBack(&s)
	l.count(s.requestor, s.address, 1)
}

func (l *live) end(name string) {
	element := l.sessions[name]
	if element == nil {
		return
	}
	delete(l.sessions, name)
	ended := l.started.Remove(element).(*session)
	l.count(ended.requestor, ended.address, -1)
}

// expire forgets sessions that ended unheard: another server on the same store
// may have seen it. Those that may last longer than most are looked at again later.
func (l *live) expire(now time.Time) {
	for element := l.started.Front(); element != nil; element = l.started.Front() {
		oldest := element.Value.(*session)
		switch {
		case now.Before(oldest.look):
			return
		case now.Before(oldest.until):
			oldest.look = now.Add(l.lifetime)
			l.started.MoveToBack(element)
		default:
			l.end(oldest.name)
		}
	}
}

func (l *live) count(requestor string, address netip.Addr, by int) {
	add(l.requestors, requestor, by)
	if address.IsValid() {
		add(l.addresses, address, by)
	}
}

func add[K comparable](counts map[K]int, key K, by int) {
	if counts[key] += by; counts[key] == 0 {
		delete(counts, key)
	}
}
