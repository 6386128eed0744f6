package modexp

import "math/big"

// rows multiplies by rows of eight words of one factor times all of the other, or
// of four where the number of words is no multiple of eight. MUL, UMULH and the
// additions with carry are in every arm64 processor. Products and reduction come
// one after the other as in portable, whose residues these are. Nothing depends on
// the values of words: no branch and no address.
type rows struct{ portable }

const hasARM64 = true

func newARM64(n *big.Int) multiplier { return &rows{*newWords(n, 4)} }

func (r *rows) mul(z, x, y residue) {
	var t [2 * maxWords]uint64
	size := len(r.n)
	x, y = x[:size], y[:size]
	if size%8 == 0 {
		mulRows8(&t[0], &x[0], &y[0], size/8)
	} else {
		mulRows4(&t[0], &x[0], &y[0], size/4)
	}
	r.reduce(z, t[:2*size])
}

func (r *rows) sqr(z, x residue) {
	var t [2 * maxWords]uint64
	size := len(r.n)
	x = x[:size]
	if size%8 == 0 {
		sqrRows8(&t[0], &x[0], size/8)
	} else {
		sqrRows4(&t[0], &x[0], size/4)
	}
	doubleRows(&t[0], &x[0], size)
	r.reduce(z, t[:2*size])
}

// reduce stores t/R, less than R.
func (r *rows) reduce(z residue, t []uint64) {
	size := len(r.n)
	z, t = z[:size], t[:2*size]
	var carry uint64
	if size%8 == 0 {
		carry = reduceRows8(&t[0], &r.n[0], r.k, size/8)
	} else {
		carry = reduceRows4(&t[0], &r.n[0], r.k, size/4)
	}
	settleRows(&z[0], &t[size], &r.n[0], carry, size)
}

// The functions ending in 8 take so many blocks of eight words, those ending in 4
// of four words.
//
//go:noescape
func mulRows8(t, x, y *uint64, blocks int)

//go:noescape
func mulRows4(t, x, y *uint64, blocks int)

//go:noescape
func sqrRows8(t, x *uint64, blocks int)

//go:noescape
func sqrRows4(t, x *uint64, blocks int)

//go:noescape
func doubleRows(t, x *uint64, words int)

//go:noescape
func reduceRows8(t, n *uint64, k uint64, blocks int) (carry uint64)

//go:noescape
func reduceRows4(t, n *uint64, k uint64, blocks int) (carry uint64)

//go:noescape
func settleRows(z, t, n *uint64, carry uint64, words int)
