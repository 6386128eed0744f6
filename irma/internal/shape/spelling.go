package shape

import "strings"

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
	if n := distance(word, name); n <= allowed {
		return n
	}
	return -1
}

var separators = strings.NewReplacer("_", "", "-", "", " ", "")

func plain(word string) string { return strings.ToLower(separators.Replace(word)) }

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
