package idemix_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

// FuzzEditedSignature changes bytes of a signature with timestamp. Nothing but
// the honest signature is ever found correct, with or without its request.
func FuzzEditedSignature(f *testing.F) {
	addEdits(f)
	c := newCourt(f)
	honest := must(json.Marshal(signature(irma.ContextSignature, stampAt(c.atum, now), irma.DisclosedIndices{at(0, 4), at(1, 3)},
		show{shared().age, []int{1, 4}}, show{shared().ballot, []int{1, 3}})))
	for _, part := range []string{`"timestamp"`, `"message"`, `"nonce"`, `"context"`, `"@context"`, `"Time"`, `"Data"`, `"indices"`} {
		offset := bytes.Index(honest, []byte(part))
		f.Add(uint(offset), uint(3), []byte(`"_`))
		f.Add(uint(offset+len(part)+2), uint(1), []byte("1"))
	}
	want := content(must(irma.ParseSignedMessage(honest)))
	req := signatureRequest("irmad-demo.gov.ageLimits.over18", "irmad-demo.vote.ballot.votingNumber")
	f.Fuzz(func(t *testing.T, offset, length uint, insert []byte) {
		msg, err := irma.ParseSignedMessage(edit(honest, offset, length, insert))
		if err != nil {
			return
		}
		for _, req := range []*irma.SessionRequest{nil, req} {
			verdict, err := c.judge(t, req, msg)
			if err != nil {
				if irma.AsError(err) == nil {
					t.Errorf("error outside the catalogue: %v", err)
				}
				continue
			}
			switch verdict.Status {
			case irma.ProofInvalid, irma.ProofInvalidTimestamp, irma.ProofUnmatchedRequest:
			default:
				if got := content(msg); !bytes.Equal(got, want) {
					t.Errorf("status %s of the changed signature %s", verdict.Status, got)
				}
			}
		}
	})
}

// content encodes what a signature protects. The rest is where the attributes
// are found, and the name of the timestamp server, which is not believed.
func content(msg *irma.SignedMessage) []byte {
	out := *msg
	out.Indices = nil
	if out.Context == nil {
		out.Context = irma.NewInt(1)
	}
	if out.Timestamp != nil {
		stamp := *out.Timestamp
		stamp.ServerURL = ""
		out.Timestamp = &stamp
	}
	return must(json.Marshal(&out))
}

// FuzzForeignSignatures judges messages of any shape, none of which is honest.
func FuzzForeignSignatures(f *testing.F) {
	c := newCourt(f)
	for _, seed := range []string{
		`{"signature":[],"indices":[],"message":"","nonce":"","context":""}`,
		`{"@context":"https://irma.app/ld/signature/v2","signature":[{"A":"AQ==","c":"","e_response":"","v_response":"","a_responses":{"0":""},"a_disclosed":{"1":"AwAK+gA1AALWy2qU9p3l52l9LU1rVT4M"}}],"indices":[[{"cred":0,"attr":1}]],"timestamp":null}`,
		`{"signature":[{"U":"AQ==","c":"","v_prime_response":"","s_response":""}],"timestamp":{"Time":1,"Sig":{"Alg":"ed25519"}}}`,
	} {
		f.Add([]byte(seed))
	}
	known := metadata(ageLimits, now, expiry).Int()
	for _, stamp := range []*irma.AtumTimestamp{nil, c.atum.Stamp(now, make([]byte, 32))} {
		f.Add(must(json.Marshal(&irma.SignedMessage{
			LDContext: irma.ContextSignature, Message: text, Nonce: irmaInt(nonce), Context: irmaInt(context), Timestamp: stamp,
			Signature: irma.ProofList{{D: &irma.ProofD{
				C: irma.NewInt(1), A: irma.NewInt(4), EResponse: irma.NewInt(1), VResponse: irma.NewInt(1),
				AResponses: map[int]*irma.Int{0: irma.NewInt(1)}, ADisclosed: map[int]*irma.Int{1: known, 4: irma.NewInt(7)},
			}}},
			Indices: irma.DisclosedIndices{at(0, 4)},
		})))
	}
	req := signatureRequest("irmad-demo.gov.ageLimits.over18")
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, err := irma.ParseSignedMessage(data)
		if err != nil {
			return
		}
		for _, req := range []*irma.SessionRequest{nil, req} {
			verdict, err := c.judge(t, req, msg)
			if err == nil && (verdict.Status == irma.ProofValid || verdict.Disclosed != nil) {
				t.Errorf("%s: %s", verdict.Status, data)
			}
		}
	})
}
