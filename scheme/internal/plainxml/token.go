package plainxml

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

var (
	endOfCDATA   = []byte("]]>") // not allowed in text
	endOfComment = []byte("--")
)

// plain reports whether there are only characters that XML can have, and no carriage
// returns, of which it makes something else.
func plain(data []byte) bool {
	ascii := true
	for _, b := range data {
		if b < ' ' && b != '\n' && b != '\t' {
			return false
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	return ascii || utf8.Valid(data) && !bytes.Contains(data, []byte("\uFFFE")) && !bytes.Contains(data, []byte("\uFFFF"))
}

// skip reports whether this comes next, and goes behind it.
func (r *Reader) skip(what string) bool {
	if len(r.data)-r.pos < len(what) || string(r.data[r.pos:r.pos+len(what)]) != what {
		return false
	}
	r.pos += len(what)
	return true
}

// space goes behind white space, and reports whether there was any.
func (r *Reader) space() bool {
	start := r.pos
	for r.pos < len(r.data) && isSpace(r.data[r.pos]) {
		r.pos++
	}
	return r.pos > start
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' }

// declaration goes behind the declaration that documents begin with, if there is
// one.
func (r *Reader) declaration() bool {
	if !r.skip("<?") {
		return true
	}
	if !r.skip(`xml version="1.0"`) {
		return false
	}
	_ = r.skip(` encoding="UTF-8"`) || r.skip(` encoding="utf-8"`)
	_ = r.skip(` standalone="no"`) || r.skip(` standalone="yes"`)
	r.space()
	return r.skip("?>")
}

// comment goes to the end of a comment that has begun.
func (r *Reader) comment() {
	end := bytes.Index(r.data[r.pos:], endOfComment)
	if end < 0 {
		r.Fail()
		return
	}
	if r.pos += end + len(endOfComment); !r.skip(">") {
		r.Fail()
	}
}

// start reads the tag that begins an element.
func (r *Reader) start() {
	if !r.skip("<") {
		r.Fail()
		return
	}
	r.name, r.attrs = r.word(), r.attrs[:0]
	for !r.failed {
		spaced := r.space()
		r.closed = r.skip("/>")
		if r.closed || r.skip(">") {
			r.begun = true
			return
		}
		if !spaced {
			r.Fail()
			return
		}
		r.attribute()
	}
}

// attribute reads an attribute. What other names mean by which namespace they are in
// is for encoding/xml, but for the whole document.
func (r *Reader) attribute() {
	name := r.word()
	if string(name) == "xmlns" && r.depth > 0 {
		r.Fail()
	}
	if r.skip(":") {
		if name = r.word(); string(name) == "xmlns" {
			r.Fail()
		}
	}
	if r.failed || !r.skip(`="`) {
		r.Fail()
		return
	}
	end := bytes.IndexByte(r.data[r.pos:], '"')
	if end < 0 {
		r.Fail()
		return
	}
	value := r.data[r.pos : r.pos+end]
	twice := slices.ContainsFunc(r.attrs, func(a attr) bool { return bytes.Equal(a.name, name) })
	if twice || bytes.ContainsAny(value, "<&") {
		r.Fail()
		return
	}
	r.pos += end + 1
	r.attrs = append(r.attrs, attr{name, value})
}

// word reads a name, or a part of one without colons.
func (r *Reader) word() []byte {
	start := r.pos
	for r.pos < len(r.data) && isNameByte(r.data[r.pos], r.pos == start) {
		r.pos++
	}
	if r.pos == start {
		r.Fail()
	}
	return r.data[start:r.pos]
}

func isNameByte(b byte, first bool) bool {
	letter := 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_'
	return letter || !first && ('0' <= b && b <= '9' || b == '-' || b == '.')
}

// references are those that need no declaration.
var references = map[string]byte{"&lt;": '<', "&gt;": '>', "&amp;": '&', "&apos;": '\'', "&quot;": '"'}

// text goes to the next tag and appends what is before it to the given text, which
// may be nil.
func (r *Reader) text(to *[]byte) {
	for !r.failed {
		rest := r.data[r.pos:]
		end := bytes.IndexAny(rest, "<&")
		if end < 0 || bytes.Contains(rest[:end], endOfCDATA) {
			r.Fail()
			return
		}
		if to != nil {
			*to = append(*to, rest[:end]...)
		}
		if r.pos += end; rest[end] == '<' {
			return
		}
		r.reference(to)
	}
}

func (r *Reader) reference(to *[]byte) {
	for reference, meaning := range references {
		if r.skip(reference) {
			if to != nil {
				*to = append(*to, meaning)
			}
			return
		}
	}
	r.Fail()
}
