// Package scheme reads schemes: the signed folders in which scheme managers
// publish who may issue (issuers), what is issued (credential types) and with
// which keys.
//
// [Load] and [LoadDir] give a [Set], which never changes afterwards and may be
// used by any number of goroutines. A program that wants newer schemes loads a
// new Set and swaps it in as a whole. Nothing in a Set is trusted before the
// signature on its scheme and the hash of its file are verified; a scheme that
// fails is left out as a whole and reported by [Set.Problems], the others are
// not affected.
//
// Loading reads and hashes every file, every time: half a millisecond and 42 kB of
// memory per issuer, logos included in the former. What was found valid before is
// not remembered on disk, as whoever can change a scheme there could change that too,
// and sizes and times of files are theirs to set. In memory it is: a Set does not
// look at the disk again, and scheme/update loads only when files have changed. Keys
// are parsed when they are first used.
//
// [Set.CheckRequest] tells whether a session request makes sense against the
// schemes, and [Set.CompleteIssuance] fills in what the schemes decide.
//
// [Sign] makes a scheme out of a folder of descriptions and keys.
package scheme
