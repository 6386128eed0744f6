package cli

import (
	"fmt"

	"github.com/irmad/irmaserver/internal/spelling"
)

// DidYouMean returns a hint for somebody who wrote word where one of names was
// expected: empty when none is close to it.
func DidYouMean(word string, names []string) string {
	best, distance := "", len(word)/3+2
	for _, name := range names {
		if d := spelling.Distance(word, name); d < distance {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}
