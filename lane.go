package irmaserver

import (
	"container/list"
	"slices"
)

// How many attempts are made at once at hosts of each standing. There may be
// hundreds of new hosts, each with one attempt.
const (
	unheardPlaces   = 384
	answeringPlaces = 256
	quietPlaces     = 64
)

const (
	// maxSilence is how many attempts in a row a host may leave unanswered
	// until the ones that wait for it are put off.
	maxSilence = 4

	// maxLapse is how many of them still go with a host that has answered.
	maxLapse = 1
)

// standing is what is known of a host.
type standing int

const (
	unheard   standing = iota // nothing
	answering                 // that it answers
	quiet                     // that it does not
	standings
)

func (s standing) places() int {
	return [standings]int{unheardPlaces, answeringPlaces, quietPlaces}[s]
}

// lane has the places for attempts at hosts of one standing.
type lane struct {
	running int     // how many places are taken
	line    []*host // that could have a place, if there was one
}

// host is a receiver. It is remembered for a while when it has no deliveries.
type host struct {
	name     string
	limit    int // of running attempts
	running  int
	answered bool // ever
	silence  int  // how many attempts in a row got no answer
	waiting  []*delivery
	lined    bool          // in the line of its lane
	rest     *list.Element // in queue.resting, without deliveries
}

func (h *host) standing() standing {
	switch {
	case h.answered && h.silence <= maxLapse:
		return answering
	case h.silence == 0:
		return unheard
	}
	return quiet
}

// next takes the delivery that waits longest.
func (h *host) next() *delivery {
	d := h.waiting[0]
	h.waiting[0] = nil
	h.waiting = h.waiting[1:]
	return d
}

// reply is what an attempt tells about a host.
type reply int

const (
	nothing  reply = iota
	silent         // it does not answer
	refused        // it answers
	accepted       // it can have more
)

// learn adjusts what is known of a host, and moves it to the lane that it
// belongs in then.
func (q *queue) learn(h *host, heard reply) {
	before := h.standing()
	switch heard {
	case nothing:
	case silent:
		h.silence++
		h.limit = max(h.limit/2, 1)
	case refused:
		h.answered, h.silence = true, 0
	case accepted:
		h.answered, h.silence = true, 0
		h.limit = min(h.limit+1, maxDeliveriesPerHost)
	}
	if h.standing() == quiet {
		h.limit = 1
	}
	if h.lined && h.standing() != before {
		l := &q.lanes[before]
		l.line = slices.DeleteFunc(l.line, func(other *host) bool { return other == h })
		h.lined = false
	}
}

// limit returns how many attempts a host may have at once. When the server
// closes there is no time to find that out.
func (q *queue) limit(h *host) int {
	switch {
	case !q.draining:
		return h.limit
	case h.standing() == answering:
		return maxDeliveriesPerHost
	}
	return lastDeliveries
}

func (q *queue) free(s standing) bool { return q.lanes[s].running < s.places() }

// line puts a host at the end of its line, if it could use a place.
func (q *queue) line(h *host) {
	if h.lined || len(h.waiting) == 0 || h.running >= q.limit(h) {
		return
	}
	h.lined = true
	l := &q.lanes[h.standing()]
	l.line = append(l.line, h)
}

// serve gives the free places of a lane to the hosts in its line, in turns.
func (q *queue) serve(s standing) {
	l := &q.lanes[s]
	for q.free(s) && len(l.line) > 0 {
		h := l.line[0]
		l.line[0] = nil
		l.line = l.line[1:]
		h.lined = false
		if len(h.waiting) == 0 || h.running >= q.limit(h) {
			continue // put off, or fell silent, meanwhile
		}
		d := h.next()
		q.start(d, h)
		q.recall(d)
		q.line(h)
	}
}

// start gives a delivery its turn. A new host has less time when half of the
// places for new ones are taken, since most of those will be silent then.
func (q *queue) start(d *delivery, h *host) {
	s := h.standing()
	d.host, d.lane, d.patience = h, s, attemptTimeout
	if s == unheard && q.lanes[s].running >= s.places()/2 {
		d.patience = shortPatience
	}
	h.running++
	q.lanes[s].running++
}
