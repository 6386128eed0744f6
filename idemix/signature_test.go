package idemix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/timestamp"
	"github.com/privacybydesign/gabi"
)

// The vectors are those of spec 12 §10.1.
func TestMessageNonce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stamp *irma.AtumTimestamp
		want  string
	}{
		"without timestamp": {nil, "8578e5b1b584beaa7d40a3336a4d945d3e40092e373d8fab148f9beaa6892b47"},
		"with timestamp": {&irma.AtumTimestamp{Sig: irma.AtumSignature{Data: []byte{1, 2, 3, 4}}},
			"800de71484d937336224e67e82d84784d53921490759ebb294d416e8af9a2ed2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := idemix.MessageNonce(&irma.SignedMessage{Nonce: irma.NewInt(42), Message: text, Timestamp: test.stamp})
			if err != nil {
				t.Fatal(err)
			}
			if hex := fmt.Sprintf("%064x", got); hex != test.want {
				t.Errorf("nonce %s, want %s", hex, test.want)
			}
		})
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	req := signatureRequest("irmad-demo.gov.ageLimits.over18", "irmad-demo.gov.personalData.city")
	long := shared().credential(personalData, with(alice, "city", strings.Repeat("Nijmegen", 50)))
	shows := []show{{shared().age, []int{1, 4}}, {long, []int{1, 6}}}
	indices := irma.DisclosedIndices{at(0, 4), at(1, 6)}
	want := attributes{present("irmad-demo.gov.ageLimits.over18", "no"), present("irmad-demo.gov.personalData.city", strings.Repeat("Nijmegen", 50))}
	extra := attributes{}
	for _, attr := range want {
		extra = append(extra, attribute(attr.Identifier, *attr.RawValue, irma.AttributeExtra))
	}
	for name, test := range map[string]struct {
		ldContext string
		stamp     stamper
	}{
		"without timestamp":            {irma.ContextSignature, nil},
		"with timestamp":               {irma.ContextSignature, stampAt(c.atum, now)},
		"version 1 without timestamp":  {"", nil},
		"version 1 with its timestamp": {"", stampAt(c.atum, now)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			msg := signature(test.ldContext, test.stamp, indices, shows...)
			msg = must(irma.ParseSignedMessage(must(json.Marshal(msg))))
			wantVerdict(t, c.want(t, req, msg, irma.ProofValid),
				&idemix.Verdict{Status: irma.ProofValid, Disclosed: []attributes{want[:1], want[1:]}})
			wantVerdict(t, c.want(t, nil, msg, irma.ProofValid),
				&idemix.Verdict{Status: irma.ProofValid, Disclosed: []attributes{extra}})
		})
	}
}

