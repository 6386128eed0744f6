package scheme_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

var now = time.Date(2026, time.August, 1, 12, 0, 0, 0, time.UTC)

const (
	card    irma.CredentialTypeID = "test.office.card"
	ballot  irma.CredentialTypeID = "test.office.ballot"
	pass    irma.CredentialTypeID = "test.office.pass"
	wide    irma.CredentialTypeID = "test.office.wide" // has more attributes than fit the key
	old     irma.CredentialTypeID = "test.old.card"    // the key is expired
	keyless irma.CredentialTypeID = "test.keyless.card"
	broken  irma.CredentialTypeID = "test.broken.card" // the public key is not sane
	locked  irma.CredentialTypeID = "test.locked.card" // the private key is of another key
)

// requestSet returns a set with the credential types above.
func requestSet(tb testing.TB) *scheme.Set {
	tb.Helper()
	tr := testScheme(tb, "test")
	tr["office/Issues/wide/description.xml"] = wideType("office", "wide", 7)
	for _, issuer := range []string{"old", "keyless", "broken", "locked"} {
		tr[issuer+"/description.xml"] = strings.ReplaceAll(fmt.Sprintf(testIssuer, "test"), "office", issuer)
		tr[issuer+"/Issues/card/description.xml"] = wideType(issuer, "card", 1)
		tr[issuer+"/PublicKeys/0.xml"] = keyFile(tb, "public0.xml")
		tr[issuer+"/PrivateKeys/0.xml"] = keyFile(tb, "private0.xml")
	}
	tr["old/PublicKeys/0.xml"] = between(tb, keyFile(tb, "public0.xml"), "ExpiryDate", fmt.Sprint(now.Unix()-1))
	delete(tr, "keyless/PrivateKeys/0.xml")
	tr["broken/PublicKeys/0.xml"] = between(tb, keyFile(tb, "public0.xml"), "S", "0")
	tr["locked/PublicKeys/0.xml"] = between(tb, keyFile(tb, "public1.xml"), "Counter", "0")
	return load(tb, tr.signed(tb, "test", "test"))
}

func wideType(issuer, name string, attributes int) string {
	var out strings.Builder
	fmt.Fprintf(&out, `<IssueSpecification version="4"><CredentialID>%s</CredentialID><IssuerID>%s</IssuerID><SchemeManager>test</SchemeManager>`+
		`<Name><en>Demo W</en><nl>Demo W</nl></Name><Attributes>`, name, issuer)
	for i := range attributes {
		fmt.Fprintf(&out, `<Attribute id="a%d"/>`, i)
	}
	return out.String() + `</Attributes></IssueSpecification>`
}

func credential(id irma.CredentialTypeID, values ...string) irma.CredentialRequest {
	attrs := map[string]string{}
	for i := 0; i < len(values); i += 2 {
		attrs[values[i]] = values[i+1]
	}
	return irma.CredentialRequest{CredentialTypeID: id, Attributes: attrs}
}

// goodCard is a credential that can be issued, changed as the case needs.
func goodCard(change func(*irma.CredentialRequest)) irma.CredentialRequest {
	cred := credential(card, "name", "secret value")
	change(&cred)
	return cred
}

func condiscon(cons ...irma.Con) *irma.SessionRequest {
	return &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: irma.ConDisCon{irma.DisCon(cons)}}
}

func with(req *irma.SessionRequest, change func(*irma.SessionRequest)) *irma.SessionRequest {
	change(req)
	return req
}

