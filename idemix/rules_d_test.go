package idemix_test

import (
	stdbig "math/big"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// wantInvalid checks that the verdict is INVALID and that the rule that says so
// is the one the test is about.
func wantInvalid(tb testing.TB, got *idemix.Verdict, reason string) {
	tb.Helper()
	if got.Status != irma.ProofInvalid || !strings.Contains(got.Reason, reason) || got.Disclosed != nil {
		tb.Errorf("status %s, reason %q, disclosed %v; want INVALID because of %q", got.Status, got.Reason, got.Disclosed, reason)
	}
}

// proofD returns an element of a list as the disclosure proof that it is.
func proofD(list gabi.ProofList, i int) *gabi.ProofD { return list[i].(*gabi.ProofD) }

// claim makes a proof in which attribute i is hidden also disclose it, as
// another value than was signed. The equations still hold, since the response is
// lowered by what the claim adds.
func claim(proof *gabi.ProofD, i int, value *big.Int) {
	proof.ADisclosed[i] = value
	proof.AResponses[i].Sub(proof.AResponses[i], new(big.Int).Mul(proof.C, value))
}

// Rule 1: no attribute is both disclosed and hidden, because the equations would
// then not tie the disclosed value to the signed one.
func TestDisclosedAndHiddenAttributesAreDisjoint(t *testing.T) {
	t.Parallel()
	yes := "yes"
	list := prove(show{shared().age, []int{1}}) // over18 is "no"
	claim(proofD(list, 0), 4, gabiInt(irma.EncodeAttribute(&yes)))
	if !equationsHold(t, list, ageLimits) {
		t.Fatal("the equations should hold, so that only the rule refuses the proof")
	}
	got := verify(t, request("irmad-demo.gov.ageLimits.over18"), disclosure(list, at(0, 4)), now)
	wantInvalid(t, got, "attribute 4 is both disclosed and hidden")
}

// Rule 2: the metadata is not hidden as well, because it says what the rest of
// the proof is about.
func TestMetadataIsNotHidden(t *testing.T) {
	t.Parallel()
	builder := must(shared().age.CreateDisclosureProofBuilder(nil, nil, false))
	list := must(gabi.ProofBuilderList{builder}.BuildProofList(context, nonce, false))
	t.Run("disclosed as that of another type too", func(t *testing.T) {
		t.Parallel()
		list := must(gabi.ProofBuilderList{must(shared().age.CreateDisclosureProofBuilder(nil, nil, false))}.
			BuildProofList(context, nonce, false))
		claim(proofD(list, 0), 1, gabiInt(metadata(root, now, expiry).Int()))
		if !equationsHold(t, list, ageLimits) {
			t.Fatal("the equations should hold, so that only the rule refuses the proof")
		}
		wantInvalid(t, verify(t, request("irmad-demo.gov.root"), disclosure(list, at(0, 1)), now), "the metadata must be disclosed")
	})
	t.Run("hidden only", func(t *testing.T) {
		t.Parallel()
		if !equationsHold(t, list, ageLimits) {
			t.Fatal("the equations should hold, so that only the rule refuses the proof")
		}
		wantInvalid(t, verify(t, request("irmad-demo.gov.root"), disclosure(list, at(0, 1)), now), "metadata is absent")
	})
}

// Rule 2: no part of the secret key is disclosed, because equal responses prove
// equal keys only if there is nothing besides them.
func TestSecretKeyIsHidden(t *testing.T) {
	t.Parallel()
	t.Run("difference of two wallets' keys disclosed", func(t *testing.T) {
		t.Parallel()
		low, high := newWallet(), newWallet()
		if low.secret.Cmp(high.secret) > 0 {
			low, high = high, low
		}
		list := prove(
			show{low.credential(ageLimits, ages), []int{1, 4}},
			show{high.credential(root, map[string]string{"bsn": "1"}), []int{1, 2}})
		claim(proofD(list, 1), 0, new(big.Int).Sub(high.secret, low.secret))
		if !equationsHold(t, list, ageLimits, root) {
			t.Fatal("the equations should hold, so that only the rule refuses the proofs")
		}
		req := request("irmad-demo.gov.ageLimits.over18", "irmad-demo.gov.root.bsn")
		wantInvalid(t, verify(t, req, disclosure(list, at(0, 4), at(1, 2)), now), "the secret key must be hidden")
	})
	t.Run("absent", func(t *testing.T) {
		t.Parallel()
		d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
		delete(d.Proofs[0].D.AResponses, 0)
		wantInvalid(t, verify(t, request("irmad-demo.gov.ageLimits.over18"), d, now), "the secret key must be hidden")
	})
}

// Rule 3: all attributes belong to the credential type and have a base in the
// key; others would be claims about nothing.
func TestAttributesExist(t *testing.T) {
	t.Parallel()
	req := request("irmad-demo.gov.root.bsn")
	t.Run("beyond the type", func(t *testing.T) {
		t.Parallel()
		list := prove(show{shared().root, []int{1, 2}})
		proofD(list, 0).ADisclosed[3] = big.NewInt(0)
		if !equationsHold(t, list, root) {
			t.Fatal("the equations should hold, so that only the rule refuses the proof")
		}
		wantInvalid(t, verify(t, req, disclosure(list, at(0, 2)), now), "attribute 3 does not exist")
	})
	bases := len(publicKey(root).R)
	for name, index := range map[string]int{"beyond the key": bases, "far beyond it": 1 << 40, "negative": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown := disclosure(prove(show{shared().root, []int{1, 2}}), at(0, 2))
			shown.Proofs[0].D.ADisclosed[index] = irma.NewInt(0)
			wantInvalid(t, verify(t, req, shown, now), "does not exist")
			hidden := disclosure(prove(show{shared().root, []int{1, 2}}), at(0, 2))
			hidden.Proofs[0].D.AResponses[index] = irma.NewInt(0)
			wantInvalid(t, verify(t, req, hidden, now), "does not exist")
		})
	}
}

