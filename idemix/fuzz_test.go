package idemix_test

import (
	"bytes"
	"encoding/json"
	stdbig "math/big"
	"slices"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
)

// honestDisclosure is an answer of which the fuzz targets change something. It
// differs per process, so inputs describe changes and not whole messages.
var honestDisclosure = sync.OnceValue(func() []byte {
	list := prove(show{shared().age, []int{1, 4}}, show{shared().ballot, []int{1, 3}})
	return must(json.Marshal(disclosure(list, at(0, 4), at(1, 3))))
})

var honestCommitments = sync.OnceValue(func() []byte {
	list := shared().commit(fuzzIssuance(), show{shared().age, []int{1, 4}})
	return must(json.Marshal(list.message(at(0, 4))))
})

func fuzzRequest() *irma.SessionRequest {
	return request("irmad-demo.gov.ageLimits.over18", "irmad-demo.vote.ballot.votingNumber")
}

func fuzzIssuance() *irma.SessionRequest {
	req := issuance(offer(root, map[string]string{"bsn": "1"}), offer(ballot, map[string]string{"election": "x"}))
	req.Disclose = irma.ConDisCon{discon("gov.ageLimits.over18")}
	return req
}

// edit replaces some bytes.
func edit(data []byte, offset, length uint, insert []byte) []byte {
	from := int(offset % uint(len(data)+1))
	to := from + int(min(length, uint(len(data)-from)))
	return slices.Concat(data[:from], insert, data[to:])
}

// wantHonest checks that a valid message has exactly the honest proofs.
func wantHonest(t *testing.T, verdict *idemix.Verdict, err error, got, honest irma.ProofList) {
	t.Helper()
	if err != nil && irma.AsError(err) == nil {
		t.Errorf("error outside the catalogue: %v", err)
	}
	if err == nil && verdict.Status != irma.ProofInvalid && !bytes.Equal(must(json.Marshal(got)), must(json.Marshal(honest))) {
		t.Errorf("status %s of changed proofs", verdict.Status)
	}
}

func addEdits(f *testing.F) {
	f.Add(uint(0), uint(0), []byte{})
	f.Add(uint(20), uint(1), []byte("A"))
	f.Add(uint(11), uint(0), []byte(`null,`))
	f.Add(uint(12), uint(0), []byte(`"rangeproofs":{},`))
	f.Add(uint(12), uint(0), []byte(`"nonrev_proof":{"sacc":null},`))
	f.Add(uint(400), uint(60), []byte(""))
	f.Add(uint(1<<20), uint(0), []byte("}"))
}

func FuzzEditedDisclosure(f *testing.F) {
	addEdits(f)
	honest := must(irma.ParseDisclosure(honestDisclosure()))
	f.Fuzz(func(t *testing.T, offset, length uint, insert []byte) {
		d, err := irma.ParseDisclosure(edit(honestDisclosure(), offset, length, insert))
		if err != nil {
			return
		}
		verdict, err := idemix.VerifyDisclosure(demoSet(), fuzzRequest(), d, now)
		wantHonest(t, verdict, err, d.Proofs, honest.Proofs)
	})
}

func FuzzEditedCommitments(f *testing.F) {
	addEdits(f)
	honest := must(irma.ParseIssueCommitment(honestCommitments()))
	f.Fuzz(func(t *testing.T, offset, length uint, insert []byte) {
		m, err := irma.ParseIssueCommitment(edit(honestCommitments(), offset, length, insert))
		if err != nil {
			return
		}
		verdict, err := idemix.VerifyCommitments(demoSet(), fuzzIssuance(), m, now)
		wantHonest(t, verdict, err, m.Proofs, honest.Proofs)
	})
}

// numbers returns all integers of a list of proofs, to be changed in place.
func numbers(list irma.ProofList) []*irma.Int {
	var out []*irma.Int
	addMap := func(values map[int]*irma.Int) {
		for i := range 32 {
			if value, ok := values[i]; ok {
				out = append(out, value)
			}
		}
	}
	for _, proof := range list {
		if p := proof.D; p != nil {
			out = append(out, p.C, p.A, p.EResponse, p.VResponse)
			addMap(p.AResponses)
			addMap(p.ADisclosed)
		} else {
			out = append(out, proof.U.U, proof.U.C, proof.U.VPrimeResponse, proof.U.SResponse)
			addMap(proof.U.MUserResponses)
		}
	}
	return out
}

