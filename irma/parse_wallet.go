package irma

import (
	"encoding/json"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// ParseDisclosure reads a wallet's disclosure. It bounds the numbers of proofs,
// attributes and indices and the length of integers, and leaves all judgement
// of their values to the verifier: an absent integer is nil, and an index may
// be nil or point nowhere. Errors are of kind ErrMalformedInput.
func ParseDisclosure(data []byte) (*Disclosure, error) {
	out := &Disclosure{}
	if err := parseWallet(data, disclosureShape, out); err != nil {
		return nil, err
	}
	return out, nil
}

// ParseSignedMessage reads an attribute-based signature, as ParseDisclosure
// reads a disclosure.
func ParseSignedMessage(data []byte) (*SignedMessage, error) {
	out := &SignedMessage{}
	if err := parseWallet(data, signedMessageShape, out); err != nil {
		return nil, err
	}
	return out, nil
}

// ParseIssueCommitment reads a wallet's commitments, as ParseDisclosure reads a
// disclosure. A message without n_2 or combinedProofs is refused.
func ParseIssueCommitment(data []byte) (*IssueCommitment, error) {
	out := &IssueCommitment{}
	if err := parseWallet(data, issueCommitmentShape, out); err != nil {
		return nil, err
	}
	if out.Nonce2 == nil {
		return nil, ErrMalformedInput.With("$.n_2: missing")
	}
	if out.Proofs == nil {
		return nil, ErrMalformedInput.With("$.combinedProofs: missing")
	}
	return out, nil
}

// ParseFrontendOptions reads a frontend's wish for the session. The pairing
// method may be empty or unknown. Errors are of kind ErrMalformedInput.
func ParseFrontendOptions(data []byte) (*FrontendOptions, error) {
	out := &FrontendOptions{}
	if err := parseWallet(data, frontendOptionsShape, out); err != nil {
		return nil, err
	}
	if out.LDContext != ContextFrontendOptions {
		return nil, ErrMalformedInput.With("Not a frontend options request")
	}
	return out, nil
}

func parseWallet(data []byte, want *shape.Shape, target any) error {
	if err := checkSyntax(data); err != nil {
		return ErrMalformedInput.With(err.Error())
	}
	result, problem := shape.CheckLenient(data, "$", want)
	if problem != nil {
		return ErrMalformedInput.With(problem.Error())
	}
	if err := json.Unmarshal(result.Data, target); err != nil {
		return ErrMalformedInput.With(err.Error())
	}
	return nil
}
