// Package plainxml reads XML as schemes have it, ten times as fast as encoding/xml:
// elements, attributes and text, in UTF-8. It has no opinion about anything else.
// What is rare, such as CDATA, or wrong is not read at all, and left to encoding/xml,
// so that only that decides what is refused and what is said about it.
//
// What a [Reader] reads is what encoding/xml reads from the same document.
package plainxml

import (
	"bytes"
	"iter"
)

// maxDepth is how deeply elements may be nested.
const maxDepth = 32

// Reader goes through a document once, from the first element to the end of that.
// After something that it does not read it goes no further: OK tells.
type Reader struct {
	data   []byte
	pos    int
	depth  int
	name   []byte // of the element that begins here
	attrs  []attr // of the same
	closed bool   // which ends at once
	begun  bool   // which has not been read yet
	failed bool
}

// attr is an attribute, of which the part before a colon in the name is left out.
type attr struct{ name, value []byte }

// New returns a reader that is at the first element.
func New(data []byte) *Reader {
	r := &Reader{data: data, attrs: make([]attr, 0, 8)}
	if !plain(data) || !r.declaration() {
		r.Fail()
		return r
	}
	for !r.failed && !r.begun {
		r.space()
		if r.skip("<!--") {
			r.comment()
		} else {
			r.start()
		}
	}
	return r
}

// OK reports whether all was read so far.
func (r *Reader) OK() bool { return !r.failed }

// Fail has the document left to encoding/xml, for a value that is not what it should
// be.
func (r *Reader) Fail() { r.failed, r.begun, r.attrs = true, false, nil }

// Name returns the name of the element that has begun last.
func (r *Reader) Name() string { return string(r.name) }

// Attr returns an attribute of the element that has begun last, until its contents
// are read.
func (r *Reader) Attr(name string) (string, bool) {
	for _, a := range r.attrs {
		if string(a.name) == name {
			return string(a.value), true
		}
	}
	return "", false
}

// Children reads the contents of the element that has begun last, and gives the
// names of the elements in it, valid until the next. Each of them can be read in
// the loop, and is skipped otherwise. Loops must not end early.
func (r *Reader) Children() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		r.content(nil, func() {
			if !yield(r.name) {
				r.Fail()
			}
		})
	}
}

// Text reads the contents of the element that has begun last, and returns the text
// in it, without that in other elements.
func (r *Reader) Text() string {
	if text, found := r.simpleText(); found {
		return text
	}
	var text []byte
	r.content(&text, func() {})
	return string(text)
}

// simpleText is Text for an element with nothing but text, without references.
func (r *Reader) simpleText() (string, bool) {
	if !r.begun || r.closed {
		return "", false
	}
	rest := r.data[r.pos:]
	end := bytes.IndexByte(rest, '<')
	if end < 0 || bytes.IndexByte(rest[:end], '&') >= 0 || bytes.Contains(rest[:end], endOfCDATA) {
		return "", false
	}
	tag := rest[end:]
	n := len(r.name)
	if len(tag) < n+3 || tag[1] != '/' || tag[n+2] != '>' || !bytes.Equal(tag[2:n+2], r.name) {
		return "", false
	}
	r.begun = false
	r.pos += end + n + 3
	return string(rest[:end]), true
}

// content reads up to the end of the element that has begun last. It appends the
// text to the given one, which may be nil, and calls child at each element.
func (r *Reader) content(text *[]byte, child func()) {
	if !r.begun {
		return // was read, or has failed
	}
	r.begun = false
	if r.closed {
		return
	}
	if r.depth++; r.depth > maxDepth {
		r.Fail()
	}
	name := r.name
	for !r.failed {
		r.text(text)
		switch {
		case r.failed:
		case r.skip("</"):
			if !r.skip(string(name)) || !r.skip(">") {
				r.Fail()
			}
			r.depth--
			return
		case r.skip("<!--"):
			r.comment()
		default:
			r.start()
			child()
			r.content(nil, func() {})
		}
	}
}
