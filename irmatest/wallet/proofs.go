package wallet

import (
	"context"
	"fmt"
	"slices"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// disclose answers a disclosure request.
func (s *session) disclose(ctx context.Context, chosen []Option) (*irma.ServerSessionResponse, error) {
	p := arrange(chosen)
	proofs, err := s.prove(p, s.request.Nonce, false)
	if err != nil {
		return nil, err
	}
	body := irma.Disclosure{Proofs: proofs, Indices: p.indices}
	return s.post(ctx, exchange{step: StepProofs, path: "/proofs", body: body})
}

// sign answers a signature request, without a timestamp.
func (s *session) sign(ctx context.Context, chosen []Option) (*irma.ServerSessionResponse, error) {
	nonce, err := messageNonce(s.request.Nonce, s.request.Message, nil)
	if err != nil {
		return nil, err
	}
	p := arrange(chosen)
	proofs, err := s.prove(p, nonce, true)
	if err != nil {
		return nil, err
	}
	s.outcome.Signature = &irma.SignedMessage{
		LDContext: irma.ContextSignature,
		Signature: proofs,
		Indices:   p.indices,
		Nonce:     s.request.Nonce,
		Context:   s.request.Context,
		Message:   s.request.Message,
	}
	return s.post(ctx, exchange{step: StepProofs, path: "/proofs", body: s.outcome.Signature})
}

// presentation says which attributes of which credentials are disclosed, and
// where the server finds them.
type presentation struct {
	parts   []*part // in order of first use
	indices irma.DisclosedIndices
}

// part is the share of one credential in a presentation.
type part struct {
	cred      *credential
	disclosed []int // positions inside the credential
}

// arrange collects what the options disclose per credential.
func arrange(chosen []Option) *presentation {
	p := &presentation{indices: irma.DisclosedIndices{}}
	for _, option := range chosen {
		places := []*irma.DisclosedIndex{}
		for _, attr := range option.Attributes {
			places = append(places, p.place(attr))
		}
		p.indices = append(p.indices, places)
	}
	return p
}

// place adds an attribute. The metadata attribute always goes along.
func (p *presentation) place(attr Attribute) *irma.DisclosedIndex {
	at := slices.IndexFunc(p.parts, func(q *part) bool { return q.cred == attr.source })
	if at < 0 {
		at = len(p.parts)
		p.parts = append(p.parts, &part{cred: attr.source, disclosed: []int{metadataIndex}})
	}
	q := p.parts[at]
	if !slices.Contains(q.disclosed, attr.index) {
		q.disclosed = append(q.disclosed, attr.index)
	}
	return &irma.DisclosedIndex{Credential: at, Attribute: attr.index}
}

// prove makes the proofs of a presentation, bound to each other and to the
// session by one challenge.
func (s *session) prove(p *presentation, nonce *irma.Int, signing bool) (irma.ProofList, error) {
	prover, err := s.prover(p)
	if err != nil {
		return nil, err
	}
	return prover.complete(gabiInt(s.request.Context), gabiInt(nonce), signing)
}

// prover prepares the proofs of a presentation.
func (s *session) prover(p *presentation) (*prover, error) {
	out := &prover{wallet: s.wallet}
	for _, q := range p.parts {
		builder, err := q.cred.idemix(s.secret).CreateDisclosureProofBuilder(q.disclosed, nil, false)
		if err != nil {
			return nil, fmt.Errorf("preparing proof of %s: %w", q.cred.typ.ID, err)
		}
		out.add(q.cred.typ.ID.Scheme(), builder)
	}
	return out, nil
}

// wireProofs returns the proofs in the form in which they are sent.
func wireProofs(proofs gabi.ProofList) (irma.ProofList, error) {
	out := irma.ProofList{}
	for _, proof := range proofs {
		switch proof := proof.(type) {
		case *gabi.ProofD:
			out = append(out, irma.Proof{D: wireProofD(proof)})
		case *gabi.ProofU:
			out = append(out, irma.Proof{U: wireProofU(proof)})
		default:
			return nil, fmt.Errorf("proof of unknown type %T", proof)
		}
	}
	return out, nil
}

func wireProofD(p *gabi.ProofD) *irma.ProofD {
	return &irma.ProofD{
		C:          irmaInt(p.C),
		A:          irmaInt(p.A),
		EResponse:  irmaInt(p.EResponse),
		VResponse:  irmaInt(p.VResponse),
		AResponses: irmaInts(p.AResponses),
		ADisclosed: irmaInts(p.ADisclosed),
	}
}

func wireProofU(p *gabi.ProofU) *irma.ProofU {
	return &irma.ProofU{
		U:              irmaInt(p.U),
		C:              irmaInt(p.C),
		VPrimeResponse: irmaInt(p.VPrimeResponse),
		SResponse:      irmaInt(p.SResponse),
		MUserResponses: irmaInts(p.MUserResponses),
	}
}

// irmaInts converts a map by attribute index; an empty one becomes nil.
func irmaInts(in map[int]*big.Int) map[int]*irma.Int {
	if len(in) == 0 {
		return nil
	}
	out := make(map[int]*irma.Int, len(in))
	for i, x := range in {
		out[i] = irmaInt(x)
	}
	return out
}
