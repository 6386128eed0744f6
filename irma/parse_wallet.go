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
	return readWallet(data, disclosureShape, func(r *walletReader, out *Disclosure, name string) {
		switch name {
		case "proofs":
			out.Proofs = r.proofs()
		case "indices":
			out.Indices = r.indices()
		}
	})
}

// ParseSignedMessage reads an attribute-based signature, as ParseDisclosure
// reads a disclosure.
func ParseSignedMessage(data []byte) (*SignedMessage, error) {
	return readWallet(data, signedMessageShape, func(r *walletReader, out *SignedMessage, name string) {
		switch name {
		case "@context":
			out.LDContext = r.text()
		case "signature":
			out.Signature = r.proofs()
		case "indices":
			out.Indices = r.indices()
		case "nonce":
			out.Nonce = r.int()
		case "context":
			out.Context = r.int()
		case "message":
			out.Message = r.text()
		case "timestamp":
			r.rare(&out.Timestamp)
		}
	})
}

// ParseIssueCommitment reads a wallet's commitments, as ParseDisclosure reads a
// disclosure. A message without n_2 or combinedProofs is refused.
func ParseIssueCommitment(data []byte) (*IssueCommitment, error) {
	out, err := readWallet(data, issueCommitmentShape, func(r *walletReader, out *IssueCommitment, name string) {
		switch name {
		case "n_2":
			out.Nonce2 = r.int()
		case "combinedProofs":
			out.Proofs = r.proofs()
		case "indices":
			out.Indices = r.indices()
		case "proofPJwts":
			out.ProofPJWTs = r.jwts()
		case "keybinding_pub_keys":
			r.rare(&out.KeyBindingPubKeys)
		}
	})
	switch {
	case err != nil:
		return nil, err
	case out.Nonce2 == nil:
		return nil, ErrMalformedInput.With("$.n_2: missing")
	case out.Proofs == nil:
		return nil, ErrMalformedInput.With("$.combinedProofs: missing")
	}
	return out, nil
}

// ParseFrontendOptions reads a frontend's wish for the session. The pairing
// method may be empty or unknown. Errors are of kind ErrMalformedInput.
func ParseFrontendOptions(data []byte) (*FrontendOptions, error) {
	fitting, err := checkWallet(data, frontendOptionsShape)
	if err != nil {
		return nil, err
	}
	out := &FrontendOptions{}
	if err := json.Unmarshal(fitting, out); err != nil {
		return nil, ErrMalformedInput.With(err.Error())
	}
	if out.LDContext != ContextFrontendOptions {
		return nil, ErrMalformedInput.With("Not a frontend options request")
	}
	return out, nil
}

// checkWallet returns what to decode of a message that has the shape.
func checkWallet(data []byte, want *shape.Shape) ([]byte, error) {
	if err := checkSyntax(data); err != nil {
		return nil, ErrMalformedInput.With(err.Error())
	}
	result, problem := shape.CheckLenient(data, "$", want)
	if problem != nil {
		return nil, ErrMalformedInput.With(problem.Error())
	}
	return result.Data, nil
}

// readWallet reads a message that is a record, by its members.
func readWallet[T any](data []byte, want *shape.Shape, read func(r *walletReader, out *T, name string)) (*T, error) {
	fitting, err := checkWallet(data, want)
	if err != nil {
		return nil, err
	}
	r := walletReader{Scanner: shape.NewScanner(fitting)}
	out := new(T)
	r.record(want, func(name string) { read(&r, out, name) })
	if r.problem != nil {
		return nil, ErrMalformedInput.With(r.problem.Error())
	}
	return out, nil
}
