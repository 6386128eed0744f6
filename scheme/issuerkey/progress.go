package issuerkey

import "math"

// Progress tells how far the search for the two primes of a key is. The search is
// a matter of luck: it can take a tenth of what is expected, or five times that.
type Progress struct {
	Found    int // safe primes, of two
	Tested   int // candidates, in total
	Expected int // candidates to be tested for a key, on average
}

// expectedTests estimates how many candidates are tested for two safe primes of
// this length. A number that has no factor below B is prime with probability
// e^γ ln(B) / ln(number), by Mertens' theorem, and here two have to be.
func expectedTests(bits int) int {
	const gamma = 0.5772
	odds := math.Exp(gamma) * math.Log(sieveLimit) / (float64(bits) * math.Ln2)
	return int(2 / (odds * odds))
}
