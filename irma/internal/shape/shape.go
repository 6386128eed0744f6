package shape

import "strings"

// Kind is a set of kinds of JSON value.
type Kind uint8

// The kinds of JSON value.
const (
	String Kind = 1 << iota
	Number
	Bool
	List
	Object
	Null
)

// Shape describes a JSON value. A nil *Shape accepts anything. Shapes may be
// shared and used by several goroutines, and must not change once in use.
type Shape struct {
	Want    string // what is expected, for example "a list of strings"
	Hint    string // more help, appended to the message; may be empty
	Kinds   Kind   // accepted kinds; null is always accepted unless NotNull
	NotNull bool

	Fields []Field // members of an object that is a record; others are reported as unknown
	Values *Shape  // values of an object that is a map, when Fields is nil
	Elem   *Shape  // elements of a list
	MaxLen int     // most elements of a list or members of an object; 0 is unlimited

	// Key and Check return what is wrong with a map's key or with a scalar,
	// or "". Check gets the JSON text, and must not quote it in its answer.
	Key   func(key string) string
	Check func(text []byte) string
}

// Ignored is the shape of record members that are known but not to be decoded.
var Ignored = &Shape{Want: "anything", Kinds: String | Number | Bool | List | Object}

// Field is a member of a record. Its name is matched without regard to case.
type Field struct {
	Name  string
	Shape *Shape
}

// Problem is the first place where a value does not fit its shape.
type Problem struct {
	Path string // for example $.disclose[0][1]
	Text string
}

// Error implements error.
func (p *Problem) Error() string { return p.Path + ": " + p.Text }

func (s *Shape) mismatch(found string) string {
	text := "expected " + s.Want + ", found " + found
	if s.Hint != "" {
		text += "; " + s.Hint
	}
	return text
}

var kindNames = []struct {
	kind Kind
	name string
}{
	{String, "a string"}, {Number, "a number"}, {Bool, "a boolean"},
	{List, "a list"}, {Object, "an object"}, {Null, "null"},
}

// String names the kinds of the set, with their articles.
func (k Kind) String() string {
	var names []string
	for _, entry := range kindNames {
		if k&entry.kind != 0 {
			names = append(names, entry.name)
		}
	}
	return strings.Join(names, " or ")
}
