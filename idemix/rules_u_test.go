package idemix_test

import (
	stdbig "math/big"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// proofU returns an element of a list as the commitment that it is.
func proofU(list gabi.ProofList, i int) *gabi.ProofU { return list[i].(*gabi.ProofU) }

// commitWith answers an issuance request for one credential with the wallet
// contributing to these attributes, counted as gabi does.
func commitWith(typ irma.CredentialTypeID, blind ...int) *commitment {
	builder := newWallet().builder(typ, blind...)
	return &commitment{
		builders: []*gabi.CredentialBuilder{builder},
		proofs:   must(gabi.ProofBuilderList{builder}.BuildProofList(context, nonce, false)),
	}
}

// Rule 4: wallets contribute to the randomblind attributes and to no others,
// because all others are the issuer's to decide.
func TestWalletContributesToRandomblindAttributesOnly(t *testing.T) {
	t.Parallel()
	election := map[string]string{"election": "council"}
	tests := map[string]struct {
		offer  irma.CredentialRequest
		blind  []int
		reason string
	}{
		"metadata":                   {offer(personalData, alice), []int{0}, "that are not randomblind"},
		"first attribute":            {offer(personalData, alice), []int{1}, "that are not randomblind"},
		"last attribute":             {offer(personalData, alice), []int{5}, "that are not randomblind"},
		"several":                    {offer(personalData, alice), []int{2, 3}, "that are not randomblind"},
		"beyond the type":            {offer(personalData, alice), []int{7}, "that are not randomblind"},
		"besides the randomblind":    {offer(ballot, election), []int{1, 2}, "that are not randomblind"},
		"instead of the randomblind": {offer(ballot, election), []int{1}, "lacks the randomblind attribute 3"},
		"none":                       {offer(ballot, election), nil, "lacks the randomblind attribute 3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := commitWith(test.offer.CredentialTypeID, test.blind...)
			if !equationsHold(t, c.proofs, test.offer.CredentialTypeID) {
				t.Fatal("the equations should hold, so that only the rule refuses the commitment")
			}
			wantInvalid(t, verifyCommitments(t, issuance(test.offer), c.message()), test.reason)
		})
	}
}

// What the rule is for: a contribution would become part of what is signed.
func TestContributionWouldBeSigned(t *testing.T) {
	t.Parallel()
	c := commitWith(personalData, 5) // the city
	private, public := keys(demoSet(), personalData)
	values := encode(demoSet().CredentialType(personalData), metadata(personalData, now, expiry).Int(), alice)
	signed := must(gabi.NewIssuer(private, public, context).IssueSignature(proofU(c.proofs, 0).U, values, nil, nonce2, nil))
	signed.MIssuer = map[int]*big.Int{6: values[5]}
	values[5] = nil
	credential := must(c.builders[0].ConstructCredential(signed, values))
	city := "Nijmegen"
	if credential.Attributes[6].Cmp(gabiInt(irma.EncodeAttribute(&city))) == 0 {
		t.Fatal("the contribution should have changed the attribute")
	}
	wantInvalid(t, verifyCommitments(t, issuance(offer(personalData, alice)), c.message()), "that are not randomblind")
}

// Rule 5: only the last proofs are commitments, one per credential; another one
// would be about a credential that nobody asked for.
func TestOneCommitmentPerCredential(t *testing.T) {
	t.Parallel()
	one, two := issuance(offer(root, map[string]string{"bsn": "1"})), issuance(
		offer(root, map[string]string{"bsn": "1"}), offer(root, map[string]string{"bsn": "1"}))
	c := newWallet().commit(two)
	if !equationsHold(t, c.proofs, root, root) {
		t.Fatal("the equations should hold, so that only the rule refuses the proofs")
	}
	wantInvalid(t, verifyCommitments(t, one, c.message()), "proof 0: not a disclosure proof")
}

// Rule 6: responses are no longer than an honest wallet's. Adding a multiple of
// the group's order keeps the equations.
func TestResponsesOfCommitmentsAreShort(t *testing.T) {
	t.Parallel()
	req := issuance(offer(ballot, map[string]string{"election": "council"}))
	for name, test := range map[string]struct {
		response func(*gabi.ProofU) *big.Int
		reason   string
	}{
		"s_response":       {func(p *gabi.ProofU) *big.Int { return p.SResponse }, "s_response has"},
		"m_user_responses": {func(p *gabi.ProofU) *big.Int { return p.MUserResponses[3] }, "m_user_responses has"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newWallet().commit(req)
			response := test.response(proofU(c.proofs, 0))
			response.Add(response, order(ballot))
			if !equationsHold(t, c.proofs, ballot) {
				t.Fatal("the equations should hold, so that only the rule refuses the commitment")
			}
			wantInvalid(t, verifyCommitments(t, req, c.message()), test.reason)
		})
	}
}

