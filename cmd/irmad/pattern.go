package main

import (
	"regexp"
	"sync"
)

// pattern returns a regular expression that is compiled when it is first used: a
// command uses few of those that the program has.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
