//go:build !amd64

package modexp

func hasQuads() bool { return false }

func ifmaMulQuad(_, _, _, _ *quadVector, _ *[Quads]uint64) {
	panic("modexp: no quads on this processor")
}

func ifmaSqrQuad(_, _, _ *quadVector, _ *[Quads]uint64) {
	panic("modexp: no quads on this processor")
}

func ifmaChooseQuad(_ *quadVector, _ *quadTable, _ *[Quads]uint64) {
	panic("modexp: no quads on this processor")
}
