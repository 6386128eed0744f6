package idemix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// verify judges an answer and fails the test on errors.
func verify(tb testing.TB, req *irma.SessionRequest, d *irma.Disclosure, now time.Time) *idemix.Verdict {
	tb.Helper()
	verdict, err := idemix.VerifyDisclosure(demoSet(), req, d, now)
	if err != nil {
		tb.Fatalf("VerifyDisclosure: %v", err)
	}
	return verdict
}

func wantVerdict(tb testing.TB, got, want *idemix.Verdict) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("verdict (-want +got):\n%s", diff)
	}
}

func attribute(id irma.AttributeTypeID, value string, status irma.AttributeStatus) *irma.DisclosedAttribute {
	return &irma.DisclosedAttribute{
		RawValue: &value, Value: irma.TranslatedString{"": value, "en": value, "nl": value},
		Identifier: id, Status: status, IssuanceTime: week,
	}
}

func present(id irma.AttributeTypeID, value string) *irma.DisclosedAttribute {
	return attribute(id, value, irma.AttributePresent)
}

func null(id irma.AttributeTypeID, status irma.AttributeStatus) *irma.DisclosedAttribute {
	return &irma.DisclosedAttribute{Identifier: id, Status: status, IssuanceTime: week}
}

type attributes = []*irma.DisclosedAttribute

func TestDisclosureOfOneCredential(t *testing.T) {
	t.Parallel()
	proofs := prove(show{shared().age, []int{1, 4}})
	got := verify(t, request("irmad-demo.gov.ageLimits.over18"), disclosure(proofs, at(0, 4)), now)
	wantVerdict(t, got, &idemix.Verdict{
		Status:    irma.ProofValid,
		Disclosed: []attributes{{present("irmad-demo.gov.ageLimits.over18", "no")}},
	})
}

func TestDisclosureOfSeveralCredentials(t *testing.T) {
	t.Parallel()
	req := bound(&irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: irma.ConDisCon{
		{{{Type: "irmad-demo.gov.ageLimits.over12"}, {Type: "irmad-demo.gov.ageLimits.over21"}}},
		{{}, {{Type: "irmad-demo.gov.root.bsn"}}},
		{{{Type: "irmad-demo.gov.personalData"}}},
		{{{Type: "irmad-demo.gov.personalData.prefix"}}},
		{{{Type: "irmad-demo.vote.ballot.election"}}},
	}})
	proofs := prove(show{shared().age, []int{1, 2, 5}}, show{shared().alice, []int{1, 3, 6}}, show{shared().ballot, []int{1, 2}})
	got := verify(t, req, disclosure(proofs, at(0, 2, 0, 5), at(), at(1, 1), at(1, 3), at(2, 2)), now)
	wantVerdict(t, got, &idemix.Verdict{
		Status: irma.ProofValid,
		Disclosed: []attributes{
			{present("irmad-demo.gov.ageLimits.over12", "yes"), present("irmad-demo.gov.ageLimits.over21", "no")},
			{},
			{present("irmad-demo.gov.personalData", "present")},
			{null("irmad-demo.gov.personalData.prefix", irma.AttributeNull)},
			{present("irmad-demo.vote.ballot.election", "council")},
			{attribute("irmad-demo.gov.personalData.city", "Nijmegen", irma.AttributeExtra)},
		},
	})
}

func TestDisclosureOfRandomblindAttribute(t *testing.T) {
	t.Parallel()
	credential := shared().ballot
	got := verify(t, request("irmad-demo.vote.ballot.votingNumber"),
		disclosure(prove(show{credential, []int{1, 3}}), at(0, 3)), now)
	wantVerdict(t, got, &idemix.Verdict{
		Status: irma.ProofValid,
		Disclosed: []attributes{{
			present("irmad-demo.vote.ballot.votingNumber", credential.Attributes[3].Text(62)),
		}},
	})
}

// Values that do not fit in an exponent are signed by their hash.
func TestDisclosureOfLongValue(t *testing.T) {
	t.Parallel()
	long := string(make([]byte, 0, 5000))
	for len(long) < 5000 {
		long += "abcdefghij"
	}
	credential := shared().credential(personalData, with(alice, "city", long))
	got := verify(t, request("irmad-demo.gov.personalData.city"),
		disclosure(prove(show{credential, []int{1, 6}}), at(0, 6)), now)
	wantVerdict(t, got, &idemix.Verdict{
		Status:    irma.ProofValid,
		Disclosed: []attributes{{present("irmad-demo.gov.personalData.city", long)}},
	})
}

