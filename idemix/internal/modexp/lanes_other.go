//go:build !amd64

package modexp

func hasLanes() bool { return false }

func ifmaMulLanes(_, _, _, _ *[laneDigits * Lanes]uint64, _ *[Lanes]uint64, _ uint8) {
	panic("modexp: no lanes on this processor")
}
