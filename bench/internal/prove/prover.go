package prove

import (
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	stdbig "math/big"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

var rand = cryptorand.Reader

// Prover makes proofs for one kind of session. It makes its commitments once and
// answers every session's challenge with them: that gives its secrets away, which
// are of no use, and leaves a hash and a few additions per proof. The server
// cannot tell, and does the same work as for any other proof.
type Prover struct {
	request  json.RawMessage // for the requestor to start sessions with
	path     string          // where proofs are posted
	builders gabi.ProofBuilderList
	values   []*stdbig.Int // contributions to the challenge
	finish   func(gabi.ProofList) any
}

// Request returns the session request.
func (p *Prover) Request() []byte { return p.request }

// Path returns where, below the session's URL, proofs are posted.
func (p *Prover) Path() string { return p.path }

// NewDiscloser returns a prover of the first attribute of each of these
// credentials.
func NewDiscloser(set *scheme.Set, types ...string) (*Prover, error) {
	p := &Prover{path: "/proofs"}
	secret, err := gabi.GenerateSecretAttribute()
	if err != nil {
		return nil, err
	}
	var asked []irma.AttributeTypeID
	var indices irma.DisclosedIndices
	for i, id := range types {
		credential, err := issue(set, irma.CredentialTypeID(id), secret)
		if err != nil {
			return nil, err
		}
		builder, err := credential.CreateDisclosureProofBuilder([]int{1, 2}, nil, false)
		if err != nil {
			return nil, err
		}
		p.builders = append(p.builders, builder)
		indices = append(indices, []*irma.DisclosedIndex{{Credential: i, Attribute: 2}})
		asked = append(asked, irma.AttributeTypeID(id+"."+AttributeName(0)))
	}
	p.finish = func(proofs gabi.ProofList) any {
		return map[string]any{"proofs": proofs, "indices": indices}
	}
	return p, p.prepare(irma.NewDisclosureRequest(asked...))
}

// NewReceiver returns a prover that gets these credentials issued.
func NewReceiver(set *scheme.Set, types ...string) (*Prover, error) {
	p := &Prover{path: "/commitments"}
	secret, err := gabi.GenerateSecretAttribute()
	if err != nil {
		return nil, err
	}
	nonce2, err := gabi.GenerateNonce()
	if err != nil {
		return nil, err
	}
	var offers []irma.CredentialRequest
	for _, text := range types {
		id := irma.CredentialTypeID(text)
		public, err := set.PublicKey(id.Issuer(), 0)
		if err != nil {
			return nil, err
		}
		builder, err := gabi.NewCredentialBuilder(public, big.NewInt(1), secret, nonce2, nil, nil)
		if err != nil {
			return nil, err
		}
		p.builders = append(p.builders, builder)
		offers = append(offers, irma.CredentialRequest{CredentialTypeID: id, Attributes: values(set.CredentialType(id))})
	}
	p.finish = func(proofs gabi.ProofList) any {
		return map[string]any{"n_2": nonce2, "combinedProofs": proofs, "indices": irma.DisclosedIndices{}}
	}
	return p, p.prepare(irma.NewIssuanceRequest(offers...))
}

// prepare makes the commitments.
func (p *Prover) prepare(request irma.Request) error {
	var err error
	if p.request, err = json.Marshal(request); err != nil {
		return err
	}
	randomizers, err := gabi.NewProofRandomizers()
	if err != nil {
		return err
	}
	for _, builder := range p.builders {
		contributions, err := builder.Commit(randomizers)
		if err != nil {
			return err
		}
		for _, value := range contributions {
			p.values = append(p.values, value.Go())
		}
	}
	return nil
}

// Answer returns the body to post in reply to a server's answer to the wallet's
// first request.
func (p *Prover) Answer(hello []byte) ([]byte, error) {
	var session struct {
		Request struct {
			Nonce   *irma.Int `json:"nonce"`
			Context *irma.Int `json:"context"`
		} `json:"request"`
	}
	if err := json.Unmarshal(hello, &session); err != nil {
		return nil, err
	}
	if session.Request.Nonce == nil || session.Request.Context == nil {
		return nil, fmt.Errorf("answer without nonce: %.200s", hello)
	}
	list := append([]*stdbig.Int{session.Request.Context.Big()}, p.values...)
	challenge, err := hash(append(list, session.Request.Nonce.Big()))
	if err != nil {
		return nil, err
	}
	proofs := gabi.ProofList{}
	for _, builder := range p.builders {
		proofs = append(proofs, builder.CreateProof(challenge))
	}
	return json.Marshal(p.finish(proofs))
}

// hash is the challenge of a list of proofs (spec 12 §2).
func hash(values []*stdbig.Int) (*big.Int, error) {
	elements := []asn1.RawValue{}
	count, err := asn1.Marshal(len(values))
	if err != nil {
		return nil, err
	}
	elements = append(elements, asn1.RawValue{FullBytes: count})
	for _, value := range values {
		der, err := asn1.Marshal(value)
		if err != nil {
			return nil, err
		}
		elements = append(elements, asn1.RawValue{FullBytes: der})
	}
	der, err := asn1.Marshal(elements)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(der)
	return new(big.Int).SetBytes(digest[:]), nil
}

// issue makes a credential.
func issue(set *scheme.Set, id irma.CredentialTypeID, secret *big.Int) (*gabi.Credential, error) {
	typ := set.CredentialType(id)
	if typ == nil {
		return nil, fmt.Errorf("unknown credential type %s", id)
	}
	private, err := set.PrivateKey(id.Issuer(), 0)
	if err != nil {
		return nil, err
	}
	public, err := set.PublicKey(id.Issuer(), 0)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	metadata, err := irma.NewMetadata(id, 0, now, now.AddDate(1, 0, 0))
	if err != nil {
		return nil, err
	}
	attributes := []*big.Int{secret, big.Convert(metadata.Int().Big())}
	texts := values(typ)
	for _, attr := range typ.Attributes {
		text := texts[attr.ID]
		attributes = append(attributes, big.Convert(irma.EncodeAttribute(&text).Big()))
	}
	signature, err := gabi.SignMessageBlock(private, public, attributes)
	if err != nil {
		return nil, err
	}
	return &gabi.Credential{Signature: signature, Pk: public, Attributes: attributes}, nil
}

// values gives each attribute 25 bytes, as an address or a name may have.
func values(typ *scheme.CredentialType) map[string]string {
	out := make(map[string]string)
	for i, attr := range typ.Attributes {
		out[attr.ID] = fmt.Sprintf("some value of attribute%2d", i+1)
	}
	return out
}
