package idemix_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	stdbig "math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/keyshare"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

var bsn = map[string]string{"bsn": "123456782"}

// fewEngines are one without tables and the fastest one with.
var fewEngines = []string{"zero", idemix.Arithmetics()[len(idemix.Arithmetics())-1]}

// Credentials are issued on both parts of the secret key, and shown and signed
// with both.
func TestKeyshareIssueThenDiscloseThenSign(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	held := w.receive(t, w.offer(in(oneScheme, personalData), alice), w.offer(in(oneScheme, root), bsn))
	shown := []typedShow{
		{in(oneScheme, personalData), held[0], []int{1, 2}},
		{in(oneScheme, root), held[1], []int{1, 2}},
		{root, w.credential(root, bsn), []int{1, 2}},
	}
	first, number := irma.AttributeTypeID("keyshare-demo.gov.personalData.firstName"), irma.AttributeTypeID("keyshare-demo.gov.root.bsn")
	req := request(first, number, "irmad-demo.gov.root.bsn")
	want := []attributes{{present(first, "Alice")}, {present(number, "123456782")}, {present("irmad-demo.gov.root.bsn", "123456782")}}
	indices := irma.DisclosedIndices{at(0, 2), at(1, 2), at(2, 2)}

	d := disclosure(w.begin(req, shown...).merged(), indices...)
	for _, name := range fewEngines {
		got := must(engines()[name].VerifyDisclosure(w.set, req, d, now))
		wantVerdict(t, got, &idemix.Verdict{Status: irma.ProofValid, Disclosed: want})
		if t.Failed() {
			t.Fatalf("engine %s", name)
		}
	}
	alone := disclosure(w.begin(req, shown...).separate(), indices...)
	wantInvalid(t, must(idemix.VerifyDisclosure(w.set, req, alone, now)), "do not match")

	signing := signatureRequest(first, number, "irmad-demo.gov.root.bsn")
	signature := &irma.SignedMessage{
		LDContext: irma.ContextSignature, Indices: indices, Nonce: irmaInt(nonce), Context: irmaInt(context), Message: text,
	}
	signer := w.prepare(signing, shown...)
	signer.respond(boundNonce(signature), true)
	signature.Signature = wireProofs(signer.merged())
	wantVerdict(t, must(idemix.VerifySignature(w.set, signing, signature, now)), &idemix.Verdict{Status: irma.ProofValid, Disclosed: want})

	// A session that is all of that at once: issuing in two schemes with keyshare
	// servers and one without, while disclosing.
	issuing := issuance(w.offer(in(twoScheme, root), bsn), w.offer(in(oneScheme, ballot), map[string]string{"election": "x"}), w.offer(root, bsn))
	issuing.Disclose = req.Disclose
	s := w.begin(issuing, shown...)
	m := s.message(indices...)
	before := string(must(json.Marshal(m)))
	for _, name := range fewEngines {
		wantVerdict(t, must(engines()[name].VerifyCommitments(w.set, issuing, m, now)), &idemix.Verdict{Status: irma.ProofValid, Disclosed: want})
	}
	s.obtained(t, issuing, m)
	if diff := cmp.Diff(before, string(must(json.Marshal(m)))); diff != "" {
		t.Errorf("message (-before +after):\n%s", diff)
	}
}

// A credential of a scheme with a keyshare server is needed to get one of a
// scheme without, and the other way around.
func TestKeyshareOnOneSideOnly(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	plain := typedShow{root, w.credential(root, bsn), []int{1, 2}}
	both := typedShow{in(oneScheme, root), w.receive(t, w.offer(in(oneScheme, root), bsn))[0], []int{1, 2}}
	for name, test := range map[string]struct {
		show  typedShow
		offer irma.CredentialRequest
	}{
		"shown":  {both, w.offer(ageLimits, ages)},
		"issued": {plain, w.offer(in(oneScheme, ageLimits), ages)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := issuance(test.offer)
			req.Disclose = irma.ConDisCon{{{{Type: irma.AttributeTypeID(test.show.typ) + ".bsn"}}}}
			s := w.begin(req, test.show)
			m := s.message(at(0, 2))
			if len(m.ProofPJWTs) != 1 {
				t.Fatalf("%d statements", len(m.ProofPJWTs))
			}
			s.obtained(t, req, m)
			m.ProofPJWTs = nil
			_, err := idemix.VerifyCommitments(w.set, req, m, now)
			wantMissing(t, err, "no keyshare proof included for scheme keyshare-demo")
		})
	}
}

