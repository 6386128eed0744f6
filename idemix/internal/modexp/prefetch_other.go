//go:build !amd64

package modexp

func prefetch(residue) {}
