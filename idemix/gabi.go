package idemix

import (
	stdbig "math/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// Proofs are handed to gabi as copies, so that the wallet's message stays as it
// was whatever gabi does with its arguments.

// contributions implements contributor.
func (p *presentation) contributions() ([]*stdbig.Int, error) {
	proof := &gabi.ProofD{
		C:          toGabi(p.proof.C),
		A:          toGabi(p.proof.A),
		EResponse:  toGabi(p.proof.EResponse),
		VResponse:  toGabi(p.proof.VResponse),
		AResponses: mapToGabi(p.proof.AResponses),
		ADisclosed: mapToGabi(p.proof.ADisclosed),
	}
	values, err := proof.ChallengeContribution(p.key)
	return fromGabiList(values), err
}

// contributions implements contributor.
func (c *commitment) contributions() ([]*stdbig.Int, error) {
	proof := &gabi.ProofU{
		U:              toGabi(c.proof.U),
		C:              toGabi(c.proof.C),
		VPrimeResponse: toGabi(c.proof.VPrimeResponse),
		SResponse:      toGabi(c.proof.SResponse),
		MUserResponses: mapToGabi(c.proof.MUserResponses),
	}
	values, err := proof.ChallengeContribution(c.key)
	return fromGabiList(values), err
}

func toGabi(i *irma.Int) *big.Int { return copyToGabi(i.Big()) }

func copyToGabi(i *stdbig.Int) *big.Int { return big.Convert(new(stdbig.Int).Set(i)) }

func mapToGabi(values map[int]*irma.Int) map[int]*big.Int {
	out := make(map[int]*big.Int, len(values))
	for i, x := range values {
		out[i] = toGabi(x)
	}
	return out
}

func fromGabi(i *big.Int) *irma.Int { return (*irma.Int)(i.Go()) }

func fromGabiList(values []*big.Int) []*stdbig.Int {
	out := make([]*stdbig.Int, len(values))
	for i, x := range values {
		out[i] = x.Go()
	}
	return out
}