// The same with a timestamp server behind real HTTP, which is asked for the
// timestamp as well.
func TestSignatureOverHTTP(t *testing.T) {
	t.Parallel()
	atum := atumtest.NewServer(t, now.AddDate(1, 0, 0), func() time.Time { return now })
	obtain := func(value []byte) *irma.AtumTimestamp {
		body := must(json.Marshal(map[string]any{"Nonce": value, "PreferredSigAlg": "ed25519"}))
		resp := must(http.Post(atum.URL, "application/json", bytes.NewReader(body)))
		defer func() { check(resp.Body.Close()) }()
		var answer struct{ Stamp *irma.AtumTimestamp }
		check(json.NewDecoder(resp.Body).Decode(&answer))
		return answer.Stamp
	}
	c := &court{set: stampedSet(t, atum.URL), timestamps: timestamp.NewVerifier(timestamp.Config{})}
	msg := signature(irma.ContextSignature, obtain, irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
	req := signatureRequest("irmad-demo.gov.ageLimits.over18")
	for range 3 {
		c.want(t, req, msg, irma.ProofValid)
	}
	if n := atum.Lookups(); n != 1 {
		t.Errorf("asked about the key %d times, want once", n)
	}
	atum.Trust(false, time.Time{})
	c.timestamps = timestamp.NewVerifier(timestamp.Config{})
	c.want(t, req, msg, irma.ProofInvalidTimestamp)
}

// altered is an honest signature with something changed.
type altered struct {
	change    func(*irma.SignedMessage)
	unstamped irma.ProofStatus // verdict if the signature had no timestamp
	stamped   irma.ProofStatus // verdict if it had one
	cause     string           // of both
}

// TestAlteredSignature judges signatures by themselves, so that no request
// catches the change.
func TestAlteredSignature(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	yes := "yes"
	tests := map[string]altered{
		"nothing":        {func(*irma.SignedMessage) {}, irma.ProofValid, irma.ProofValid, ""},
		"message":        {func(m *irma.SignedMessage) { m.Message = "I owe you nothing" }, irma.ProofInvalid, irma.ProofInvalidTimestamp, ""},
		"nonce":          {func(m *irma.SignedMessage) { m.Nonce = irma.NewInt(43) }, irma.ProofInvalid, irma.ProofInvalid, "do not match"},
		"absent nonce":   {func(m *irma.SignedMessage) { m.Nonce = nil }, irma.ProofInvalid, irma.ProofInvalid, "do not match"},
		"context":        {func(m *irma.SignedMessage) { m.Context = irma.NewInt(2) }, irma.ProofInvalid, irma.ProofInvalid, "do not match"},
		"absent context": {func(m *irma.SignedMessage) { m.Context = nil }, irma.ProofValid, irma.ProofValid, ""}, // which means 1
		"attribute": {func(m *irma.SignedMessage) { m.Signature[0].D.ADisclosed[4] = irma.EncodeAttribute(&yes) },
			irma.ProofInvalid, irma.ProofInvalidTimestamp, ""},
		"attribute withdrawn": {func(m *irma.SignedMessage) { delete(m.Signature[0].D.ADisclosed, 4) },
			irma.ProofInvalid, irma.ProofInvalidTimestamp, ""},
		"signature on the credential": {func(m *irma.SignedMessage) { m.Signature[0].D.A = irma.NewInt(4) },
			irma.ProofInvalid, irma.ProofInvalidTimestamp, ""},
		"response": {func(m *irma.SignedMessage) { m.Signature[0].D.EResponse = irma.NewInt(4) },
			irma.ProofInvalid, irma.ProofInvalid, "do not match"},
		"credential removed": {func(m *irma.SignedMessage) { m.Signature = m.Signature[:1] },
			irma.ProofInvalid, irma.ProofInvalidTimestamp, ""},
		"order": {func(m *irma.SignedMessage) { m.Signature = irma.ProofList{m.Signature[1], m.Signature[0]} },
			irma.ProofInvalid, irma.ProofInvalidTimestamp, ""},
		"no proofs":       {func(m *irma.SignedMessage) { m.Signature = nil }, irma.ProofInvalid, irma.ProofInvalid, "at least one proof"},
		"empty proof":     {func(m *irma.SignedMessage) { m.Signature[0] = irma.Proof{} }, irma.ProofInvalid, irma.ProofInvalid, "not a disclosure proof"},
		"issuance proof":  {func(m *irma.SignedMessage) { m.Signature[1] = irma.Proof{U: someProofU()} }, irma.ProofInvalid, irma.ProofInvalid, "not a disclosure proof"},
		"one proof more":  {func(m *irma.SignedMessage) { m.Signature = append(m.Signature, irma.Proof{U: someProofU()}) }, irma.ProofInvalid, irma.ProofInvalid, "not a disclosure proof"},
		"structure":       {func(m *irma.SignedMessage) { m.Signature[0].D.AResponses[4] = irma.NewInt(1) }, irma.ProofInvalid, irma.ProofInvalid, "both disclosed and hidden"},
		"indices":         {func(m *irma.SignedMessage) { m.Indices = nil }, irma.ProofValid, irma.ProofValid, ""},                   // nothing is asked for
		"timestamp added": {func(m *irma.SignedMessage) { m.Timestamp = c.restamp(m, now) }, irma.ProofInvalid, irma.ProofValid, ""}, // it had the same one
		"timestamp of another value": {func(m *irma.SignedMessage) { m.Timestamp = c.atum.Stamp(now, make([]byte, 32)) },
			irma.ProofInvalidTimestamp, irma.ProofInvalidTimestamp, "not over this time and value"},
		"timestamp by somebody else": {func(m *irma.SignedMessage) {
			m.Timestamp = atumtest.New("somebody else", now, nil).Stamp(now, c.value(m))
		}, irma.ProofInvalidTimestamp, irma.ProofInvalidTimestamp, "does not trust"},
		"empty timestamp": {func(m *irma.SignedMessage) { m.Timestamp = &irma.AtumTimestamp{} },
			irma.ProofInvalidTimestamp, irma.ProofInvalidTimestamp, "not a date"},
		"earlier timestamp": {func(m *irma.SignedMessage) { m.Timestamp = c.restamp(m, now.AddDate(0, -1, 0)) },
			irma.ProofInvalid, irma.ProofInvalid, "do not match"},
		"after the key's expiry": {func(m *irma.SignedMessage) { m.Timestamp = c.restamp(m, now.AddDate(0, 2, 0)) },
			irma.ProofInvalidTimestamp, irma.ProofInvalidTimestamp, "the key expired"},
		"timestamp removed": {func(m *irma.SignedMessage) { m.Timestamp = nil }, irma.ProofValid, irma.ProofInvalid, ""},
		"version":           {func(m *irma.SignedMessage) { m.LDContext = "" }, irma.ProofValid, irma.ProofInvalidTimestamp, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for stamp, want := range map[*stamper]irma.ProofStatus{nil: test.unstamped, ptr(stampAt(c.atum, now)): test.stamped} {
				var s stamper
				if stamp != nil {
					s = *stamp
				}
				msg := signature(irma.ContextSignature, s, irma.DisclosedIndices{at(0, 4)},
					show{shared().age, []int{1, 4}}, show{shared().alice, []int{1}})
				test.change(msg)
				got := c.want(t, nil, msg, want)
				if !strings.Contains(got.Reason, test.cause) {
					t.Errorf("reason %q, want one with %q", got.Reason, test.cause)
				}
				if got.Status != irma.ProofValid && got.Disclosed != nil {
					t.Errorf("%s with disclosed attributes", got.Status)
				}
			}
		})
	}
}

