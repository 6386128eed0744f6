package fair

import (
	"container/list"
	"time"
)

// leastShare is what a turn counts for at least, so that owners take turns also
// while nothing is known of how long computations take.
const leastShare = time.Microsecond

// memory is how many computations of a kind count for what is expected.
const memory = 16

// experience is how long computations of a kind took.
type experience struct {
	took  time.Duration // an average that forgets
	count int           // of computations, up to memory
}

// with adds a computation.
func (e experience) with(took time.Duration) experience {
	e.count = min(e.count+1, memory)
	e.took += (took - e.took) / time.Duration(e.count)
	return e
}

// owner is somebody who has computations waiting, or had.
type owner struct {
	name    string
	share   time.Duration // of the time that was given away, as if there always had been something waiting
	tickets list.List     // of *ticket, the first to come in front
	ahead   time.Duration // expected of them
	index   int           // in line
}

// line has the owner with the smallest share in front. It implements
// heap.Interface.
type line []*owner

// Len implements heap.Interface.
func (l line) Len() int { return len(l) }

// Less implements heap.Interface.
func (l line) Less(i, j int) bool { return l[i].share < l[j].share }

// Swap implements heap.Interface.
func (l line) Swap(i, j int) {
	l[i], l[j] = l[j], l[i]
	l[i].index, l[j].index = i, j
}

// Push implements heap.Interface.
func (l *line) Push(x any) {
	o := x.(*owner)
	o.index = len(*l)
	*l = append(*l, o)
}

// Pop implements heap.Interface.
func (l *line) Pop() any {
	last := len(*l) - 1
	o := (*l)[last]
	(*l)[last] = nil
	*l = (*l)[:last]
	return o
}
