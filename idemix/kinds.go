package idemix

import "github.com/irmad/irmaserver/irma"

// maxProofs bounds the work that one message can ask for: each proof costs
// milliseconds. Wallets send one per credential.
const maxProofs = 50

// checkCommitmentKinds checks that the message ends with a ProofU for every
// credential to be issued. Without them it is not an answer to the request at
// all, so this is an error and not a verdict.
func (m *message) checkCommitmentKinds() error {
	first := len(m.proofs) - len(m.credentials)
	if first < 0 {
		return irma.ErrMalformedInput.With("Received insufficient proofs")
	}
	for _, proof := range m.proofs[first:] {
		if proof.U == nil || proof.D != nil {
			return irma.ErrMalformedInput.With("Received proofs of the wrong kind")
		}
	}
	return nil
}

// checkKinds holds the proofs to their number and the rule that each has the
// kind that belongs to its position: all are ProofD, except the ones of the
// credentials to be issued. A ProofU in another place would be a proof about
// nothing that the request asked for.
func (m *message) checkKinds() error {
	if len(m.proofs) > maxProofs {
		return violated("%d proofs, at most %d are allowed", len(m.proofs), maxProofs)
	}
	for i, proof := range m.proofs[:len(m.proofs)-len(m.credentials)] {
		if proof.D == nil || proof.U != nil {
			return violated("proof %d: not a disclosure proof", i)
		}
	}
	return nil
}
