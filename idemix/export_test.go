package idemix

import (
	"math/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/gabikeys"
)

// HashCommit lets tests compute challenges of proofs that they make themselves.
var HashCommit = hashCommit

// MaxProofs is the number of proofs allowed in a message.
const MaxProofs = maxProofs

// ContributionsD computes what a disclosure proof adds to the challenge, without
// the rules.
func ContributionsD(e *Engine, key *gabikeys.PublicKey, proof *irma.ProofD) ([]*big.Int, error) {
	return (&presentation{proof: proof, key: key}).contributions(e)
}

// ContributionsU computes what a commitment adds to the challenge, without the
// rules.
func ContributionsU(e *Engine, key *gabikeys.PublicKey, proof *irma.ProofU) ([]*big.Int, error) {
	return (&commitment{proof: proof, key: key}).contributions(e)
}

// TablesInUse returns how many bytes the tables of an Engine take, and of how
// many keys they are.
func TablesInUse(e *Engine) (bytes int64, keys int) {
	e.tables.mu.Lock()
	defer e.tables.mu.Unlock()
	return e.tables.used, len(e.tables.keys)
}

// HasTables reports whether an Engine keeps tables of a key.
func HasTables(e *Engine, key *gabikeys.PublicKey) bool {
	e.tables.mu.Lock()
	defer e.tables.mu.Unlock()
	_, ok := e.tables.keys[key]
	return ok
}