func ptr[T any](value T) *T { return &value }

// value returns what has to be stamped.
func (c *court) value(msg *irma.SignedMessage) []byte {
	msg.Timestamp = &irma.AtumTimestamp{}
	stamp, _, err := idemix.ReadSignature(c.set, nil, msg)
	check(err)
	return stamp.Value
}

// restamp returns a timestamp by the right server on the right value, which
// somebody who has the signature can obtain.
func (c *court) restamp(msg *irma.SignedMessage, moment time.Time) *irma.AtumTimestamp {
	return c.atum.Stamp(moment, c.value(msg))
}

func someProofU() *irma.ProofU {
	list := must(gabi.ProofBuilderList{
		must(gabi.NewCredentialBuilder(publicKey(root), context, shared().secret, nonce2, nil, nil)),
	}.BuildProofList(context, nonce, true))
	return wireProofs(list)[0].U
}

// The timestamp is not the only thing that keeps the attributes as they were.
func TestVerifySignatureDoesNotRelyOnTimestamp(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	yes := "yes"
	for name, change := range map[string]func(*irma.SignedMessage){
		"message":   func(m *irma.SignedMessage) { m.Message += "." },
		"attribute": func(m *irma.SignedMessage) { m.Signature[0].D.ADisclosed[4] = irma.EncodeAttribute(&yes) },
		"stamp":     func(m *irma.SignedMessage) { m.Timestamp.Sig.Data[0] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			msg := signature(irma.ContextSignature, stampAt(c.atum, now), irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
			change(msg)
			wantInvalid(t, must(idemix.VerifySignature(c.set, nil, msg, now)), "do not match")
		})
	}
}

