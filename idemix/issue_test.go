package idemix_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
)

// offer is a request to issue a credential of the type with these values.
func offer(typ irma.CredentialTypeID, values map[string]string) irma.CredentialRequest {
	return irma.CredentialRequest{
		CredentialTypeID: typ, Attributes: values, Validity: irma.NewTimestamp(expiry),
		KeyCounter: publicKey(typ).Counter,
	}
}

func issuance(credentials ...irma.CredentialRequest) *irma.SessionRequest {
	return bound(irma.NewIssuanceRequest(credentials...))
}

// commitment is a wallet's answer to an issuance request, with what the wallet
// needs afterwards.
type commitment struct {
	builders []*gabi.CredentialBuilder
	proofs   gabi.ProofList
}

// commit answers req with disclosures and a commitment to each credential.
func (w *wallet) commit(req *irma.SessionRequest, shows ...show) *commitment {
	out := &commitment{}
	all := builders(shows...)
	for _, cred := range req.Credentials {
		typ := w.set.CredentialType(cred.CredentialTypeID)
		builder := w.builder(cred.CredentialTypeID, blind(typ)...)
		out.builders = append(out.builders, builder)
		all = append(all, builder)
	}
	out.proofs = must(all.BuildProofList(context, nonce, false))
	return out
}

// builder commits to a credential with the wallet contributing to these
// attributes, counted as gabi does.
func (w *wallet) builder(typ irma.CredentialTypeID, blind ...int) *gabi.CredentialBuilder {
	_, key := keys(w.set, typ)
	return must(gabi.NewCredentialBuilder(key, context, w.secret, nonce2, nil, blind))
}

func (c *commitment) message(indices ...[]*irma.DisclosedIndex) *irma.IssueCommitment {
	return &irma.IssueCommitment{Nonce2: irmaInt(nonce2), Proofs: wireProofs(c.proofs), Indices: indices}
}

func verifyCommitments(tb testing.TB, req *irma.SessionRequest, m *irma.IssueCommitment) *idemix.Verdict {
	tb.Helper()
	verdict, err := idemix.VerifyCommitments(demoSet(), req, m, now)
	if err != nil {
		tb.Fatalf("VerifyCommitments: %v", err)
	}
	return verdict
}

// obtained has the server issue and the wallet make credentials of the answer.
// The wallet checks everything about them.
func obtained(tb testing.TB, req *irma.SessionRequest, c *commitment, m *irma.IssueCommitment) []*gabi.Credential {
	tb.Helper()
	signatures, err := idemix.Issue(demoSet(), req, m, now)
	if err != nil {
		tb.Fatalf("Issue: %v", err)
	}
	return wantConstructed(tb, req, c, signatures)
}

// wantConstructed has the wallet make credentials of what was issued.
func wantConstructed(tb testing.TB, req *irma.SessionRequest, c *commitment, signatures []irma.IssueSignature) []*gabi.Credential {
	tb.Helper()
	if len(signatures) != len(c.builders) {
		tb.Fatalf("%d signatures for %d commitments", len(signatures), len(c.builders))
	}
	var out []*gabi.Credential
	for i, signature := range signatures {
		id := req.Credentials[i].CredentialTypeID
		expected := encode(demoSet().CredentialType(id), metadata(id, now, expiry).Int(), req.Credentials[i].Attributes)
		credential, err := c.builders[i].ConstructCredential(wire[gabi.IssueSignatureMessage](signature), expected)
		if err != nil {
			tb.Fatalf("credential %d: %v", i, err)
		}
		out = append(out, credential)
	}
	return out
}

