package modexp

// hasLanes reports whether there is an ifmaMulLanes; it needs no more than the
// other multiplications with IFMA.
func hasLanes() bool { return hasIFMA() }

// ifmaMulLanes sets z = x·y/R in eight lanes, and twice that in those whose bits
// are set in double. Vectors have digit j of lane i at 8j+i. z may be x or y.
//
//go:noescape
func ifmaMulLanes(z, x, y, n *[laneDigits * Lanes]uint64, k *[Lanes]uint64, double uint8)