func TestSignatureForRequest(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	change := func(f func(*irma.SessionRequest)) *irma.SessionRequest {
		req := signatureRequest("irmad-demo.gov.ageLimits.over18")
		f(req)
		return req
	}
	tests := map[string]struct {
		req  *irma.SessionRequest
		want irma.ProofStatus
	}{
		"its own":         {change(func(*irma.SessionRequest) {}), irma.ProofValid},
		"other message":   {change(func(r *irma.SessionRequest) { r.Message += "!" }), irma.ProofUnmatchedRequest},
		"no message":      {change(func(r *irma.SessionRequest) { r.Message = "" }), irma.ProofUnmatchedRequest},
		"other nonce":     {change(func(r *irma.SessionRequest) { r.Nonce = irma.NewInt(5) }), irma.ProofUnmatchedRequest},
		"no nonce":        {change(func(r *irma.SessionRequest) { r.Nonce = nil }), irma.ProofUnmatchedRequest},
		"other context":   {change(func(r *irma.SessionRequest) { r.Context = irma.NewInt(2) }), irma.ProofUnmatchedRequest},
		"default context": {change(func(r *irma.SessionRequest) { r.Context = nil }), irma.ProofValid},
		"other attribute": {change(func(r *irma.SessionRequest) {
			r.Disclose = irma.ConDisCon{discon("gov.ageLimits.over12")}
		}), irma.ProofMissingAttributes},
		"one attribute more": {change(func(r *irma.SessionRequest) {
			r.Disclose = append(r.Disclose, discon("gov.root.bsn"))
		}), irma.ProofMissingAttributes},
		"empty": {&irma.SessionRequest{}, irma.ProofUnmatchedRequest},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, stamp := range []stamper{nil, stampAt(c.atum, now)} {
				msg := signature(irma.ContextSignature, stamp, irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
				c.want(t, test.req, msg, test.want)
				if test.want == irma.ProofUnmatchedRequest { // also without reading it first
					got := must(idemix.VerifySignature(c.set, test.req, msg, now))
					wantVerdict(t, got, &idemix.Verdict{Status: test.want, Reason: got.Reason})
				}
			}
		})
	}
}