// What was proven can be issued without showing it again; nothing else can.
func TestProveIssuance(t *testing.T) {
	t.Parallel()
	engine := new(idemix.Engine)
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	c := newWallet().commit(req)
	verdict, proven, err := engine.ProveIssuance(demoSet(), req, c.message(), now)
	if err != nil {
		t.Fatal(err)
	}
	wantVerdict(t, verdict, &idemix.Verdict{Status: irma.ProofValid})
	wantConstructed(t, req, c, must(proven.Issue(now)))

	invalid, incomplete := c.message(), c.message()
	invalid.Proofs[0].U.SResponse = irma.NewInt(1)
	incomplete.Nonce2 = nil
	more := *req
	more.Disclose = irma.ConDisCon{discon("gov.ageLimits.over18")}
	for name, test := range map[string]struct {
		req  *irma.SessionRequest
		m    *irma.IssueCommitment
		want irma.ProofStatus
	}{
		"invalid":    {req, invalid, irma.ProofInvalid},
		"no nonce":   {req, incomplete, irma.ProofInvalid},
		"missing":    {&more, newWallet().commit(req).message(), irma.ProofMissingAttributes},
		"not at all": {req, nil, ""},
	} {
		verdict, proven, err = engine.ProveIssuance(demoSet(), test.req, test.m, now)
		if proven != nil || (err == nil) != (test.want != "") || verdict != nil && verdict.Status != test.want {
			t.Errorf("%s: got %+v, %v and error %v, want status %q", name, verdict, proven, err, test.want)
		}
	}
}

func TestIssue(t *testing.T) {
	t.Parallel()
	long := "a value that does not fit in an exponent, so that its hash is signed"
	req := issuance(offer(personalData, with(alice, "city", long)), offer(root, map[string]string{"bsn": ""}))
	w := newWallet()
	c := w.commit(req)
	wantVerdict(t, verifyCommitments(t, req, c.message()), &idemix.Verdict{Status: irma.ProofValid})

	credentials := obtained(t, req, c, c.message())
	list := prove(show{credentials[0], []int{1, 2, 3, 6}}, show{credentials[1], []int{1, 2}})
	got := verify(t, request("irmad-demo.gov.personalData.city", "irmad-demo.gov.personalData.prefix",
		"irmad-demo.gov.root.bsn"), disclosure(list, at(0, 6), at(0, 3), at(1, 2)), now)
	wantVerdict(t, got, &idemix.Verdict{Status: irma.ProofValid, Disclosed: []attributes{
		{present("irmad-demo.gov.personalData.city", long)},
		{null("irmad-demo.gov.personalData.prefix", irma.AttributeNull)},
		{present("irmad-demo.gov.root.bsn", "")},
		{attribute("irmad-demo.gov.personalData.firstName", "Alice", irma.AttributeExtra)},
	}})
}

// Both sides contribute to a randomblind attribute, so neither knows it
// beforehand.
func TestIssueRandomblind(t *testing.T) {
	t.Parallel()
	req := issuance(offer(ballot, map[string]string{"election": "council"}))
	c := newWallet().commit(req)
	m := c.message()
	if got := verifyCommitments(t, req, m); got.Status != irma.ProofValid {
		t.Fatalf("status %s (%s)", got.Status, got.Reason)
	}
	signature := must(idemix.Issue(demoSet(), req, m, now))[0]
	share := signature.MIssuer[3]
	if len(signature.MIssuer) != 1 || share == nil || share.Big().BitLen() > 255 {
		t.Fatalf("m_issuer is %v, want one share of 255 bits", signature.MIssuer)
	}
	again := must(idemix.Issue(demoSet(), req, m, now))[0]
	if again.MIssuer[3].Big().Cmp(share.Big()) == 0 {
		t.Error("the issuer's share is not random")
	}
	credential := obtained(t, req, c, m)[0]
	got := verify(t, request("irmad-demo.vote.ballot.votingNumber"), disclosure(prove(show{credential, []int{1, 3}}), at(0, 3)), now)
	if got.Status != irma.ProofValid || *got.Disclosed[0][0].RawValue != credential.Attributes[3].Text(62) {
		t.Errorf("verdict %+v", got)
	}
}

