package irma

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
)

// object writes a JSON object member by member, in the bytes that encoding/json
// would write. Every session writes its request when it starts and again for the
// wallet, which takes encoding/json longer than all else that it does then.
type object struct {
	out []byte
	err error // the first
}

// usualObject is room for most messages.
const usualObject = 384

// newObject begins an object.
func newObject() *object { return &object{out: append(make([]byte, 0, usualObject), '{')} }

// bytes ends the object that newObject began.
func (o *object) bytes() ([]byte, error) { return append(o.out, '}'), o.err }

// name begins a member.
func (o *object) name(name string) {
	if o.out[len(o.out)-1] != '{' {
		o.out = append(o.out, ',')
	}
	o.out = append(append(append(o.out, '"'), name...), '"', ':')
}

// members appends an object with the members that add adds.
func (o *object) members(add func(*object)) {
	o.out = append(o.out, '{')
	add(o)
	o.out = append(o.out, '}')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.string(value)
}

// optionalText adds a member unless it is empty.
func (o *object) optionalText(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

// flag adds a member if it is true.
func (o *object) flag(name string, value bool) {
	if value {
		o.name(name)
		o.out = append(o.out, "true"...)
	}
}

// number adds a member unless it is zero.
func (o *object) number(name string, value int64) {
	if value != 0 {
		o.name(name)
		o.out = strconv.AppendInt(o.out, value, 10)
	}
}

// count is number without a sign.
func (o *object) count(name string, value uint) {
	if value != 0 {
		o.name(name)
		o.out = strconv.AppendUint(o.out, uint64(value), 10)
	}
}

// integer adds a member unless it is nil.
func (o *object) integer(name string, value *Int) {
	if value == nil {
		return
	}
	if value.Big().Sign() < 0 {
		o.err = errors.Join(o.err, errNegative)
		return
	}
	o.name(name)
	o.out = append(base64.StdEncoding.AppendEncode(append(o.out, '"'), value.Big().Bytes()), '"')
}

// other adds a member that hardly any message has, with encoding/json.
func (o *object) other(name string, value any) {
	encoded, err := json.Marshal(value)
	if err != nil {
		o.err = errors.Join(o.err, err)
		return
	}
	o.name(name)
	o.out = append(o.out, encoded...)
}

// texts adds a map of texts, in the order of their names.
func (o *object) texts(name string, values map[string]string) {
	o.name(name)
	if values == nil {
		o.null()
		return
	}
	o.out = append(o.out, '{')
	for i, key := range slices.Sorted(maps.Keys(values)) {
		o.comma(i)
		o.string(key)
		o.out = append(o.out, ':')
		o.string(values[key])
	}
	o.out = append(o.out, '}')
}

// string appends a string as it is if encoding/json would.
func (o *object) string(text string) {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			encoded, err := json.Marshal(text)
			o.out, o.err = append(o.out, encoded...), errors.Join(o.err, err)
			return
		}
	}
	o.out = append(append(append(o.out, '"'), text...), '"')
}

func (o *object) null() { o.out = append(o.out, "null"...) }

// comma goes before the element with this number.
func (o *object) comma(i int) {
	if i > 0 {
		o.out = append(o.out, ',')
	}
}

// list appends a list, or null for a nil one.
func list[S ~[]E, E any](o *object, elements S, add func(*object, *E)) {
	if elements == nil {
		o.null()
		return
	}
	o.out = append(o.out, '[')
	for i := range elements {
		o.comma(i)
		add(o, &elements[i])
	}
	o.out = append(o.out, ']')
}