// In credentials with metadata version 2 values have no presence bit.
func TestDisclosureOfMetadataVersion2(t *testing.T) {
	t.Parallel()
	old := metadata(root, now, expiry)
	old.Version = 2
	credential := shared().obtain(root, []*big.Int{gabiInt(old.Int()), new(big.Int).SetBytes([]byte("99"))}, nil)
	got := verify(t, request("irmad-demo.gov.root.bsn"), disclosure(prove(show{credential, []int{1, 2}}), at(0, 2)), now)
	wantVerdict(t, got, &idemix.Verdict{
		Status:    irma.ProofValid,
		Disclosed: []attributes{{present("irmad-demo.gov.root.bsn", "99")}},
	})
}

func TestNothingDisclosed(t *testing.T) {
	t.Parallel()
	optional := irma.DisCon{{}, {{Type: "irmad-demo.gov.root.bsn"}}}
	tests := map[string]struct {
		disclose irma.ConDisCon
		indices  irma.DisclosedIndices
		want     idemix.Verdict
	}{
		"nothing is asked": {nil, nil, idemix.Verdict{Status: irma.ProofValid}},
		"all is optional": {irma.ConDisCon{optional, optional}, irma.DisclosedIndices{at(), at()},
			idemix.Verdict{Status: irma.ProofValid, Disclosed: []attributes{{}, {}}}},
		"an empty list may be null": {irma.ConDisCon{optional}, irma.DisclosedIndices{nil},
			idemix.Verdict{Status: irma.ProofValid, Disclosed: []attributes{{}}}},
		"indices are absent": {irma.ConDisCon{optional}, nil, idemix.Verdict{Status: irma.ProofMissingAttributes}},
		"something is asked": {irma.ConDisCon{optional[1:]}, irma.DisclosedIndices{at()},
			idemix.Verdict{Status: irma.ProofMissingAttributes, Disclosed: []attributes{nil}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := bound(&irma.SessionRequest{Disclose: test.disclose})
			wantVerdict(t, verify(t, req, &irma.Disclosure{Indices: test.indices}, now), &test.want)
		})
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	req := request("irmad-demo.gov.ageLimits.over18")
	skipping := request("irmad-demo.gov.ageLimits.over18")
	skipping.SkipExpiryCheck = []irma.CredentialTypeID{ageLimits}
	skippingOther := request("irmad-demo.gov.ageLimits.over18")
	skippingOther.SkipExpiryCheck = []irma.CredentialTypeID{root}

	expires := metadata(ageLimits, now, expiry).Expiry().Time()
	afterKey := time.Unix(publicKey(ageLimits).ExpiryDate, 0).AddDate(0, 0, 14)
	late := shared().credentialWith(ageLimits, metadata(ageLimits, afterKey, afterKey.AddDate(1, 0, 0)).Int(), ages)

	tests := map[string]struct {
		req        *irma.SessionRequest
		credential *gabi.Credential
		now        time.Time
		want       irma.ProofStatus
	}{
		"at the last moment":              {req, shared().age, expires, irma.ProofValid},
		"after it":                        {req, shared().age, expires.Add(time.Second), irma.ProofExpired},
		"not to be checked":               {skipping, shared().age, expires.Add(time.Second), irma.ProofValid},
		"other type not to be checked":    {skippingOther, shared().age, expires.Add(time.Second), irma.ProofExpired},
		"signed after the key expired":    {req, late, afterKey, irma.ProofExpired},
		"which is checked in any request": {skipping, late, afterKey, irma.ProofExpired},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := verify(t, test.req, disclosure(prove(show{test.credential, []int{1, 4}}), at(0, 4)), test.now)
			if got.Status != test.want {
				t.Errorf("status %s (%s), want %s", got.Status, got.Reason, test.want)
			}
			if len(got.Disclosed) != 1 || *got.Disclosed[0][0].RawValue != "no" {
				t.Errorf("disclosed %v, want the attribute with every status", got.Disclosed)
			}
		})
	}
}

