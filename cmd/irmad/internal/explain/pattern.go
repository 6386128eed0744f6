package explain

import (
	"regexp"
	"sync"
)

// pattern returns a regular expression that is compiled when it is first used: this
// package is part of a program that mostly serves.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
