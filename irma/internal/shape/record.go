package shape

import (
	"strconv"
	"strings"
)

const (
	maxFields    = 32 // most fields of a record shape
	maxStrangers = 50 // most unknown keys of a record that are looked at
)

// record checks an object with known members. It remembers where each of them
// began, because a repetition takes its place.
func (c *checker) record(shape *Shape) *Problem {
	var starts [maxFields]int // position + 1 of the member, 0 when absent
	var strangers []string
	c.peek()
	c.pos++
	for c.peek() != '}' {
		start := c.pos
		key := c.Key()
		field := shape.field(key)
		if field < 0 {
			c.hide(start)
			c.Skip()
			if !c.lenient && len(strangers) < maxStrangers {
				strangers = append(strangers, key)
			}
			c.more()
			continue
		}
		if starts[field] > 0 {
			c.hide(starts[field] - 1)
		}
		starts[field] = start + 1
		if shape.Fields[field].Shape == Ignored {
			c.hide(start)
		}
		c.path = append(c.path, step{key: shape.Fields[field].Name})
		if problem := c.value(shape.Fields[field].Shape); problem != nil {
			return problem
		}
		c.path = c.path[:len(c.path)-1]
		c.more()
	}
	c.pos++
	return c.strangers(shape, strangers, func(field int) bool { return starts[field] > 0 })
}

// strangers reports the unknown keys of a record, and refuses those that are
// probably misspellings: the member that was meant would silently be missing.
func (c *checker) strangers(shape *Shape, keys []string, present func(field int) bool) *Problem {
	for _, key := range keys {
		c.path = append(c.path, step{key: key})
		if meant := shape.meant(key, present); meant != "" {
			return c.problem("unknown key, did you mean " + strconv.Quote(meant) + "?")
		}
		if len(c.unknown) < maxUnknown {
			c.unknown = append(c.unknown, c.where())
		}
		c.path = c.path[:len(c.path)-1]
	}
	return nil
}

// meant returns the absent field of which key is probably a misspelling, the
// nearest if there are several, or "".
func (s *Shape) meant(key string, present func(field int) bool) string {
	best, nearest := "", -1
	for i, field := range s.Fields {
		if present(i) {
			continue
		}
		if n := Misspelling(key, field.Name); n >= 0 && (nearest < 0 || n < nearest) {
			best, nearest = field.Name, n
		}
	}
	return best
}

// FieldName returns the name of the field that a member's name stands for, or "".
func (s *Shape) FieldName(key string) string {
	if field := s.field(key); field >= 0 {
		return s.Fields[field].Name
	}
	return ""
}

// field returns the number of the field with this name, or -1.
func (s *Shape) field(key string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == key {
			return i
		}
	}
	for i := range s.Fields {
		if strings.EqualFold(s.Fields[i].Name, key) {
			return i
		}
	}
	return -1
}
