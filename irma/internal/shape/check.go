package shape

import (
	"bytes"
	"strconv"
	"strings"
)

// maxUnknown bounds the unknown members that are reported: the list is for
// people, and strangers could send thousands.
const maxUnknown = 20

// Result is what Check has to say about a value that fits its shape.
type Result struct {
	// Data is the value to decode. Record members that the shape does not
	// know are hidden in it under names of underscores, and so are all but the
	// last of repeated ones, because decoding both would mix them. It is the
	// input itself when there are no such members.
	Data []byte
	// Unknown has the paths of the first members that no shape knows.
	Unknown []string
}

// Check tells whether data, which must be valid JSON, fits the shape. The path
// in messages begins with root. A member of a record that is unknown but looks
// like a misspelling of an absent one does not fit.
func Check(data []byte, root string, shape *Shape) (Result, *Problem) {
	return check(data, root, shape, false)
}

// CheckLenient is Check without regard to unknown members.
func CheckLenient(data []byte, root string, shape *Shape) (Result, *Problem) {
	return check(data, root, shape, true)
}

func check(data []byte, root string, shape *Shape, lenient bool) (Result, *Problem) {
	c := checker{Scanner: Scanner{data: data}, input: data, root: root, lenient: lenient}
	if problem := c.value(shape); problem != nil {
		return Result{}, problem
	}
	return Result{Data: c.data, Unknown: c.unknown}, nil
}

type checker struct {
	Scanner
	input   []byte
	root    string
	lenient bool // unknown members are not looked at
	path    []step
	unknown []string
}

// step is one element of the path to the current value: a key, or an index if
// the key is empty and the container a list.
type step struct {
	key    string
	index  int
	inList bool
}

func (c *checker) value(shape *Shape) *Problem {
	if shape == nil {
		c.Skip()
		return nil
	}
	kind := c.Kind()
	if kind == Null && !shape.NotNull {
		c.Skip()
		return nil
	}
	if shape.Kinds&kind == 0 {
		return c.problem(shape.mismatch(kind.String()))
	}
	switch {
	case kind == List:
		return c.list(shape)
	case kind == Object && shape.Fields != nil:
		return c.record(shape)
	case kind == Object:
		return c.mapping(shape)
	}
	return c.scalar(shape)
}

func (c *checker) scalar(shape *Shape) *Problem {
	text := c.Skip()
	if shape.Check == nil {
		return nil
	}
	if wrong := shape.Check(text); wrong != "" {
		return c.problem(wrong)
	}
	return nil
}

func (c *checker) list(shape *Shape) *Problem {
	c.peek()
	c.pos++
	for i := 0; c.peek() != ']'; i++ {
		if shape.MaxLen > 0 && i >= shape.MaxLen {
			return c.problem("has more than " + strconv.Itoa(shape.MaxLen) + " elements")
		}
		c.path = append(c.path, step{index: i, inList: true})
		if problem := c.value(shape.Elem); problem != nil {
			return problem
		}
		c.path = c.path[:len(c.path)-1]
		c.more()
	}
	c.pos++
	return nil
}

func (c *checker) mapping(shape *Shape) *Problem {
	c.peek()
	c.pos++
	for i := 0; c.peek() != '}'; i++ {
		if shape.MaxLen > 0 && i >= shape.MaxLen {
			return c.problem("has more than " + strconv.Itoa(shape.MaxLen) + " members")
		}
		key := c.Key()
		c.path = append(c.path, step{key: key})
		if shape.Key != nil {
			if wrong := shape.Key(key); wrong != "" {
				return c.problem(wrong)
			}
		}
		if problem := c.value(shape.Values); problem != nil {
			return problem
		}
		c.path = c.path[:len(c.path)-1]
		c.more()
	}
	c.pos++
	return nil
}

// hide renames the member whose name begins here to something that nobody
// knows. The name keeps its length, so that positions stay as they are.
func (c *checker) hide(start int) {
	if &c.data[0] == &c.input[0] {
		c.data = bytes.Clone(c.data)
	}
	name := Scanner{data: c.data, pos: start}
	name.Skip()
	for i := start + 1; i < name.pos-1; i++ {
		c.data[i] = '_'
	}
}

func (c *checker) problem(text string) *Problem {
	return &Problem{Path: c.where(), Text: text}
}

func (c *checker) where() string {
	var out strings.Builder
	out.WriteString(c.root)
	for _, s := range c.path {
		switch {
		case s.inList:
			out.WriteString("[" + strconv.Itoa(s.index) + "]")
		case plainKey(s.key):
			out.WriteString("." + s.key)
		default:
			out.WriteString("[" + strconv.Quote(shortened(s.key)) + "]")
		}
	}
	return out.String()
}

// plainKey reports whether a member can be written with a dot in a path.
func plainKey(key string) bool {
	for i, r := range key {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '@'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return key != "" && len(key) <= maxKeyShown
}

const maxKeyShown = 100

func shortened(key string) string {
	if len(key) <= maxKeyShown {
		return key
	}
	return strings.ToValidUTF8(key[:maxKeyShown], "") + "…"
}