func wantMissing(t *testing.T, err error, message string) {
	t.Helper()
	if !errors.Is(err, irma.ErrKeyshareProofMissing) || !strings.Contains(irma.AsError(err).Message, message) {
		t.Errorf("error %v with %q, want %v: %s", err, irma.AsError(err).Message, irma.ErrKeyshareProofMissing, message)
	}
}

// Statements that are not to be believed end the session, both when the proofs
// are verified and when credentials are signed.
func TestKeyshareStatementsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	req := issuance(w.offer(in(oneScheme, root), bsn))
	s := w.begin(req)
	honest, server := s.message(), w.servers[oneScheme]
	token, part := honest.ProofPJWTs["keyshare-demo"], s.parts[oneScheme]
	for name, test := range map[string]struct {
		jwts map[string]string
		want string
	}{
		"none":                  {nil, "no keyshare proof included for scheme keyshare-demo"},
		"that of another":       {map[string]string{"keyshare-two": token}, "no keyshare proof included"},
		"empty":                 {map[string]string{"keyshare-demo": ""}, "keyshare proof for scheme keyshare-demo: a JWT has three parts"},
		"by the other server":   {map[string]string{"keyshare-demo": must(w.servers[twoScheme].State(part, now))}, "not signed with the key"},
		"too old":               {map[string]string{"keyshare-demo": must(server.State(part, now.Add(-keyshare.MaxAge-time.Second)))}, "ago"},
		"from the future":       {map[string]string{"keyshare-demo": must(server.State(part, now.Add(keyshare.Leeway+time.Second)))}, "in the future"},
		"without numbers":       {map[string]string{"keyshare-demo": must(server.State(&gabi.ProofP{P: part.P}, now))}, "has no c"},
		"not about a proof":     {map[string]string{"keyshare-demo": must(jwt.Sign([]byte(`{"sub":"auth_tok"}`), server.Key))}, "subject"},
		"signature of no value": {map[string]string{"keyshare-demo": token[:strings.LastIndex(token, ".")+1]}, "not signed with the key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := *honest
			m.ProofPJWTs = test.jwts
			_, err := idemix.VerifyCommitments(w.set, req, &m, now)
			wantMissing(t, err, test.want)
			_, err = idemix.Issue(w.set, req, &m, now)
			wantMissing(t, err, test.want)
		})
	}
}