func TestIssueWithDisclosure(t *testing.T) {
	t.Parallel()
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	req.Disclose = irma.ConDisCon{{{{Type: "irmad-demo.gov.ageLimits.over18"}}}}
	c := shared().commit(req, show{shared().age, []int{1, 4}})
	m := c.message(at(0, 4))
	wantVerdict(t, verifyCommitments(t, req, m), &idemix.Verdict{
		Status:    irma.ProofValid,
		Disclosed: []attributes{{present("irmad-demo.gov.ageLimits.over18", "no")}},
	})
	obtained(t, req, c, m)

	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		got := must(idemix.VerifyCommitments(demoSet(), req, m, expiry.AddDate(0, 1, 0)))
		if got.Status != irma.ProofExpired {
			t.Errorf("status %s, want %s", got.Status, irma.ProofExpired)
		}
	})
	t.Run("not what was asked", func(t *testing.T) {
		t.Parallel()
		other := *req
		other.Disclose = irma.ConDisCon{{{{Type: "irmad-demo.gov.ageLimits.over21"}}}}
		if got := verifyCommitments(t, &other, m); got.Status != irma.ProofMissingAttributes {
			t.Errorf("status %s, want %s", got.Status, irma.ProofMissingAttributes)
		}
	})
	t.Run("pointing to the commitment", func(t *testing.T) {
		t.Parallel()
		wantInvalid(t, verifyCommitments(t, req, c.message(at(1, 1))), "point outside the disclosure proofs")
	})
	t.Run("other wallet", func(t *testing.T) {
		t.Parallel()
		wantInvalid(t, verifyCommitments(t, req, newWallet().commit(req, show{shared().age, []int{1, 4}}).message(at(0, 4))), "different secret keys")
	})
}

// The metadata tells when the server signed, not when the session began.
func TestSigningDateIsThatOfTheCall(t *testing.T) {
	t.Parallel()
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	c := newWallet().commit(req)
	later := now.AddDate(0, 0, 21)
	signature := must(idemix.Issue(demoSet(), req, c.message(), later))[0]
	expected := encode(demoSet().CredentialType(root), metadata(root, later, expiry).Int(), req.Credentials[0].Attributes)
	if _, err := c.builders[0].ConstructCredential(wire[gabi.IssueSignatureMessage](signature), expected); err != nil {
		t.Errorf("credential with the later signing date: %v", err)
	}
}

func TestIssueLeavesTheMessageAsItIs(t *testing.T) {
	t.Parallel()
	req := issuance(offer(ballot, map[string]string{"election": "council"}))
	m := newWallet().commit(req).message()
	before := string(must(json.Marshal(m)))
	verifyCommitments(t, req, m)
	must(idemix.Issue(demoSet(), req, m, now))
	if diff := cmp.Diff(before, string(must(json.Marshal(m)))); diff != "" {
		t.Errorf("message (-before +after):\n%s", diff)
	}
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	bsn := map[string]string{"bsn": "1"}
	change := func(f func(*irma.CredentialRequest)) irma.CredentialRequest {
		cred := offer(root, bsn)
		f(&cred)
		return cred
	}
	tests := map[string]struct {
		offer irma.CredentialRequest
		want  *irma.Error
	}{
		"expiry in the past":        {change(func(c *irma.CredentialRequest) { c.Validity = 1 }), irma.ErrIssuanceFailed},
		"expiry absent":             {change(func(c *irma.CredentialRequest) { c.Validity = 0 }), irma.ErrIssuanceFailed},
		"expiry too far":            {change(func(c *irma.CredentialRequest) { c.Validity = 1 << 40 }), irma.ErrIssuanceFailed},
		"value missing":             {offer(root, nil), irma.ErrIssuanceFailed},
		"value unknown":             {offer(root, with(bsn, "other", "x")), irma.ErrIssuanceFailed},
		"revocation key":            {change(func(c *irma.CredentialRequest) { c.RevocationKey = "x" }), irma.ErrIssuanceFailed},
		"witness promised":          {change(func(c *irma.CredentialRequest) { c.RevocationSupported = true }), irma.ErrIssuanceFailed},
		"key unknown":               {change(func(c *irma.CredentialRequest) { c.KeyCounter = 77 }), irma.ErrMalformedInput},
		"type unknown":              {change(func(c *irma.CredentialRequest) { c.CredentialTypeID = "irmad-demo.gov.x" }), irma.ErrMalformedInput},
		"randomblind given a value": {offer(ballot, map[string]string{"election": "x", "votingNumber": "1"}), irma.ErrIssuanceFailed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			honest := offer(root, bsn)
			if test.offer.CredentialTypeID == ballot {
				honest = offer(ballot, nil)
			}
			m := newWallet().commit(issuance(honest)).message()
			got, err := idemix.Issue(demoSet(), issuance(test.offer), m, now)
			if !errors.Is(err, test.want) || got != nil {
				t.Errorf("signatures %v, error %v; want %v", got, err, test.want)
			}
		})
	}
}