// An expired credential counts also when nobody asked for it.
func TestExpiryOfExtraCredential(t *testing.T) {
	t.Parallel()
	expired := shared().credentialWith(root, metadata(root, now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0)).Int(),
		map[string]string{"bsn": "1"})
	proofs := prove(show{shared().age, []int{1, 4}}, show{expired, []int{1}})
	got := verify(t, request("irmad-demo.gov.ageLimits.over18"), disclosure(proofs, at(0, 4)), now)
	if got.Status != irma.ProofExpired {
		t.Errorf("status %s, want %s", got.Status, irma.ProofExpired)
	}
}

// MISSING_ATTRIBUTES takes precedence over EXPIRED, INVALID over both.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
	req := request("irmad-demo.gov.ageLimits.over21")
	later := expiry.AddDate(1, 0, 0)
	if got := verify(t, req, d, later); got.Status != irma.ProofMissingAttributes {
		t.Errorf("status %s, want %s", got.Status, irma.ProofMissingAttributes)
	}
	req.Nonce = irma.NewInt(5)
	if got := verify(t, req, d, later); got.Status != irma.ProofInvalid || got.Disclosed != nil {
		t.Errorf("status %s with %v, want %s with nothing", got.Status, got.Disclosed, irma.ProofInvalid)
	}
}

func TestProofsAreBoundToTheSession(t *testing.T) {
	t.Parallel()
	d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
	signed := must(builders(show{shared().age, []int{1, 4}}).BuildProofList(context, nonce, true))
	tests := map[string]struct {
		change func(*irma.SessionRequest)
		d      *irma.Disclosure
	}{
		"other nonce":           {func(r *irma.SessionRequest) { r.Nonce = irma.NewInt(1) }, d},
		"absent nonce":          {func(r *irma.SessionRequest) { r.Nonce = nil }, d},
		"other context":         {func(r *irma.SessionRequest) { r.Context = irma.NewInt(2) }, d},
		"made for a signature":  {func(*irma.SessionRequest) {}, disclosure(signed, at(0, 4))},
		"proof of another list": {func(*irma.SessionRequest) {}, disclosure(prove(show{shared().age, []int{1, 4}}, show{shared().root, []int{1}})[:1], at(0, 4))},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request("irmad-demo.gov.ageLimits.over18")
			test.change(req)
			if got := verify(t, req, test.d, now); got.Status != irma.ProofInvalid {
				t.Errorf("status %s, want %s", got.Status, irma.ProofInvalid)
			}
		})
	}
}

// A request without context means context 1, and one without nonce nonce 0.
func TestDefaultsOfContextAndNonce(t *testing.T) {
	t.Parallel()
	proofs := must(builders(show{shared().age, []int{1, 4}}).BuildProofList(big.NewInt(1), big.NewInt(0), false))
	req := irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")
	if got := verify(t, req, disclosure(proofs, at(0, 4)), now); got.Status != irma.ProofValid {
		t.Errorf("status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
	}
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	otherKey, otherType := metadata(root, now, expiry), metadata(root, now, expiry)
	otherKey.KeyCounter = 4321
	otherType.TypeHash = irma.CredentialTypeID("irmad-demo.gov.unknown").Hash()
	for name, metadata := range map[string]irma.Metadata{"key": otherKey, "type": otherType} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := disclosure(prove(show{shared().root, []int{1}}))
			d.Proofs[0].D.ADisclosed[1] = metadata.Int()
			_, err := idemix.VerifyDisclosure(demoSet(), request("irmad-demo.gov.root"), d, now)
			if !errors.Is(err, irma.ErrUnknownPublicKey) {
				t.Errorf("error %v, want %v", err, irma.ErrUnknownPublicKey)
			}
		})
	}
	if _, err := idemix.VerifyDisclosure(demoSet(), request(), nil, now); !errors.Is(err, irma.ErrMalformedInput) {
		t.Errorf("error %v, want %v", err, irma.ErrMalformedInput)
	}
}

// The engine may keep and share requests and messages while they are judged.
func TestArgumentsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	proofs := prove(show{shared().age, []int{1, 4}}, show{shared().alice, []int{1, 3}})
	indices := irma.DisclosedIndices{at(0, 4), at(1, 3)}
	d := disclosure(proofs, indices...)
	req := request("irmad-demo.gov.ageLimits.over18", "irmad-demo.gov.personalData.prefix")
	verify(t, req, d, now)
	if !bytes.Equal(must(json.Marshal(d)), must(json.Marshal(disclosure(proofs, indices...)))) {
		t.Error("the disclosure was changed")
	}
}