// Rule 6: every integer is there and has a proper size.
func TestShapeOfCommitment(t *testing.T) {
	t.Parallel()
	key := publicKey(ballot)
	private, _ := keys(demoSet(), ballot)
	negative := (*irma.Int)(stdbig.NewInt(-1))
	bits := func(n uint) *irma.Int { return irmaInt(pow2(n - 1)) } // the least of n bits
	tests := map[string]struct {
		change func(*irma.ProofU)
		reason string
	}{
		"U absent":                 {func(p *irma.ProofU) { p.U = nil }, "U is absent"},
		"U zero":                   {func(p *irma.ProofU) { p.U = irma.NewInt(0) }, "U is not between"},
		"U negative":               {func(p *irma.ProofU) { p.U = negative }, "U is not between"},
		"U is n":                   {func(p *irma.ProofU) { p.U = irmaInt(key.N) }, "U is not between"},
		"U is a factor":            {func(p *irma.ProofU) { p.U = irmaInt(private.P) }, "U has a factor in common"},
		"another U":                {func(p *irma.ProofU) { p.U = irma.NewInt(4) }, "do not match"},
		"c absent":                 {func(p *irma.ProofU) { p.C = nil }, "c is absent"},
		"c long":                   {func(p *irma.ProofU) { p.C = bits(257) }, "c has 257 bits"},
		"c negative":               {func(p *irma.ProofU) { p.C = negative }, "c is negative"},
		"v_prime_response absent":  {func(p *irma.ProofU) { p.VPrimeResponse = nil }, "v_prime_response is absent"},
		"v_prime_response long":    {func(p *irma.ProofU) { p.VPrimeResponse = bits(key.Params.LvPrimeCommit + 2) }, "v_prime_response has"},
		"v_prime_response longest": {func(p *irma.ProofU) { p.VPrimeResponse = bits(key.Params.LvPrimeCommit + 1) }, "do not match"},
		"s_response absent":        {func(p *irma.ProofU) { p.SResponse = nil }, "s_response is absent"},
		"s_response long":          {func(p *irma.ProofU) { p.SResponse = bits(key.Params.LmCommit + 3) }, "s_response has"},
		"s_response negative":      {func(p *irma.ProofU) { p.SResponse = negative }, "s_response is negative"},
		"share absent":             {func(p *irma.ProofU) { p.MUserResponses[3] = nil }, "m_user_responses is absent"},
		"share long":               {func(p *irma.ProofU) { p.MUserResponses[3] = bits(key.Params.LmCommit + 3) }, "m_user_responses has"},
		"share negative":           {func(p *irma.ProofU) { p.MUserResponses[3] = negative }, "m_user_responses is negative"},
		"share of nothing":         {func(p *irma.ProofU) { p.MUserResponses[-1] = irma.NewInt(0) }, "that are not randomblind"},
		"share of no base":         {func(p *irma.ProofU) { p.MUserResponses[len(key.R)] = irma.NewInt(0) }, "that are not randomblind"},
		"share of the secret key":  {func(p *irma.ProofU) { p.MUserResponses[0] = irma.NewInt(0) }, "that are not randomblind"},
	}
	req := issuance(offer(ballot, map[string]string{"election": "council"}))
	c := newWallet().commit(req)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := c.message()
			test.change(m.Proofs[0].U)
			wantInvalid(t, verifyCommitments(t, req, m), test.reason)
		})
	}
}

func TestCommitmentsAreBoundToTheSession(t *testing.T) {
	t.Parallel()
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	m := newWallet().commit(req).message()
	other := *req
	other.Nonce = irma.NewInt(1)
	wantInvalid(t, verifyCommitments(t, &other, m), "do not match")
	m.Nonce2 = nil
	wantInvalid(t, verifyCommitments(t, req, m), "n_2 is absent")
	m.Nonce2 = irmaInt(pow2(256))
	wantInvalid(t, verifyCommitments(t, req, m), "n_2 has 257 bits")
}
