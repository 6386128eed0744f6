package modexp

import "math/big"

// Lanes is how many powers a LaneGroup computes at once.
const Lanes = 8

const (
	laneDigits    = 13
	laneDigitBits = 52
	laneBits      = laneDigits * laneDigitBits // of R

	// laneMargin is how many bits R is longer than moduli at least.
	laneMargin = 8
)

// laneVector has a number in each lane: digit j of lane i at 8j+i.
type laneVector [laneDigits * Lanes]uint64

// LaneGroup computes modulo eight numbers at once, in little more time than it
// takes modulo one. It takes a time that depends on exponents: not for secrets.
type LaneGroup struct {
	moduli [Lanes]*big.Int
	n      laneVector
	k      [Lanes]uint64 // -1/n modulo 2^52
	one    laneVector    // R modulo n, which is 1 in Montgomery form
}

// HasLanes reports whether LaneGroups for moduli of this length exist, on this
// machine and with this arithmetic.
func (a Arithmetic) HasLanes(bits int) bool {
	return (a == Best || a == IFMA) && hasLanes() && bits <= laneBits-laneMargin
}

// NewLanes returns a group for odd numbers greater than 1, some of which may be
// the same. HasLanes must be true of all.
func NewLanes(moduli [Lanes]*big.Int) *LaneGroup {
	g := &LaneGroup{moduli: moduli}
	r := new(big.Int).Lsh(big.NewInt(1), laneBits)
	rest := new(big.Int)
	for lane, n := range moduli {
		g.n.set(lane, n)
		g.k[lane] = negInverse(g.n[lane]) & (1<<laneDigitBits - 1)
		g.one.set(lane, rest.Mod(r, n))
	}
	return g
}

// PassFermat reports for each modulus n whether 2^(n-1) is 1 modulo n, as it is
// for all primes and hardly any other numbers. The moduli have the same length.
func (g *LaneGroup) PassFermat() [Lanes]bool {
	var exponents [Lanes][]uint64
	length := 0
	for lane, n := range g.moduli {
		exponents[lane] = toWords(n)
		exponents[lane][0]-- // n is odd
		length = n.BitLen()
	}
	z := g.one
	for at := length - 1; at >= 0; at-- {
		var double uint8
		for lane := range exponents {
			double |= uint8(exponents[lane][at/64]>>(at%64)&1) << lane
		}
		g.mul(&z, &z, &z, double)
	}
	var out [Lanes]bool
	one := big.NewInt(1)
	for lane, x := range g.numbers(&z) {
		out[lane] = x.Cmp(one) == 0
	}
	return out
}

// Powers returns each base to the power exponent, modulo the modulus of its lane.
// Bases are not negative and below their moduli.
func (g *LaneGroup) Powers(bases [Lanes]*big.Int, exponent *big.Int) [Lanes]*big.Int {
	var base laneVector
	shifted := new(big.Int)
	for lane, x := range bases {
		shifted.Lsh(x, laneBits)
		base.set(lane, shifted.Mod(shifted, g.moduli[lane]))
	}
	z := g.one
	for at := exponent.BitLen() - 1; at >= 0; at-- {
		g.mul(&z, &z, &z, 0)
		if exponent.Bit(at) == 1 {
			g.mul(&z, &z, &base, 0)
		}
	}
	return g.numbers(&z)
}

func (g *LaneGroup) mul(z, x, y *laneVector, double uint8) {
	ifmaMulLanes((*[laneDigits * Lanes]uint64)(z), (*[laneDigits * Lanes]uint64)(x), (*[laneDigits * Lanes]uint64)(y), (*[laneDigits * Lanes]uint64)(&g.n), &g.k, double)
}

// numbers returns what is in the lanes, out of Montgomery form.
func (g *LaneGroup) numbers(x *laneVector) [Lanes]*big.Int {
	var plain laneVector
	for lane := range Lanes {
		plain[lane] = 1
	}
	g.mul(&plain, &plain, x, 0)
	var out [Lanes]*big.Int
	for lane := range out {
		// The product with 1 is at most n, as in Modulus.number.
		out[lane] = plain.get(lane)
		if out[lane].Cmp(g.moduli[lane]) >= 0 {
			out[lane].Sub(out[lane], g.moduli[lane])
		}
	}
	return out
}

func (v *laneVector) set(lane int, x *big.Int) { setLane(v[lane:], Lanes, x) }

func (v *laneVector) get(lane int) *big.Int { return getLane(v[lane:], Lanes) }

// setLane puts the digits of x, of 52 bits, at every so many places of v.
func setLane(v []uint64, every int, x *big.Int) {
	words := toWords(x)
	for j, at := 0, 0; at < len(v); j, at = j+1, at+every {
		v[at] = window(words, j*laneDigitBits, laneDigitBits)
	}
}

// getLane is the inverse of setLane.
func getLane(v []uint64, every int) *big.Int {
	count := (len(v) + every - 1) / every
	words := make([]uint64, (count*laneDigitBits+63)/64)
	for j, from := 0, 0; from < len(v); j, from = j+1, from+every {
		at, shift := j*laneDigitBits/64, uint(j*laneDigitBits%64)
		words[at] |= v[from] << shift
		if shift > 0 && at+1 < len(words) {
			words[at+1] |= v[from] >> (64 - shift)
		}
	}
	return fromWords(words)
}