// Rule 5: a disclosure consists of disclosure proofs only.
func TestOnlyDisclosureProofsInDisclosure(t *testing.T) {
	t.Parallel()
	req := request("irmad-demo.gov.ageLimits.over18")
	t.Run("commitment", func(t *testing.T) {
		t.Parallel()
		list := must(append(builders(show{shared().age, []int{1, 4}}),
			must(gabi.NewCredentialBuilder(publicKey(root), context, shared().secret, nonce2, nil, nil))).
			BuildProofList(context, nonce, false))
		if !equationsHold(t, list, ageLimits, root) {
			t.Fatal("the equations should hold, so that only the rule refuses the proofs")
		}
		wantInvalid(t, verify(t, req, disclosure(list, at(0, 4)), now), "proof 1: not a disclosure proof")
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		d := &irma.Disclosure{Proofs: irma.ProofList{{}}, Indices: irma.DisclosedIndices{at(0, 4)}}
		wantInvalid(t, verify(t, req, d, now), "proof 0: not a disclosure proof")
	})
	t.Run("both", func(t *testing.T) {
		t.Parallel()
		d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
		d.Proofs[0].U = &irma.ProofU{}
		wantInvalid(t, verify(t, req, d, now), "proof 0: not a disclosure proof")
	})
}

// Rule 6: responses are no longer than an honest wallet's, so that their length
// cannot be used to make the server work.
func TestResponsesAreShort(t *testing.T) {
	t.Parallel()
	key := publicKey(ageLimits)
	params := key.Params
	list := prove(show{shared().age, []int{1, 4}})
	proof := proofD(list, 0)
	// Adding a multiple of the group's order keeps the equations.
	proof.VResponse.Add(proof.VResponse, new(big.Int).Mul(order(ageLimits), pow2(params.LvCommit+3-params.Ln+3)))
	if !equationsHold(t, list, ageLimits) {
		t.Fatal("the equations should hold, so that only the rule refuses the proof")
	}
	got := verify(t, request("irmad-demo.gov.ageLimits.over18"), disclosure(list, at(0, 4)), now)
	wantInvalid(t, got, "v_response has")
}

// withA proves a credential with something added to A before the challenge is
// computed.
func withA(addend *big.Int) gabi.ProofList {
	builder := must(shared().age.CreateDisclosureProofBuilder([]int{1, 4}, nil, false))
	commitments := must(builder.Commit(must(gabi.NewProofRandomizers())))
	commitments[0] = new(big.Int).Add(commitments[0], addend)
	values := []*stdbig.Int{context.Go(), commitments[0].Go(), commitments[1].Go(), nonce.Go()}
	proof := builder.CreateProof(big.Convert(must(idemix.HashCommit(values, false)))).(*gabi.ProofD)
	proof.A = commitments[0]
	return gabi.ProofList{proof}
}

