package modexp

// prefetch has the processor fetch a residue from memory while it does something
// else. The tables for one proof are about as large as the cache of a processor
// core, so half of the powers would be waited for.
func prefetch(x residue) {
	if lines := (len(x) + wordsPerLine - 1) / wordsPerLine; lines > 0 {
		prefetchLines(&x[0], lines)
	}
}

const wordsPerLine = 8

//go:noescape
func prefetchLines(x *uint64, lines int)