// change adds to or subtracts from one of the integers.
func change(list irma.ProofList, which uint, addend []byte, negative bool) {
	all := numbers(list)
	difference := new(stdbig.Int).SetBytes(addend)
	if negative {
		difference.Neg(difference)
	}
	target := all[which%uint(len(all))].Big()
	target.Add(target, difference)
}

// FuzzChangedNumbers changes one integer of an honest message.
func FuzzChangedNumbers(f *testing.F) {
	d, m := must(irma.ParseDisclosure(honestDisclosure())), must(irma.ParseIssueCommitment(honestCommitments()))
	for i := range uint(len(numbers(d.Proofs))) {
		f.Add(i, []byte{1}, false)
	}
	f.Add(uint(1), publicKey(ageLimits).N.Bytes(), false)
	f.Add(uint(2), publicKey(ageLimits).N.Bytes(), true)
	f.Add(uint(3), []byte{}, true)
	f.Fuzz(func(t *testing.T, which uint, addend []byte, negative bool) {
		changed := must(irma.ParseDisclosure(honestDisclosure()))
		change(changed.Proofs, which, addend, negative)
		verdict, err := idemix.VerifyDisclosure(demoSet(), fuzzRequest(), changed, now)
		wantHonest(t, verdict, err, changed.Proofs, d.Proofs)

		issued := must(irma.ParseIssueCommitment(honestCommitments()))
		change(issued.Proofs, which, addend, negative)
		verdict, err = idemix.VerifyCommitments(demoSet(), fuzzIssuance(), issued, now)
		wantHonest(t, verdict, err, issued.Proofs, m.Proofs)
	})
}

// FuzzForeignMessages verifies messages of any shape, none of which is honest.
func FuzzForeignMessages(f *testing.F) {
	for _, seed := range []string{
		`{"proofs":[],"indices":[]}`,
		`{"proofs":[{"A":"AQ==","c":"","e_response":"","v_response":"","a_responses":{"0":""},"a_disclosed":{"1":"AwAK+gA1AALWy2qU9p3l52l9LU1rVT4M"}}],"indices":[[{"cred":0,"attr":1}]]}`,
		`{"proofs":[{"U":"AQ==","c":"","v_prime_response":"","s_response":"","m_user_responses":{"3":""}}],"indices":[[null]]}`,
		`{"n_2":"BQ==","combinedProofs":[{"U":"AQ==","c":""},{"U":"AQ==","c":"","v_prime_response":"","s_response":"","m_user_responses":{"3":""}}],"indices":[]}`,
	} {
		f.Add([]byte(seed))
	}
	known := metadata(ageLimits, now, expiry).Int()
	f.Add(must(json.Marshal(&irma.Disclosure{Proofs: irma.ProofList{{D: &irma.ProofD{
		C: irma.NewInt(1), A: irma.NewInt(4), EResponse: irma.NewInt(1), VResponse: irma.NewInt(1),
		AResponses: map[int]*irma.Int{0: irma.NewInt(1)}, ADisclosed: map[int]*irma.Int{1: known, 4: irma.NewInt(7)},
	}}}, Indices: irma.DisclosedIndices{at(0, 4)}})))
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := irma.ParseDisclosure(data); err == nil {
			verdict, err := idemix.VerifyDisclosure(demoSet(), fuzzRequest(), d, now)
			if err == nil && verdict.Status == irma.ProofValid {
				t.Errorf("valid: %s", data)
			}
		}
		if m, err := irma.ParseIssueCommitment(data); err == nil {
			verdict, err := idemix.VerifyCommitments(demoSet(), fuzzIssuance(), m, now)
			if err == nil && verdict.Status == irma.ProofValid {
				t.Errorf("valid: %s", data)
			}
			if signatures, err := idemix.Issue(demoSet(), fuzzIssuance(), m, now); err != nil && signatures != nil {
				t.Errorf("signatures together with the error %v", err)
			}
		}
	})
}