// Rule 6: A is between 0 and n and invertible: a member of the group, in its
// only spelling.
func TestAIsInTheGroup(t *testing.T) {
	t.Parallel()
	req := request("irmad-demo.gov.ageLimits.over18")
	n := publicKey(ageLimits).N
	if got := verify(t, req, disclosure(withA(big.NewInt(0)), at(0, 4)), now); got.Status != irma.ProofValid {
		t.Fatalf("status %s (%s) of the unchanged A", got.Status, got.Reason)
	}
	beyond := withA(n)
	if !equationsHold(t, beyond, ageLimits) {
		t.Fatal("the equations should hold, so that only the rule refuses the proof")
	}
	wantInvalid(t, verify(t, req, disclosure(beyond, at(0, 4)), now), "A is not between 0 and the modulus")

	private, _ := keys(demoSet(), ageLimits)
	for name, test := range map[string]struct {
		a      *irma.Int
		reason string
	}{
		"absent":     {nil, "A is absent"},
		"negative":   {(*irma.Int)(stdbig.NewInt(-5)), "A is not between"},
		"zero":       {irma.NewInt(0), "A is not between"},
		"n":          {irmaInt(n), "A is not between"},
		"factor":     {irmaInt(private.P), "A has a factor in common"},
		"two of it":  {irmaInt(new(big.Int).Mul(private.Q, big.NewInt(2))), "A has a factor in common"},
		"other unit": {irma.NewInt(2), "do not match"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
			d.Proofs[0].D.A = test.a
			wantInvalid(t, verify(t, req, d, now), test.reason)
		})
	}
}

// Rules 6 to 8 and the ranges: every integer is there and has a proper size,
// and there is nothing else.
func TestShapeOfDisclosureProof(t *testing.T) {
	t.Parallel()
	params := publicKey(ageLimits).Params
	negative := (*irma.Int)(stdbig.NewInt(-1))
	bits := func(n uint) *irma.Int { return irmaInt(pow2(n - 1)) } // the least of n bits
	tests := map[string]struct {
		change func(*irma.ProofD)
		reason string
	}{
		"c absent":                 {func(p *irma.ProofD) { p.C = nil }, "c is absent"},
		"c long":                   {func(p *irma.ProofD) { p.C = bits(257) }, "c has 257 bits"},
		"c negative":               {func(p *irma.ProofD) { p.C = negative }, "c is negative"},
		"e_response absent":        {func(p *irma.ProofD) { p.EResponse = nil }, "e_response is absent"},
		"e_response long":          {func(p *irma.ProofD) { p.EResponse = bits(params.LeCommit + 2) }, "e_response has"},
		"e_response longest":       {func(p *irma.ProofD) { p.EResponse = bits(params.LeCommit + 1) }, "do not match"},
		"v_response absent":        {func(p *irma.ProofD) { p.VResponse = nil }, "v_response is absent"},
		"v_response long":          {func(p *irma.ProofD) { p.VResponse = bits(params.LvCommit + 3) }, "v_response has"},
		"v_response longest":       {func(p *irma.ProofD) { p.VResponse = bits(params.LvCommit + 2) }, "do not match"},
		"response absent":          {func(p *irma.ProofD) { p.AResponses[2] = nil }, "attribute 2: a_responses is absent"},
		"response long":            {func(p *irma.ProofD) { p.AResponses[2] = bits(params.LmCommit + 2) }, "attribute 2: a_responses has"},
		"response longest":         {func(p *irma.ProofD) { p.AResponses[2] = bits(params.LmCommit + 1) }, "do not match"},
		"response negative":        {func(p *irma.ProofD) { p.AResponses[2] = negative }, "attribute 2: a_responses is negative"},
		"responses absent":         {func(p *irma.ProofD) { p.AResponses = nil }, "the secret key must be hidden"},
		"secret key absent":        {func(p *irma.ProofD) { p.AResponses[0] = nil }, "attribute 0: a_responses is absent"},
		"disclosed absent":         {func(p *irma.ProofD) { p.ADisclosed[4] = nil }, "attribute 4: a_disclosed is absent"},
		"disclosed negative":       {func(p *irma.ProofD) { p.ADisclosed[4] = negative }, "attribute 4: a_disclosed is negative"},
		"disclosed long":           {func(p *irma.ProofD) { p.ADisclosed[4] = bits(8<<18 + 1) }, "attribute 4: a_disclosed has"},
		"all disclosed absent":     {func(p *irma.ProofD) { p.ADisclosed = nil }, "metadata is absent"},
		"metadata null":            {func(p *irma.ProofD) { p.ADisclosed[1] = nil }, "metadata is absent"},
		"metadata long":            {func(p *irma.ProofD) { p.ADisclosed[1] = bits(193) }, "metadata has 193 bits"},
		"metadata zero":            {func(p *irma.ProofD) { p.ADisclosed[1] = irma.NewInt(0) }, "malformed metadata"},
		"range proofs":             {func(p *irma.ProofD) { p.RangeProofs = []byte(`{"2":[]}`) }, "rangeproofs are not allowed"},
		"range proofs, none":       {func(p *irma.ProofD) { p.RangeProofs = []byte(`{}`) }, "rangeproofs are not allowed"},
		"non-revocation, empty":    {func(p *irma.ProofD) { p.NonRev = &irma.NonRevProof{} }, "nonrev_proof cannot be checked"},
		"another disclosed value":  {func(p *irma.ProofD) { p.ADisclosed[4] = irma.NewInt(1) }, "do not match"},
		"hidden attribute omitted": {func(p *irma.ProofD) { delete(p.AResponses, 3) }, "do not match"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
			test.change(d.Proofs[0].D)
			wantInvalid(t, verify(t, request("irmad-demo.gov.ageLimits.over18"), d, now), test.reason)
		})
	}
}

