package idemix

// HashCommit lets tests compute challenges of proofs that they make themselves.
var HashCommit = hashCommit

// MaxProofs is the number of proofs allowed in a message.
const MaxProofs = maxProofs
