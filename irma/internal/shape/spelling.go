package shape

import (
	"strings"

	"github.com/irmad/irmaserver/internal/spelling"
)

// Misspelling returns how many typing errors turn name into word if word is
// probably a misspelling of name, and otherwise -1. Up to two errors count in a
// long name and one in a short one; case and word separators do not matter.
func Misspelling(word, name string) int {
	word, name = plain(word), plain(name)
	if word == name {
		return 0
	}
	allowed := 1
	switch {
	case len(name) < 4:
		return -1
	case len(name) > 5:
		allowed = 2
	}
	if len(word) > len(name)+allowed || len(name) > len(word)+allowed {
		return -1
	}
	if n := spelling.Distance(word, name); n <= allowed {
		return n
	}
	return -1
}

var separators = strings.NewReplacer("_", "", "-", "", " ", "")

func plain(word string) string { return strings.ToLower(separators.Replace(word)) }
