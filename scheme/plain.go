package scheme

import (
	"encoding/xml"
	"iter"
	"strconv"

	"github.com/irmad/irmaserver/scheme/internal/plainxml"
)

// plainReader is what is read from XML: the same by readPlain as by encoding/xml, but
// that readPlain is much faster and leaves to the latter what it does not understand.
type plainReader[T any] interface {
	*T
	readPlain(r *plainxml.Reader)
}

// unmarshal reads a document. What is wrong with one is told by encoding/xml.
func unmarshal[T any, P plainReader[T]](data []byte) (*T, error) {
	raw, r := new(T), plainxml.New(data)
	if P(raw).readPlain(r); r.OK() {
		return raw, nil
	}
	raw = new(T)
	return raw, xml.Unmarshal(data, raw)
}

// readRoot reads the name of the first element, which must be this.
func readRoot(r *plainxml.Reader, space, local string) xml.Name {
	is, _ := r.Attr("xmlns")
	if r.Name() != local || space != "" && is != space {
		r.Fail()
	}
	return xml.Name{Space: is, Local: local}
}

func readInt(r *plainxml.Reader, text string) int {
	return int(number(r, strconv.IntSize, text))
}

func number(r *plainxml.Reader, bits int, text string) int64 {
	n, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		r.Fail()
	}
	return n
}

func readUint(r *plainxml.Reader) uint {
	n, err := strconv.ParseUint(r.Text(), 10, strconv.IntSize)
	if err != nil {
		r.Fail()
	}
	return uint(n)
}

func readVersion(r *plainxml.Reader) int {
	text, found := r.Attr("version")
	if !found {
		return 0
	}
	return readInt(r, text)
}

func (b *boolean) readPlain(r *plainxml.Reader, text string) {
	if b.UnmarshalText([]byte(text)) != nil {
		r.Fail()
	}
}

func (s *seconds) readPlain(r *plainxml.Reader) {
	if s.UnmarshalText([]byte(r.Text())) != nil {
		r.Fail()
	}
}

func readTranslations(r *plainxml.Reader) translations {
	out := translations{}
	for language := range r.Children() {
		out[languageName(language)] = r.Text()
	}
	return out
}

// languageName spares memory for the languages that nearly all schemes have.
func languageName(name []byte) string {
	switch string(name) {
	case "en":
		return "en"
	case "nl":
		return "nl"
	}
	return string(name)
}

// texts returns the texts of the children that have this name, after the others.
func texts(r *plainxml.Reader, all []string, name string) []string {
	for range named(r, name) {
		all = append(all, r.Text())
	}
	return all
}

// named goes through the children that have this name.
func named(r *plainxml.Reader, name string) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		for child := range r.Children() {
			if string(child) == name {
				yield(struct{}{})
			}
		}
	}
}
