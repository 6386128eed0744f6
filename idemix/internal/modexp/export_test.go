package modexp

import "math/big"

// All are the arithmetics there are.
var All = []Arithmetic{Portable, ADX, IFMA, ARM64}

// Montgomery returns x·y/R as the multiplier computes it from digits, without
// conversions before or after. The digits of the result are joined as they are,
// and short tells whether all of them are as short as digits must be.
func (m *Modulus) Montgomery(x, y *big.Int) (z *big.Int, short bool) {
	out := make(residue, m.count)
	m.mul(out, m.split(x), m.split(y))
	return m.joined(out)
}

// MontgomerySquare is Montgomery of x and x by the squaring, with the result in the
// place of x or elsewhere.
func (m *Modulus) MontgomerySquare(x *big.Int, inPlace bool) (z *big.Int, short bool) {
	a := m.split(x)
	out := a
	if !inPlace {
		out = make(residue, m.count)
	}
	m.sqr(out, a)
	return m.joined(out)
}

// MontgomeryInPlace is Montgomery with the result in the place of an argument.
func (m *Modulus) MontgomeryInPlace(x, y *big.Int, second bool) *big.Int {
	a, b := m.split(x), m.split(y)
	if second {
		m.mul(b, a, b)
		return m.join(b)
	}
	m.mul(a, a, b)
	return m.join(a)
}

func (m *Modulus) joined(digits residue) (z *big.Int, short bool) {
	short = true
	for _, digit := range digits {
		short = short && (m.bits == 64 || digit>>m.bits == 0)
	}
	return m.join(digits), short
}

// R returns the R of Montgomery form, and Bound what residues are less than.
func (m *Modulus) R() *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(m.count*m.bits)) }

func (m *Modulus) Bound() *big.Int {
	if m.kind == IFMA {
		return new(big.Int).Mul(m.n, big.NewInt(3))
	}
	return m.R()
}

// DigitBits is the length of a digit.
func (m *Modulus) DigitBits() int { return m.bits }

// BenchmarkOperations returns functions that multiply and square once.
func (m *Modulus) BenchmarkOperations(x, y *big.Int) (mul, sqr func()) {
	a, b := m.residue(x), m.residue(y)
	return func() { m.mul(a, a, b) }, func() { m.sqr(a, a) }
}

// Recode returns the number that the digits found by recode stand for.
func Recode(words []uint64, from, length, width int) *big.Int {
	out := new(big.Int)
	recode(words, from, length, width, func(position int, odd uint64) {
		if odd%2 == 0 || odd >= 1<<width {
			panic("digit is even or too long")
		}
		out.Add(out, new(big.Int).Lsh(new(big.Int).SetUint64(odd), uint(position)))
	})
	return out
}

// ToWords and FromWords convert.
var (
	ToWords   = toWords
	FromWords = fromWords
)

// Montgomery returns x·y/R in every lane as the multiplier computes it, doubled
// where told, and whether all digits are as short as digits must be. With
// inPlace the result takes the place of x or, if that is 2, of y.
func (g *LaneGroup) Montgomery(x, y [Lanes]*big.Int, double uint8, inPlace int) (out [Lanes]*big.Int, short bool) {
	var a, b, c laneVector
	for lane := range Lanes {
		a.set(lane, x[lane])
		b.set(lane, y[lane])
	}
	z := [...]*laneVector{&c, &a, &b}[inPlace]
	g.mul(z, &a, &b, double)
	short = true
	for lane := range Lanes {
		out[lane] = z.get(lane)
	}
	for _, digit := range z {
		short = short && digit>>laneDigitBits == 0
	}
	return out, short
}

// LaneR returns the R of lanes.
func LaneR() *big.Int { return new(big.Int).Lsh(big.NewInt(1), laneBits) }

// LaneMaxBits is the length of the longest modulus of lanes.
const LaneMaxBits = laneBits - laneMargin

// BenchmarkOperation returns a function that multiplies once in all lanes.
func (g *LaneGroup) BenchmarkOperation() func() {
	z := g.one
	return func() { g.mul(&z, &z, &z, 0) }
}

// Montgomery returns x·y/R and x²/R in every lane as the multiplier computes
// them, and whether all digits are as short as digits must be. With inPlace the
// results take the places of x or, if that is 2, the product that of y.
func (q *Quad) Montgomery(x, y [Quads]*big.Int, inPlace int) (product, square [Quads]*big.Int, short bool) {
	var a, b, c, d quadVector
	for lane := range Quads {
		a.set(lane, x[lane])
		b.set(lane, y[lane])
	}
	d = a
	if inPlace == 0 {
		q.sqr(&c, &d)
		d = c
	} else {
		q.sqr(&d, &d)
	}
	z := [...]*quadVector{&c, &a, &b}[inPlace]
	q.mul(z, &a, &b)
	short = true
	for lane := range Quads {
		product[lane], square[lane] = z.get(lane), d.get(lane)
	}
	for i := range z {
		short = short && (z[i]|d[i])>>laneDigitBits == 0
	}
	return product, square, short
}

// QuadR returns the R of quads, and QuadMaxBits is the length of the longest
// modulus.
func QuadR() *big.Int { return new(big.Int).Lsh(big.NewInt(1), quadBits) }

const QuadMaxBits = quadMax

// ChooseQuad returns what is chosen from a table in which digit j of lane i of
// entry e is 1000·e + 4j + i, and what should be.
func ChooseQuad(index [Quads]uint64) (got, want []uint64) {
	var table quadTable
	for e := range table {
		for at := range table[e] {
			table[e][at] = uint64(1000*e + at)
		}
	}
	var z quadVector
	ifmaChooseQuad(&z, &table, &index)
	for at := range z {
		want = append(want, 1000*index[at%Quads]+uint64(at))
	}
	return z[:], want
}

// BenchmarkOperations returns functions that multiply, square and choose once in
// all lanes.
func (q *Quad) BenchmarkOperations() (mul, sqr, choose func()) {
	z := q.one
	table := new(quadTable)
	index := [Quads]uint64{3, 14, 0, 15}
	return func() { q.mul(&z, &z, &z) }, func() { q.sqr(&z, &z) }, func() { ifmaChooseQuad(&z, table, &index) }
}