func TestCheckRequest(t *testing.T) {
	t.Parallel()
	set := requestSet(t)
	disclose := irma.NewDisclosureRequest
	issue := irma.NewIssuanceRequest
	tests := map[string]struct {
		req  *irma.SessionRequest
		want string // empty: fine
	}{
		"disclosure":          {disclose("test.office.card.name", "test.office.ballot.number", "test.office.pass"), ""},
		"signature":           {irma.NewSignatureRequest("text", "test.office.card.title"), ""},
		"issuance":            {issue(credential(card, "name", "x")), ""},
		"issuance, optional":  {issue(credential(card, "name", "x", "title", "y")), ""},
		"issuance, blind":     {issue(credential(ballot, "election", "x")), ""},
		"issuance, two kinds": {issue(credential(card, "name", "x"), credential(ballot, "election", "x"), credential(ballot, "election", "y")), ""},
		"key counter ignored": {issue(goodCard(func(c *irma.CredentialRequest) { c.KeyCounter = 77 })), ""},
		"batch size ignored":  {issue(goodCard(func(c *irma.CredentialRequest) { c.SDJWTBatchSize = 50 })), ""},
		"unknown skip expiry": {with(disclose("test.office.card"), func(r *irma.SessionRequest) { r.SkipExpiryCheck = []irma.CredentialTypeID{"a.b.c"} }), ""},
		"expires today":       {issue(goodCard(func(c *irma.CredentialRequest) { c.Validity = irma.NewTimestamp(now.Add(time.Hour)) })), ""},

		"unknown scheme":           {disclose("xx.YY.cc.aa"), "Unknown identifiers: xx, xx.YY, xx.YY.cc; this server does not have the scheme xx"},
		"unknown scheme, issuance": {issue(credential("xx.YY.cc")), "Unknown identifiers: xx, xx.YY, xx.YY.cc; this server does not have the scheme xx"},
		"unknown issuer":           {disclose("test.YY.cc.aa"), "Unknown identifiers: test.YY, test.YY.cc"},
		"unknown type":             {disclose("test.office.qwerty.aa"), "Unknown identifiers: test.office.qwerty"},
		"unknown attribute":        {disclose("test.office.card.qwerty"), "Unknown identifiers: test.office.card.qwerty"},
		"unknown twice":            {disclose("xx.YY.cc.aa", "xx.YY.cc.bb", "xx.YY.dd.aa"), "Unknown identifiers: xx, xx.YY, xx.YY.cc, xx.YY.dd; this server does not have the scheme xx"},
		"revocation attribute":     {disclose("test.office.pass."), "Unknown identifiers: test.office.pass."},
		"unknown in a disjunction": {condiscon(irma.Con{}, irma.Con{{Type: "test.office.card.name"}}, irma.Con{{Type: "test.office.qwerty"}}), "Unknown identifiers: test.office.qwerty"},
		"unknown when issuing":     {issue(credential(card, "name", "x", "qwerty", "y", "asdfgh", "z")), "Unknown identifiers: test.office.card.asdfgh, test.office.card.qwerty"},
		"unknown beside issuing":   {with(issue(credential(card, "name", "x")), func(r *irma.SessionRequest) { r.Disclose = disclose("test.office.qwerty").Disclose }), "Unknown identifiers: test.office.qwerty"},
		"empty attribute name":     {issue(credential(card, "name", "x", "", "y")), "Unknown identifiers: test.office.card."},

		"typo in type":      {disclose("test.office.crad.name"), "Unknown identifiers: test.office.crad; did you mean test.office.card.name?"},
		"typo in attribute": {disclose("test.office.card.nam"), "Unknown identifiers: test.office.card.nam; did you mean test.office.card.name?"},
		"case":              {disclose("test.office.card.Name", "Test.Office.Pass"), "Unknown identifiers: test.office.card.Name, Test, Test.Office, Test.Office.Pass; did you mean test.office.card.name, test.office.pass?"},
		"typo in both":      {disclose("test.ofice.ballott.elction"), "Unknown identifiers: test.ofice, test.ofice.ballott; did you mean test.office.ballot.election?"},
		"other issuer":      {disclose("pbdf.somewhereelse.pass.qwerty"), "Unknown identifiers: pbdf, pbdf.somewhereelse, pbdf.somewhereelse.pass; did you mean test.office.pass?"},
		"other type issued": {issue(credential("test.office.cards", "name", "x")), "Unknown identifiers: test.office.cards; did you mean test.office.card?"},

		"required attribute missing":  {issue(credential(card, "title", "x")), "Required attributes are missing: test.office.card.name"},
		"required attributes missing": {issue(credential(card), credential(ballot)), "Required attributes are missing: test.office.card.name, test.office.ballot.election"},

		"revocation of unknown type": {revoked("xx.YY.cc"), "cannot requet nonrevocation proof for xx.YY.cc: unknown credential type"},
		"revocation without support": {revoked(card), "cannot request nonrevocation proof for test.office.card: revocation not enabled in scheme"},
		"revocation":                 {revoked(pass), "cannot request nonrevocation proof for test.office.pass: this server does not verify nonrevocation proofs"},
		"augment nothing":            {with(disclose("test.office.card"), func(r *irma.SessionRequest) { r.AugmentReturnURL = true }), "cannot augment empty client return url"},

		"two non-singletons":           {condiscon(irma.Con{{Type: "test.office.ballot.election"}, {Type: "test.office.pass.level"}}), "Multiple non-singletons within one inner conjunction are not allowed"},
		"two attributes of one":        {condiscon(irma.Con{{Type: "test.office.ballot.election"}, {Type: "test.office.ballot.number"}}), ""},
		"a singleton and another":      {condiscon(irma.Con{{Type: "test.office.card.name"}, {Type: "test.office.ballot.number"}}), ""},
		"non-singletons in two":        {condiscon(irma.Con{{Type: "test.office.ballot"}}, irma.Con{{Type: "test.office.pass.level"}}), ""},
		"no private key":               {issue(credential(keyless, "a0", "x")), "missing private key of issuer test.keyless"},
		"expired key":                  {issue(credential(old, "a0", "x")), "cannot issue using expired public key test.old-0"},
		"public key not sane":          {issue(credential(broken, "a0", "x")), "public key of issuer test.broken cannot be used"},
		"private key not of the other": {issue(credential(locked, "a0", "x")), "private key of issuer test.locked cannot be used"},
		"not enough bases":             {issue(credential(wide, "a0", "", "a1", "", "a2", "", "a3", "", "a4", "", "a5", "", "a6", "")), "cannot issue test.office.wide: its 7 attributes do not fit public key test.office-1, which has room for 6"},
		"type with revocation":         {issue(credential(pass, "level", "x")), "revocation enabled for test.office.pass but no revocation server configured: this server does not support revocation"},
		"revocation key, no support":   {issue(goodCard(func(c *irma.CredentialRequest) { c.RevocationKey = "k" })), "revocationKey specified for test.office.card but revocation not enabled in scheme"},
		"revocation attribute set":     {issue(credential(pass, "level", "x", "", "5")), "Error type: revocation\nDescription: revocation attribute cannot be set in credential request\nStatus code: 0"},
		"random blind attribute set":   {issue(credential(ballot, "election", "x", "number", "5")), "Error type: randomblind\nDescription: randomblind attribute cannot be set in credential request\nStatus code: 0"},
		"expired":                      {issue(goodCard(func(c *irma.CredentialRequest) { c.Validity = irma.NewTimestamp(now) - 1 })), "cannot issue expired credentials"},
		"negative validity":            {issue(goodCard(func(c *irma.CredentialRequest) { c.Validity = -1 })), "cannot issue expired credentials"},
		"65536 weeks":                  {issue(goodCard(func(c *irma.CredentialRequest) { c.Validity = irma.NewTimestamp(now) + 65536*604800 })), "cannot issue test.office.card: validity of 65536 weeks does not fit in metadata"},
		"validity at the end of time":  {issue(goodCard(func(c *irma.CredentialRequest) { c.Validity = 1<<63 - 1 })), "cannot issue test.office.card: validity of 15250284449519 weeks does not fit in metadata"},
		"a singleton twice":            {issue(credential(card, "name", "x"), credential(card, "name", "y")), "cannot issue test.office.card twice: a wallet can hold only one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := set.CheckRequest(test.req, now)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, irma.ErrInvalidRequest) {
				t.Fatalf("error is %v", err)
			}
			if diff := cmp.Diff(test.want, irma.AsError(err).Message); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), "secret value") {
				t.Errorf("the error tells an attribute value: %v", err)
			}
		})
	}
}

