package wallet

import (
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// complete makes the credential of the issuer's signature and verifies it.
func (r *receipt) complete(sig *irma.IssueSignature, now time.Time) (*credential, error) {
	msg, err := r.message(sig)
	if err != nil {
		return nil, err
	}
	metadata, err := irma.NewMetadata(r.typ.ID, r.request.KeyCounter, now, r.request.Validity.Time())
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	made, err := r.builder.ConstructCredential(msg, r.attributes(metadata))
	if err != nil {
		return nil, err
	}
	return &credential{
		issuerKey:  r.issuerKey,
		signature:  made.Signature,
		attributes: made.Attributes[1:],
		metadata:   metadata,
	}, nil
}

// attributes computes what the issuer should have signed. The metadata comes
// from the wallet's own clock, as in the app.
func (r *receipt) attributes(metadata irma.Metadata) []*big.Int {
	out := []*big.Int{gabiInt(metadata.Int())}
	for _, attr := range r.typ.Attributes {
		switch value, given := r.request.Attributes[attr.ID]; {
		case attr.Randomblind:
			out = append(out, nil) // the sum of both shares, not known yet
		case given:
			out = append(out, gabiInt(irma.EncodeAttribute(&value)))
		default:
			out = append(out, big.NewInt(0))
		}
	}
	return out
}

// message converts the server's part of the credential, after checking that
// everything needed is there and of a plausible size.
func (r *receipt) message(sig *irma.IssueSignature) (*gabi.IssueSignatureMessage, error) {
	if sig.Proof.C == nil || sig.Proof.EResponse == nil {
		return nil, errors.New("no proof of correctness")
	}
	signature, err := r.clSignature(sig.Signature)
	if err != nil {
		return nil, err
	}
	shares := map[int]*big.Int{}
	for _, position := range r.typ.RandomblindPositions() {
		share := sig.MIssuer[position+firstAttribute]
		if share == nil || uint(share.Big().BitLen()) > r.pk.Params.Lm {
			return nil, errors.New("no usable share of a randomblind attribute")
		}
		shares[position+firstAttribute] = gabiInt(share)
	}
	if len(shares) != len(sig.MIssuer) {
		return nil, errors.New("shares of attributes that are not randomblind")
	}
	proof := &gabi.ProofS{C: gabiInt(sig.Proof.C), EResponse: gabiInt(sig.Proof.EResponse)}
	if uint(max(proof.C.BitLen(), proof.EResponse.BitLen())) > r.pk.Params.Ln {
		return nil, errors.New("proof of correctness is too large")
	}
	return &gabi.IssueSignatureMessage{Proof: proof, Signature: signature, MIssuer: shares}, nil
}

// clSignature converts a signature whose integers are there and in range. It
// does not verify it.
func (k *issuerKey) clSignature(sig irma.CLSignature) (*gabi.CLSignature, error) {
	if sig.A == nil || sig.E == nil || sig.V == nil {
		return nil, errors.New("incomplete signature")
	}
	if sig.KeyshareP != nil {
		return nil, fmt.Errorf("%w: signature with a keyshare part", ErrUnsupported)
	}
	out := &gabi.CLSignature{A: gabiInt(sig.A), E: gabiInt(sig.E), V: gabiInt(sig.V)}
	if out.A.Sign() == 0 || out.A.Cmp(k.pk.N) >= 0 {
		return nil, errors.New("signature is no residue of the public key")
	}
	// The holder's share makes v at most one bit longer.
	if uint(out.E.BitLen()) > k.pk.Params.Le || uint(out.V.BitLen()) > k.pk.Params.Lv+1 {
		return nil, errors.New("signature is too large")
	}
	return out, nil
}