// Of several reasons to refuse a signature the first of spec 12 §8 is told.
func TestPrecedenceForSignatures(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	req := signatureRequest("irmad-demo.gov.ageLimits.over18")
	fresh := func() *irma.SignedMessage {
		return signature(irma.ContextSignature, stampAt(c.atum, now), irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
	}
	msg := fresh()
	msg.Nonce, msg.Signature = irma.NewInt(5), irma.ProofList{}
	c.want(t, req, msg, irma.ProofInvalid)
	msg = fresh()
	msg.Nonce, msg.Timestamp.Time, msg.Signature[0].D.C = irma.NewInt(5), 5, nil
	c.want(t, req, msg, irma.ProofUnmatchedRequest)
	msg = fresh()
	msg.Timestamp.Time, msg.Indices, msg.Signature[0].D.EResponse = 5, nil, irma.NewInt(3)
	c.want(t, req, msg, irma.ProofInvalidTimestamp)
	msg = fresh()
	msg.Indices, msg.Signature[0].D.EResponse = nil, irma.NewInt(3)
	c.want(t, req, msg, irma.ProofInvalid)
	msg = fresh()
	msg.Indices = nil
	c.want(t, req, msg, irma.ProofMissingAttributes)
}

// A signature stays valid after the credentials expire, if it has a timestamp
// from before.
func TestExpiryOfSignatures(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	expires := metadata(ageLimits, now, expiry).Expiry().Time()
	c.atum.Trust(true, expires.AddDate(1, 0, 0))
	req := signatureRequest("irmad-demo.gov.ageLimits.over18")
	stampedAt := func(moment time.Time) *irma.SignedMessage {
		return signature(irma.ContextSignature, stampAt(c.atum, moment), irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
	}
	c.want(t, req, stampedAt(expires), irma.ProofValid)
	got := c.want(t, req, stampedAt(expires.Add(time.Second)), irma.ProofExpired)
	if len(got.Disclosed) != 1 {
		t.Errorf("disclosed %v, want the attribute", got.Disclosed)
	}
	req.SkipExpiryCheck = []irma.CredentialTypeID{ageLimits}
	c.want(t, req, stampedAt(expires.Add(time.Second)), irma.ProofValid)
}

func TestTimestampServers(t *testing.T) {
	t.Parallel()
	const second irma.CredentialTypeID = "second-demo.gov.root"
	tests := map[string]struct {
		first, second string // servers of the schemes
		want          string // "" = fine
	}{
		"same":           {stampURL, stampURL, ""},
		"different":      {stampURL, "https://other.example/", "different timestamp servers"},
		"one has none":   {stampURL, "", "scheme second-demo has no timestamp server"},
		"other has none": {"", stampURL, "scheme irmad-demo has no timestamp server"},
		"none":           {"", "", "scheme irmad-demo has no timestamp server"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCourt(t)
			c.set = must(scheme.Join(renamedSet(t, "irmad-demo", test.first), renamedSet(t, "second-demo", test.second)))
			w := &wallet{set: c.set, secret: shared().secret}
			_, key := keys(c.set, second)
			other := w.credentialWith(second, must(irma.NewMetadata(second, key.Counter, now, expiry)).Int(), map[string]string{"bsn": "1"})
			shows := []show{{shared().age, []int{1, 4}}, {other, []int{1, 2}}}
			indices := irma.DisclosedIndices{at(0, 4), at(1, 2)}
			req := signatureRequest("irmad-demo.gov.ageLimits.over18", "second-demo.gov.root.bsn")

			want := irma.ProofValid
			if test.want != "" {
				want = irma.ProofInvalidTimestamp
			}
			got := c.want(t, req, signature(irma.ContextSignature, stampAt(c.atum, now), indices, shows...), want)
			if !strings.Contains(got.Reason, test.want) {
				t.Errorf("reason %q, want one with %q", got.Reason, test.want)
			}
			c.want(t, req, signature(irma.ContextSignature, nil, indices, shows...), irma.ProofValid)
		})
	}
}

func TestSignaturesThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	msg := signature(irma.ContextSignature, nil, irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
	changed := func(f func(*irma.SignedMessage)) *irma.SignedMessage {
		out := wire[irma.SignedMessage](msg)
		f(out)
		return out
	}
	otherKey, otherType := metadata(root, now, expiry), metadata(root, now, expiry)
	otherKey.KeyCounter, otherType.TypeHash = 4321, irma.CredentialTypeID("irmad-demo.gov.unknown").Hash()
	tests := map[string]struct {
		msg  *irma.SignedMessage
		want *irma.Error
	}{
		"none":          {nil, irma.ErrMalformedInput},
		"other version": {changed(func(m *irma.SignedMessage) { m.LDContext = "https://irma.app/ld/signature/v3" }), irma.ErrMalformedInput},
		"unknown key":   {changed(func(m *irma.SignedMessage) { m.Signature[0].D.ADisclosed[1] = otherKey.Int() }), irma.ErrUnknownPublicKey},
		"unknown type":  {changed(func(m *irma.SignedMessage) { m.Signature[0].D.ADisclosed[1] = otherType.Int() }), irma.ErrUnknownPublicKey},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stamp, verdict, err := idemix.ReadSignature(c.set, nil, test.msg)
			if !errors.Is(err, test.want) || stamp != nil || verdict != nil {
				t.Errorf("ReadSignature: %v, %v, %v; want %v", stamp, verdict, err, test.want)
			}
			verdict, err = idemix.VerifySignature(c.set, nil, test.msg, now)
			if !errors.Is(err, test.want) || verdict != nil {
				t.Errorf("VerifySignature: %v, %v; want %v", verdict, err, test.want)
			}
		})
	}
}

// A disclosure is not a signature, even of a message that has its nonce.
func TestDisclosureIsNoSignature(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	msg := signature(irma.ContextSignature, nil, irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
	msg.Signature = wireProofs(must(builders(show{shared().age, []int{1, 4}}).BuildProofList(context, boundNonce(msg), false)))
	c.want(t, nil, msg, irma.ProofInvalid)
}

func TestSignatureArgumentsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	req := signatureRequest("irmad-demo.gov.ageLimits.over18")
	msg := signature(irma.ContextSignature, stampAt(c.atum, now), irma.DisclosedIndices{at(0, 4)}, show{shared().age, []int{1, 4}})
	before, beforeReq := must(json.Marshal(msg)), must(json.Marshal(req))
	c.want(t, req, msg, irma.ProofValid)
	c.want(t, nil, msg, irma.ProofValid)
	if !bytes.Equal(before, must(json.Marshal(msg))) || !bytes.Equal(beforeReq, must(json.Marshal(req))) {
		t.Error("arguments were changed")
	}
}
