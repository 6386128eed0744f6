package irma

import "encoding/json"

// Disclosure is a wallet's answer to a disclosure request.
type Disclosure struct {
	Proofs  ProofList        `json:"proofs"`
	Indices DisclosedIndices `json:"indices"`
}

// SignedMessage is an attribute-based signature: a disclosure that signs a
// message.
type SignedMessage struct {
	LDContext string           `json:"@context"`
	Signature ProofList        `json:"signature"`
	Indices   DisclosedIndices `json:"indices"`
	Nonce     *Int             `json:"nonce"`
	Context   *Int             `json:"context"`
	Message   string           `json:"message"`
	Timestamp *AtumTimestamp   `json:"timestamp"`
}

// AtumTimestamp is a timestamp server's statement on when a signature existed.
type AtumTimestamp struct {
	Time      int64         `json:"Time"`
	ServerURL string        `json:"ServerUrl"`
	Sig       AtumSignature `json:"Sig"`
}

// AtumSignature is the signature in an AtumTimestamp.
type AtumSignature struct {
	Alg       string `json:"Alg"`
	Data      []byte `json:"Data"`
	PublicKey []byte `json:"PublicKey"`
}

// DisclosedIndices tells, per disjunction of the request and per attribute of
// the chosen conjunction, where the attribute is found among the proofs.
type DisclosedIndices [][]*DisclosedIndex

// DisclosedIndex points to an attribute: number Attribute of proof Credential.
// Attribute 1 is the metadata attribute, which stands for the credential
// itself; attribute 2 is the first of the credential type.
type DisclosedIndex struct {
	Credential int `json:"cred"`
	Attribute  int `json:"attr"`
}

// ProofList is a list of proofs bound to one challenge.
type ProofList []Proof

// Proof is one element of a ProofList; exactly one of its fields is set.
type Proof struct {
	D *ProofD // disclosure of a credential's attributes
	U *ProofU // commitment to a credential that will be issued
}

// ProofD proves possession of a credential and discloses some of its
// attributes (spec 12 §1.2).
type ProofD struct {
	C           *Int            `json:"c"`
	A           *Int            `json:"A"`
	EResponse   *Int            `json:"e_response"`
	VResponse   *Int            `json:"v_response"`
	AResponses  map[int]*Int    `json:"a_responses"`
	ADisclosed  map[int]*Int    `json:"a_disclosed"`
	NonRev      *NonRevProof    `json:"nonrev_proof,omitempty"`
	RangeProofs json.RawMessage `json:"rangeproofs,omitempty"` // never sent by wallets; refused
}

// NonRevProof proves that the credential of its ProofD has not been revoked.
type NonRevProof struct {
	Cr          *Int               `json:"C_r"`
	Cu          *Int               `json:"C_u"`
	Responses   map[string]*Int    `json:"responses"`
	Accumulator *SignedAccumulator `json:"sacc"`
}

// ProofU proves knowledge of the secrets inside a commitment U.
type ProofU struct {
	U              *Int         `json:"U"`
	C              *Int         `json:"c"`
	VPrimeResponse *Int         `json:"v_prime_response"`
	SResponse      *Int         `json:"s_response"`
	MUserResponses map[int]*Int `json:"m_user_responses,omitempty"`
}

// ProofP is a keyshare server's part of the proofs of one wallet. In issuance it
// comes inside the JWTs of IssueCommitment.ProofPJWTs; in other sessions wallets
// merge it into their proofs themselves.
type ProofP struct {
	P         *Int `json:"P,omitempty"` // absent in protocol 2.9
	C         *Int `json:"c"`
	SResponse *Int `json:"s_response"`
}

// IssueCommitment is a wallet's answer to an issuance request: disclosure
// proofs, then one ProofU per requested credential.
type IssueCommitment struct {
	Nonce2            *Int              `json:"n_2"`
	Proofs            ProofList         `json:"combinedProofs"`
	Indices           DisclosedIndices  `json:"indices,omitempty"`
	ProofPJWTs        map[string]string `json:"proofPJwts,omitempty"`
	KeyBindingPubKeys []json.RawMessage `json:"keybinding_pub_keys,omitempty"`
}

// IssueSignature is the server's part of a new credential.
type IssueSignature struct {
	Proof     ProofS       `json:"proof"`
	Signature CLSignature  `json:"signature"`
	NonRev    *Witness     `json:"nonrev,omitempty"`   // of credential types with revocation
	MIssuer   map[int]*Int `json:"m_issuer,omitempty"` // the issuer's shares of randomblind attributes
}

// ProofS proves that a CLSignature was made correctly.
type ProofS struct {
	C         *Int `json:"c"`
	EResponse *Int `json:"e_response"`
}

// CLSignature is a Camenisch-Lysyanskaya signature on the attributes of a
// credential.
type CLSignature struct {
	A         *Int `json:"A"`
	E         *Int `json:"e"`
	V         *Int `json:"v"`
	KeyshareP *Int `json:"KeyshareP"` // always null from a server
}

const errProofType protocolError = "Unknown proof type found in ProofList"

// MarshalJSON implements json.Marshaler.
func (p Proof) MarshalJSON() ([]byte, error) {
	switch {
	case p.D != nil:
		return json.Marshal(p.D)
	case p.U != nil:
		return json.Marshal(p.U)
	}
	return nil, errProofType
}

// UnmarshalJSON implements json.Unmarshaler. A proof with a non-null A is a
// ProofD, otherwise one with a non-null U is a ProofU.
func (p *Proof) UnmarshalJSON(data []byte) error {
	var in struct {
		ProofD
		U              *Int         `json:"U"`
		VPrimeResponse *Int         `json:"v_prime_response"`
		SResponse      *Int         `json:"s_response"`
		MUserResponses map[int]*Int `json:"m_user_responses"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*p = Proof{}
	switch {
	case in.A != nil:
		if string(in.RangeProofs) == "null" {
			in.RangeProofs = nil
		}
		p.D = &in.ProofD
	case in.U != nil:
		p.U = &ProofU{in.U, in.C, in.VPrimeResponse, in.SResponse, in.MUserResponses}
	default:
		return errProofType
	}
	return nil
}