// A null member is an absent one.
func TestRangeProofsMayBeNull(t *testing.T) {
	t.Parallel()
	d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
	d.Proofs[0].D.RangeProofs = []byte("null")
	if got := verify(t, request("irmad-demo.gov.ageLimits.over18"), d, now); got.Status != irma.ProofValid {
		t.Errorf("status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
	}
}

// Rule 8: metadata has at most 24 bytes and version 2 or 3, whoever signed it.
func TestMetadataIsWellFormed(t *testing.T) {
	t.Parallel()
	honest := gabiInt(metadata(root, now, expiry).Int())
	version := func(v uint) *big.Int { // the honest one has version 3
		out := new(big.Int).Sub(honest, new(big.Int).Lsh(big.NewInt(3), 23*8))
		return out.Add(out, new(big.Int).Lsh(big.NewInt(int64(v)), 23*8))
	}
	for name, test := range map[string]struct {
		metadata *big.Int
		reason   string
	}{
		"25 bytes":  {new(big.Int).Add(honest, pow2(24*8)), "metadata has 193 bits"},
		"version 1": {version(1), "malformed metadata"},
		"version 4": {version(4), "malformed metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := prove(show{shared().obtain(root, []*big.Int{test.metadata, big.NewInt(3)}, nil), []int{1, 2}})
			if !equationsHold(t, list, root) {
				t.Fatal("the equations should hold, so that only the rule refuses the proof")
			}
			wantInvalid(t, verify(t, request("irmad-demo.gov.root.bsn"), disclosure(list, at(0, 2)), now), test.reason)
		})
	}
}

// Rules 9 and 10: a non-revocation proof is refused as long as it is not
// checked, whatever it consists of; and a request that demands one is not
// satisfied without.
func TestNonRevocation(t *testing.T) {
	t.Parallel()
	t.Run("proof included", func(t *testing.T) {
		t.Parallel()
		d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
		responses := map[string]*irma.Int{}
		for _, name := range []string{"beta", "delta", "epsilon", "zeta"} {
			responses[name] = irma.NewInt(12345)
		}
		d.Proofs[0].D.NonRev = &irma.NonRevProof{
			Cr: irma.NewInt(4), Cu: irma.NewInt(9), Responses: responses,
			Accumulator: &irma.SignedAccumulator{Data: []byte{0xa0}},
		}
		wantInvalid(t, verify(t, request("irmad-demo.gov.ageLimits.over18"), d, now), "nonrev_proof cannot be checked")
	})
	t.Run("proof demanded", func(t *testing.T) {
		t.Parallel()
		req := request("irmad-demo.gov.ageLimits.over18")
		req.Revocation = irma.RevocationRequests{ageLimits: {}}
		d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
		wantInvalid(t, verify(t, req, d, now), "no non-revocation proof")
	})
	t.Run("proof of another type demanded", func(t *testing.T) {
		t.Parallel()
		req := request("irmad-demo.gov.ageLimits.over18")
		req.Revocation = irma.RevocationRequests{root: {}}
		d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
		if got := verify(t, req, d, now); got.Status != irma.ProofValid {
			t.Errorf("status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
		}
	})
}