// A scheme set without the private key, as verifiers have, does not issue.
func TestIssueWithoutPrivateKey(t *testing.T) {
	t.Parallel()
	set := publicSet(t)
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	m := newWallet().commit(req).message()
	if _, err := idemix.Issue(set, req, m, now); !errors.Is(err, irma.ErrIssuanceFailed) {
		t.Errorf("error %v, want %v", err, irma.ErrIssuanceFailed)
	}
}

// Nothing is signed for a commitment that breaks a rule, also if the caller did
// not look at the verdict.
func TestIssueHoldsCommitmentsToTheRules(t *testing.T) {
	t.Parallel()
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	honest := newWallet().commit(req)
	tests := map[string]func(*irma.IssueCommitment){
		"U absent":        func(m *irma.IssueCommitment) { m.Proofs[0].U.U = nil },
		"U zero":          func(m *irma.IssueCommitment) { m.Proofs[0].U.U = irma.NewInt(0) },
		"extra share":     func(m *irma.IssueCommitment) { m.Proofs[0].U.MUserResponses = map[int]*irma.Int{2: irma.NewInt(1)} },
		"nonce absent":    func(m *irma.IssueCommitment) { m.Nonce2 = nil },
		"nonce very long": func(m *irma.IssueCommitment) { m.Nonce2 = irmaInt(pow2(256)) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := honest.message()
			change(m)
			if _, err := idemix.Issue(demoSet(), req, m, now); !errors.Is(err, irma.ErrInvalidProofs) {
				t.Errorf("error %v, want %v", err, irma.ErrInvalidProofs)
			}
		})
	}
}

func TestKindsOfProofsInIssuance(t *testing.T) {
	t.Parallel()
	req := issuance(offer(root, map[string]string{"bsn": "1"}), offer(ageLimits, ages))
	honest := shared().commit(req, show{shared().alice, []int{1}}).message()
	d, u1, u2 := honest.Proofs[0], honest.Proofs[1], honest.Proofs[2]
	tests := map[string]struct {
		proofs irma.ProofList
		want   *irma.Error
	}{
		"none":                         {nil, irma.ErrMalformedInput},
		"fewer than credentials":       {irma.ProofList{u1}, irma.ErrMalformedInput},
		"last one is a disclosure":     {irma.ProofList{u1, u2, d}, irma.ErrMalformedInput},
		"last but one is a disclosure": {irma.ProofList{u1, d, u2}, irma.ErrMalformedInput},
		"last one is nothing":          {irma.ProofList{u1, {}}, irma.ErrMalformedInput},
		"last one is both":             {irma.ProofList{u1, {D: d.D, U: u2.U}}, irma.ErrMalformedInput},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &irma.IssueCommitment{Nonce2: irmaInt(nonce2), Proofs: test.proofs}
			if _, err := idemix.VerifyCommitments(demoSet(), req, m, now); !errors.Is(err, test.want) {
				t.Errorf("VerifyCommitments: error %v, want %v", err, test.want)
			}
			if _, err := idemix.Issue(demoSet(), req, m, now); !errors.Is(err, test.want) {
				t.Errorf("Issue: error %v, want %v", err, test.want)
			}
		})
	}
	for name, f := range map[string]func() error{
		"verify nothing": func() error { _, err := idemix.VerifyCommitments(demoSet(), req, nil, now); return err },
		"issue nothing":  func() error { _, err := idemix.Issue(demoSet(), req, nil, now); return err },
	} {
		if err := f(); !errors.Is(err, irma.ErrMalformedInput) {
			t.Errorf("%s: error %v, want %v", name, err, irma.ErrMalformedInput)
		}
	}
}

func TestUnknownKeysInIssuance(t *testing.T) {
	t.Parallel()
	req := issuance(offer(root, map[string]string{"bsn": "1"}))
	unknown := metadata(personalData, now, expiry)
	unknown.KeyCounter = 99
	m := shared().commit(req, show{shared().alice, []int{1}}).message()
	m.Proofs[0].D.ADisclosed[1] = unknown.Int()
	if _, err := idemix.VerifyCommitments(demoSet(), req, m, now); !errors.Is(err, irma.ErrMalformedInput) {
		t.Errorf("error %v, want %v", err, irma.ErrMalformedInput)
	}
}
