package modexp

import "math/big"

// Quads is how many powers a Quad computes at once.
const Quads = 4

const (
	quadDigits = 20
	quadBits   = quadDigits * laneDigitBits // of R
	quadMax    = 1024
)

// quadVector has a number in each lane: digit j of lane i at 4j+i.
type quadVector [quadDigits * Quads]uint64

// quadTable has powers of a number in each lane, from the zeroth on.
type quadTable [1 << secretWidth]quadVector

// Quad computes powers with secret exponents modulo four numbers at once, in
// little more than half the time that it takes modulo one after the other. It is
// safe for concurrent use.
type Quad struct {
	moduli [Quads]*big.Int
	n      quadVector
	k      [Quads]uint64 // -1/n modulo 2^52
	one    quadVector    // R modulo n, which is 1 in Montgomery form
	r2     quadVector    // R² modulo n
}

// HasQuads reports whether Quads for moduli of this length exist, on this machine
// and with this arithmetic.
func (a Arithmetic) HasQuads(bits int) bool {
	return (a == Best || a == IFMA) && hasQuads() && bits <= quadMax
}

// NewQuad returns a Quad for odd numbers greater than 1, some of which may be the
// same. HasQuads must be true of all.
func NewQuad(moduli [Quads]*big.Int) *Quad {
	q := &Quad{moduli: moduli}
	r := new(big.Int).Lsh(big.NewInt(1), quadBits)
	for lane, n := range moduli {
		q.n.set(lane, n)
		q.k[lane] = negInverse(q.n[lane]) & (1<<laneDigitBits - 1)
		one := new(big.Int).Mod(r, n)
		q.one.set(lane, one)
		q.r2.set(lane, one.Mod(one.Mul(one, one), n))
	}
	return q
}

// ExpSecret returns the powers of the bases modulo the moduli of their lanes. It
// hides exponents of at most so many bits as Modulus.ExpSecret does.
func (q *Quad) ExpSecret(bases, exponents [Quads]*big.Int, bits int) [Quads]*big.Int {
	var words [Quads][]uint64
	for lane, exponent := range exponents {
		words[lane] = secretWords(exponent, bits)
	}
	table := q.allPowers(bases)
	accumulator := q.one
	var chosen quadVector
	for at := (bits+secretWidth-1)/secretWidth*secretWidth - secretWidth; at >= 0; at -= secretWidth {
		for range secretWidth {
			q.sqr(&accumulator, &accumulator)
		}
		var index [Quads]uint64
		for lane := range index {
			index[lane] = window(words[lane], at, secretWidth)
		}
		ifmaChooseQuad(&chosen, table, &index)
		q.mul(&accumulator, &accumulator, &chosen)
	}
	return q.numbers(&accumulator)
}

// allPowers returns the powers of the bases from the zeroth on.
func (q *Quad) allPowers(bases [Quads]*big.Int) *quadTable {
	var base quadVector
	for lane, x := range bases {
		base.set(lane, new(big.Int).Mod(x, q.moduli[lane]))
	}
	q.mul(&base, &base, &q.r2)
	out := new(quadTable)
	out[0] = q.one
	for i := 1; i < len(out); i++ {
		q.mul(&out[i], &out[i-1], &base)
	}
	return out
}

func (q *Quad) mul(z, x, y *quadVector) {
	ifmaMulQuad(z, x, y, &q.n, &q.k)
}

func (q *Quad) sqr(z, x *quadVector) {
	ifmaSqrQuad(z, x, &q.n, &q.k)
}

// numbers returns what is in the lanes, out of Montgomery form.
func (q *Quad) numbers(x *quadVector) [Quads]*big.Int {
	var plain quadVector
	for lane := range Quads {
		plain[lane] = 1
	}
	q.mul(&plain, &plain, x)
	var out [Quads]*big.Int
	for lane := range out {
		// The product with 1 is at most n, as in Modulus.number.
		out[lane] = plain.get(lane)
		if out[lane].Cmp(q.moduli[lane]) >= 0 {
			out[lane].Sub(out[lane], q.moduli[lane])
		}
	}
	return out
}

func (v *quadVector) set(lane int, x *big.Int) { setLane(v[lane:], Quads, x) }

func (v *quadVector) get(lane int) *big.Int { return getLane(v[lane:], Quads) }
