package modexp

// hasQuads reports whether there are the functions below; they need no more than
// the other multiplications with IFMA.
func hasQuads() bool { return hasIFMA() }

// ifmaMulQuad sets z = x·y/R in four lanes. Vectors have digit j of lane i at
// 4j+i. z may be x or y.
//
//go:noescape
func ifmaMulQuad(z, x, y, n *quadVector, k *[Quads]uint64)

// ifmaSqrQuad sets z = x²/R in four lanes. z may be x.
//
//go:noescape
func ifmaSqrQuad(z, x, n *quadVector, k *[Quads]uint64)

// ifmaChooseQuad sets each lane of z to that lane of the entry with the lane's
// index, which is less than 16, and reads all entries.
//
//go:noescape
func ifmaChooseQuad(z *quadVector, table *quadTable, index *[Quads]uint64)
