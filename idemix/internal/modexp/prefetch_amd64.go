package modexp

// prefetch has the processor fetch a residue from memory while it does something
// else. The tables for one proof are about as large as the cache of a processor
// core, so half of the powers would be waited for.
func prefetch(x residue) {
	for i := 0; i < len(x); i += wordsPerLine {
		prefetchLine(&x[i])
	}
}

const wordsPerLine = 8

//go:noescape
func prefetchLine(x *uint64)
