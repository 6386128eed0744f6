// Package modexp multiplies powers modulo the n of issuer keys, fast.
//
// The commitments of proofs are products of powers of which all bases but one
// are fixed by the issuer's key. Three things make them fast:
//
//   - Montgomery multiplication, in Go (portable.go) and in assembly: for arm64
//     (rows_arm64.go), for amd64 with the ADX instructions (adx_amd64.go) and for
//     amd64 with the AVX-512 IFMA instructions (ifma_amd64.go). They give identical
//     results;
//   - one chain of squarings for all powers of a product (product.go);
//   - tables of powers of fixed bases, so that these add multiplications to the
//     chain but no squarings (table.go).
//
// The time that Product takes depends on the numbers: it is for those that the
// other party knows anyway. ExpSecret is for exponents that are secret; a Quad does
// that for four numbers at once, one per lane of the vectors (quad.go), which is
// what signing takes. A LaneGroup (lanes.go) has eight numbers, to find primes.
package modexp
