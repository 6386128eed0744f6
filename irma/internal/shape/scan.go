package shape

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Scanner steps through JSON text that is known to be valid.
type Scanner struct {
	data []byte
	pos  int
}

// NewScanner returns a scanner at the first value of data. The text must have
// passed json.Valid.
func NewScanner(data []byte) *Scanner { return &Scanner{data: data} }

// Kind returns the kind of the next value.
func (s *Scanner) Kind() Kind {
	switch s.peek() {
	case '"':
		return String
	case '[':
		return List
	case '{':
		return Object
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Number
}

// Skip moves past the next value and returns its text.
func (s *Scanner) Skip() []byte {
	s.space()
	start := s.pos
	switch s.data[s.pos] {
	case '"':
		s.skipString()
	case '[', '{':
		s.skipContainer()
	default:
		for s.pos < len(s.data) && !isDelimiter(s.data[s.pos]) {
			s.pos++
		}
	}
	return s.data[start:s.pos]
}

// Members calls visit before each member's value, with the member's name. The
// next value must be an object, and visit must move past the member's value.
// Stops when visit returns false.
func (s *Scanner) Members(visit func(key string) bool) {
	s.peek()
	s.pos++
	for s.peek() != '}' {
		key := s.Key()
		if !visit(key) {
			return
		}
		s.more()
	}
	s.pos++
}

// Elements calls visit before each element of the next value, a list. It must move
// past the element.
func (s *Scanner) Elements(visit func()) {
	s.peek()
	s.pos++
	for s.peek() != ']' {
		visit()
		s.more()
	}
	s.pos++
}

// Key moves past a member's name and colon and returns the name.
func (s *Scanner) Key() string {
	key := s.Text()
	s.peek()
	s.pos++
	return key
}

// Text moves past the next value, a string, and returns what it says.
func (s *Scanner) Text() string {
	raw := s.Skip()
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var text string
	_ = json.Unmarshal(raw, &text) // valid by the scanner's precondition
	return text
}

// more moves past the comma after a member or element, if there is one.
func (s *Scanner) more() {
	if s.peek() == ',' {
		s.pos++
	}
}

func (s *Scanner) peek() byte {
	s.space()
	if s.pos >= len(s.data) {
		return 0
	}
	return s.data[s.pos]
}

func (s *Scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// skipString looks at each byte twice, however many are escaped: for the next quote
// again only after one that was.
func (s *Scanner) skipString() {
	s.pos++ // past the opening quote
	end := s.quote()
	for {
		escape := bytes.IndexByte(s.data[s.pos:end], '\\')
		if escape < 0 {
			s.pos = end + 1
			return
		}
		s.pos += escape + 2 // past what was escaped
		if s.pos > end {
			end = s.quote()
		}
	}
}

// quote returns where the next quote is.
func (s *Scanner) quote() int { return s.pos + bytes.IndexByte(s.data[s.pos:], '"') }

// skipContainer counts brackets instead of recursing, so that the depth of
// ignored input costs no stack.
func (s *Scanner) skipContainer() {
	depth := 0
	for {
		switch s.data[s.pos] {
		case '"':
			s.skipString()
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		s.pos++
		if depth == 0 {
			return
		}
	}
}

func isDelimiter(c byte) bool {
	switch c {
	case ',', ']', '}', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

// Keys moves past the next value, an object, and returns the names of its
// members in order.
func (s *Scanner) Keys() []string {
	var keys []string
	s.Members(func(key string) bool {
		keys = append(keys, key)
		s.Skip()
		return true
	})
	return keys
}