func revoked(id irma.CredentialTypeID) *irma.SessionRequest {
	req := irma.NewDisclosureRequest("test.office.card")
	req.Revocation = irma.RevocationRequests{id: {}}
	return req
}

// TestManyUnknown bounds what a request full of unknown names costs and gives.
func TestManyUnknown(t *testing.T) {
	t.Parallel()
	set := requestSet(t)
	long := "a.b." + strings.Repeat("c", 1<<20)
	req := irma.NewDisclosureRequest(irma.AttributeTypeID(long))
	for i := range 10_000 {
		id := irma.AttributeTypeID(fmt.Sprintf("test.office.card.name%d", i))
		req.Disclose = append(req.Disclose, irma.DisCon{irma.Con{{Type: id}}})
	}
	err := set.CheckRequest(req, now)
	if err == nil || len(err.Error()) > 1500 || !strings.HasSuffix(err.Error(), ", ...; did you mean test.office.card.name?") {
		t.Errorf("error is %.2000v", err)
	}
}

func TestCompleteIssuance(t *testing.T) {
	t.Parallel()
	set := requestSet(t)
	req := irma.NewIssuanceRequest(credential(card, "name", "x"), credential(ballot, "election", "y"), credential(pass, "level", "z"))
	req.Credentials[0].KeyCounter = 77
	req.Credentials[0].RandomblindIDs = []string{"nonsense"}
	req.Credentials[0].RevocationSupported = true
	req.Credentials[0].RevocationKey = "k"
	req.Credentials[1].Validity = 1_800_000_000
	req.Credentials[2].RevocationKey = "k"
	if err := set.CompleteIssuance(req, time.Date(2026, time.August, 31, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	// Half a year after the last day of August is 31 February, which is 3 March.
	halfYear := irma.NewTimestamp(time.Date(2027, time.March, 3, 12, 0, 0, 0, time.UTC))
	want := irma.NewIssuanceRequest(
		irma.CredentialRequest{CredentialTypeID: card, Attributes: map[string]string{"name": "x"}, KeyCounter: 1, Validity: halfYear, RevocationKey: "k"},
		irma.CredentialRequest{CredentialTypeID: ballot, Attributes: map[string]string{"election": "y"}, KeyCounter: 1, Validity: 1_800_000_000, RandomblindIDs: []string{"election"}},
		irma.CredentialRequest{CredentialTypeID: pass, Attributes: map[string]string{"level": "z"}, KeyCounter: 1, Validity: halfYear, RevocationKey: "k", RevocationSupported: true},
	)
	if diff := cmp.Diff(want, req); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestCompleteIssuanceFails(t *testing.T) {
	t.Parallel()
	set := requestSet(t)
	for id, want := range map[irma.CredentialTypeID]string{
		"xx.YY.cc": "Unknown identifiers: xx.YY.cc",
		keyless:    "missing private key of issuer test.keyless",
	} {
		req := irma.NewIssuanceRequest(credential(card, "name", "x"), credential(id))
		err := set.CompleteIssuance(req, now)
		if !errors.Is(err, irma.ErrInvalidRequest) || irma.AsError(err).Message != want {
			t.Errorf("error is %v, want %q", err, want)
		}
		if req.Credentials[0].KeyCounter != 0 {
			t.Error("the request was changed")
		}
	}
	req := irma.NewDisclosureRequest("test.office.card")
	if err := set.CompleteIssuance(req, now); err != nil || req.Credentials != nil {
		t.Errorf("disclosure: %v", err)
	}
}