// A key of the keyshare server that this server does not have may be in a newer
// version of the scheme.
func TestKeyshareUnknownKey(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	req := issuance(w.offer(in(oneScheme, root), bsn))
	m := w.begin(req).message()
	_, rest, _ := strings.Cut(m.ProofPJWTs["keyshare-demo"], ".")
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"1"}`))
	for kid, token := range map[string]string{"1": header + "." + rest, "none": rest} {
		m.ProofPJWTs = map[string]string{"keyshare-demo": token}
		_, err := idemix.VerifyCommitments(w.set, req, m, now)
		if !errors.Is(err, irma.ErrKeyshareProofMissing) || errors.Is(err, idemix.ErrUnknown) != (kid == "1") {
			t.Errorf("kid %s: error %v", kid, err)
		}
	}
}

// Statements that are signed and fresh but do not belong to the proofs make
// these invalid.
func TestKeyshareStatementsOfOtherProofs(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	typ := in(oneScheme, root)
	_, key := keys(w.set, typ)
	private, _ := keys(w.set, typ)
	req := issuance(w.offer(typ, bsn))
	req.Disclose = irma.ConDisCon{{{{Type: irma.AttributeTypeID(typ) + ".bsn"}}}}
	show := typedShow{typ, w.receive(t, w.offer(typ, bsn))[0], []int{1, 2}}
	s := w.begin(req, show)
	honest, part := s.message(at(0, 2)), s.parts[oneScheme]
	earlier := w.begin(req, show).parts[oneScheme]
	plus := func(x *big.Int, y int64) *big.Int { return new(big.Int).Add(x, big.NewInt(y)) }
	params := key.Params
	for name, test := range map[string]struct {
		part *gabi.ProofP
		want string
	}{
		"of an earlier session":         {earlier, "another challenge"},
		"of an earlier one, c replaced": {&gabi.ProofP{P: part.P, C: part.C, SResponse: earlier.SResponse}, "do not match"},
		"challenge of another":          {&gabi.ProofP{P: part.P, C: plus(part.C, 1), SResponse: part.SResponse}, "another challenge"},
		"challenge zero":                {&gabi.ProofP{P: part.P, C: big.NewInt(0), SResponse: part.SResponse}, "another challenge"},
		"other response":                {&gabi.ProofP{P: part.P, C: part.C, SResponse: plus(part.SResponse, 1)}, "do not match"},
		"response zero":                 {&gabi.ProofP{P: part.P, C: part.C, SResponse: big.NewInt(0)}, "do not match"},
		"response long":                 {&gabi.ProofP{P: part.P, C: part.C, SResponse: pow2(params.LmCommit + 2)}, "a_responses has"},
		"response longer by the order":  {&gabi.ProofP{P: part.P, C: part.C, SResponse: new(big.Int).Add(part.SResponse, order(root))}, "a_responses has"},
		"P of another":                  {&gabi.ProofP{P: key.R[1], C: part.C, SResponse: part.SResponse}, "do not match"},
		"P zero":                        {&gabi.ProofP{P: big.NewInt(0), C: part.C, SResponse: part.SResponse}, "P of the keyshare proof is not between"},
		"P is n":                        {&gabi.ProofP{P: key.N, C: part.C, SResponse: part.SResponse}, "P of the keyshare proof is not between"},
		"P is P + n":                    {&gabi.ProofP{P: new(big.Int).Add(part.P, key.N), C: part.C, SResponse: part.SResponse}, "P of the keyshare proof is not between"},
		"P is a factor":                 {&gabi.ProofP{P: private.P, C: part.C, SResponse: part.SResponse}, "P of the keyshare proof has a factor"},
		"P absent":                      {&gabi.ProofP{C: part.C, SResponse: part.SResponse}, "do not match"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := *honest
			m.ProofPJWTs = w.statement(test.part)
			wantInvalid(t, must(idemix.VerifyCommitments(w.set, req, &m, now)), test.want)
		})
	}
}

// A wallet that knows a whole secret key can subtract a statement of another
// session beforehand, so that adding it completes the proofs. The statement then
// says nothing about the key; its challenge tells.
func TestKeyshareStatementSubtractedBeforehand(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	typ := in(oneScheme, root)
	_, key := keys(w.set, typ)
	req := issuance(w.offer(typ, bsn))
	earlier := w.begin(req).parts[oneScheme]

	alone := &sharedWallet{wallet: w.wallet}
	s := alone.prepare(req)
	large := map[string]*big.Int{"secretkey": pow2(key.Params.LmCommit)} // so that the difference is not negative
	s.challenge = must(s.builders.ChallengeWithRandomizers(context, nonce, large, false))
	m := &irma.IssueCommitment{Nonce2: irmaInt(nonce2), Proofs: wireProofs(s.separate())}
	u := new(big.Int).ModInverse(earlier.P, key.N)
	u.Mul(u, s.proof().U).Mod(u, key.N)
	m.Proofs[0].U.U = irmaInt(u)
	m.Proofs[0].U.SResponse = irmaInt(new(big.Int).Sub(s.proof().SResponse, earlier.SResponse))

	m.ProofPJWTs = w.statement(&gabi.ProofP{P: earlier.P, C: s.challenge, SResponse: earlier.SResponse})
	if got := must(idemix.VerifyCommitments(w.set, req, m, now)); got.Status != irma.ProofValid {
		t.Fatalf("the equations should hold, so that only the rule refuses the statement: %s", got.Reason)
	}
	m.ProofPJWTs = w.statement(earlier)
	wantInvalid(t, must(idemix.VerifyCommitments(w.set, req, m, now)), "another challenge")
	if _, err := idemix.Issue(w.set, req, m, now); !errors.Is(err, irma.ErrInvalidProofs) {
		t.Errorf("Issue: error %v, want %v", err, irma.ErrInvalidProofs)
	}
}

// In issuance without disclosure the bound on the response of the commitment is
// the one that counts.
func TestKeyshareResponseOfCommitmentIsShort(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	req := issuance(w.offer(in(oneScheme, root), bsn))
	s := w.begin(req)
	m, part := s.message(), s.parts[oneScheme]
	m.ProofPJWTs = w.statement(&gabi.ProofP{P: part.P, C: part.C, SResponse: new(big.Int).Add(part.SResponse, order(root))})
	wantInvalid(t, must(idemix.VerifyCommitments(w.set, req, m, now)), "s_response has")
	if _, err := idemix.Issue(w.set, req, m, now); !errors.Is(err, irma.ErrInvalidProofs) {
		t.Errorf("Issue: error %v, want %v", err, irma.ErrInvalidProofs)
	}
}

// The rules on the wallet's proofs come before the statements.
func TestKeyshareAfterTheRules(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	req := issuance(w.offer(in(oneScheme, root), bsn))
	m := w.begin(req).message()
	m.ProofPJWTs = nil
	m.Proofs[0].U.MUserResponses = map[int]*irma.Int{2: irma.NewInt(1)}
	wantInvalid(t, must(idemix.VerifyCommitments(w.set, req, m, now)), "that are not randomblind")
}

// A statement is about both parts of one secret key: proofs of two wallets stay
// proofs of two wallets.
func TestKeyshareKeepsWalletsApart(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	typ := in(oneScheme, root)
	other := &sharedWallet{wallet: &wallet{set: w.set, secret: newWallet().secret}, servers: w.servers}
	req := issuance(w.offer(typ, bsn))
	req.Disclose = irma.ConDisCon{{{{Type: irma.AttributeTypeID(typ) + ".bsn"}}}}
	s := w.begin(req, typedShow{typ, other.receive(t, w.offer(typ, bsn))[0], []int{1, 2}})
	wantInvalid(t, must(idemix.VerifyCommitments(w.set, req, s.message(at(0, 2)), now)), "different secret keys")
}

// A JWT for a scheme that no proof is of has no effect, whatever it says.
func TestKeyshareStatementsOfOtherSchemesAreIgnored(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	req := issuance(w.offer(in(oneScheme, root), bsn), w.offer(root, bsn))
	s := w.begin(req)
	m := s.message()
	m.ProofPJWTs = maps.Clone(m.ProofPJWTs)
	for _, id := range []string{"irmad-demo", "keyshare-two", "unknown", ""} {
		m.ProofPJWTs[id] = "not a token"
	}
	s.obtained(t, req, m)
}

// In protocol 2.9 the keyshare server completes the response itself, and its
// statement has no P.
func TestKeyshareStatementWithoutP(t *testing.T) {
	t.Parallel()
	w := newSharedWallet(t)
	req := issuance(w.offer(in(oneScheme, root), bsn))
	s := w.begin(req)
	complete := s.merged()[0].(*gabi.ProofU)
	m := s.message()
	m.Proofs[0].U.U = irmaInt(complete.U)
	m.ProofPJWTs = w.statement(&gabi.ProofP{C: complete.C, SResponse: complete.SResponse})
	s.obtained(t, req, m)

	m.ProofPJWTs = w.statement(&gabi.ProofP{C: complete.C, SResponse: new(big.Int).Add(complete.SResponse, big.NewInt(1))})
	wantInvalid(t, must(idemix.VerifyCommitments(w.set, req, m, now)), "do not match")
}

// The secret key in a scheme with a keyshare server is another than that in
// schemes without: the server adds its part. Proofs of one such scheme must be of
// one wallet, those of different ones need not.
func TestSecretKeyPerKeyshareServer(t *testing.T) {
	t.Parallel()
	w, plain := newSharedWallet(t), newWallet()
	typ := in(oneScheme, root)
	one := typedShow{typ, w.receive(t, w.offer(typ, bsn))[0], []int{1, 2}}
	s := &sharedSession{wallet: w, parts: map[irma.SchemeID]*gabi.ProofP{}}
	s.add(root, must(plain.credential(root, bsn).CreateDisclosureProofBuilder([]int{1, 2}, nil, false)))
	s.add(typ, must(one.credential.CreateDisclosureProofBuilder(one.disclosed, nil, false)))
	s.respond(nonce, false)
	d := disclosure(s.merged(), at(0, 2), at(1, 2))
	got := must(idemix.VerifyDisclosure(w.set, request("irmad-demo.gov.root.bsn", "keyshare-demo.gov.root.bsn"), d, now))
	if got.Status != irma.ProofValid {
		t.Errorf("status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
	}

	other := &sharedWallet{wallet: &wallet{set: w.set, secret: newWallet().secret}, servers: w.servers}
	age := in(oneScheme, ageLimits)
	list := w.begin(request(), one, typedShow{age, other.receive(t, w.offer(age, ages))[0], []int{1}}).merged()
	got = must(idemix.VerifyDisclosure(w.set, request("keyshare-demo.gov.root.bsn"), disclosure(list, at(0, 2)), now))
	wantInvalid(t, got, "different secret keys")
}

// FuzzChangedKeyshare changes a number of an honest statement, which was signed
// all the same.
func FuzzChangedKeyshare(f *testing.F) {
	w := newSharedWallet(f)
	req := issuance(w.offer(in(oneScheme, root), bsn))
	s := w.begin(req)
	m, part := s.message(), s.parts[oneScheme]
	_, key := keys(w.set, in(oneScheme, root))
	f.Add(byte(0), []byte{1}, false)
	f.Add(byte(1), []byte{1}, false)
	f.Add(byte(2), []byte{1}, true)
	f.Add(byte(0), key.N.Bytes(), false)
	f.Add(byte(2), []byte{}, false)
	f.Fuzz(func(t *testing.T, which byte, addend []byte, negative bool) {
		changed := &gabi.ProofP{P: part.P, C: part.C, SResponse: part.SResponse}
		target := []**big.Int{&changed.P, &changed.C, &changed.SResponse}[which%3]
		difference := new(stdbig.Int).SetBytes(addend[:min(len(addend), 512)])
		if negative {
			difference.Neg(difference)
		}
		*target = big.Convert(new(stdbig.Int).Add((*target).Go(), difference))
		if (*target).Sign() < 0 {
			return // has no form in JSON
		}
		forged := *m
		forged.ProofPJWTs = w.statement(changed)
		verdict, err := idemix.VerifyCommitments(w.set, req, &forged, now)
		honest := difference.Sign() == 0
		if valid := err == nil && verdict.Status == irma.ProofValid; valid != honest {
			t.Errorf("valid: %t, honest: %t; error %v", valid, honest, err)
		}
	})
}

// The cost of the merge: the same commitment with the keyshare server's part to
// be added, and without.
func BenchmarkKeyshareMerge(b *testing.B) {
	w := newSharedWallet(b)
	for _, test := range []struct {
		name string
		typ  irma.CredentialTypeID
	}{{"keyshare=no", ageLimits}, {"keyshare=yes", in(oneScheme, ageLimits)}} {
		req := issuance(w.offer(test.typ, ages))
		m := w.begin(req).message()
		e := must(idemix.NewEngine(idemix.EngineConfig{}))
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				if verdict, err := e.VerifyCommitments(w.set, req, m, now); err != nil || verdict.Status != irma.ProofValid {
					b.Fatal(verdict, err)
				}
			}
		})
	}
}
