package timestamp

import "time"

// memory holds a bounded number of answers, each until its own moment.
type memory[T any] struct {
	most    int
	answers map[signingKey]remembered[T]
}

type remembered[T any] struct {
	value T
	until time.Time
}

func newMemory[T any](most int) memory[T] {
	return memory[T]{most: most, answers: make(map[signingKey]remembered[T])}
}

func (m *memory[T]) get(key signingKey, now time.Time) (T, bool) {
	known, ok := m.answers[key]
	if !ok || !now.Before(known.until) {
		var none T
		return none, false
	}
	return known.value, true
}

// put remembers a value until the given moment, if that is not past. When there
// are too many it forgets the expired ones, or else the one that expires first.
func (m *memory[T]) put(key signingKey, value T, until, now time.Time) {
	if !now.Before(until) {
		return
	}
	if _, ok := m.answers[key]; !ok && len(m.answers) >= m.most {
		m.shrink(now)
	}
	m.answers[key] = remembered[T]{value, until}
}

func (m *memory[T]) shrink(now time.Time) {
	var first signingKey
	for key, known := range m.answers {
		if !now.Before(known.until) {
			delete(m.answers, key)
		} else if best, ok := m.answers[first]; !ok || known.until.Before(best.until) {
			first = key
		}
	}
	if len(m.answers) >= m.most {
		delete(m.answers, first)
	}
}
