package cli

import (
	"regexp"
	"sync"
)

// Pattern returns a regular expression that is compiled when it is first used: a
// command uses few of those that the program has.
func Pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
