package idemix_test

import (
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
)

// require2048 keeps the benchmarks comparable.
func require2048(b *testing.B) {
	b.Helper()
	if bits := publicKey(ageLimits).N.BitLen(); bits != 2048 {
		b.Fatalf("key of %d bits", bits)
	}
}

// byPath runs a benchmark with every arithmetic, and without an Engine. The
// tables exist when it starts.
func byPath(b *testing.B, run func(e *idemix.Engine)) {
	b.Helper()
	for _, path := range idemix.Arithmetics() {
		b.Run("path="+path, func(b *testing.B) {
			e := must(idemix.NewEngine(idemix.EngineConfig{Arithmetic: path}))
			run(e)
			for b.Loop() {
				run(e)
			}
		})
	}
	b.Run("path=none", func(b *testing.B) {
		for b.Loop() {
			run(nil)
		}
	})
}

// One credential with four attributes, one of which is disclosed; everything
// there is to verification after decoding. The time of gabi is that of the
// equations alone.
func BenchmarkVerifyDisclosure(b *testing.B) {
	require2048(b)
	list := prove(show{shared().age, []int{1, 4}})
	b.Run("path=gabi", func(b *testing.B) {
		for b.Loop() {
			if !equationsHold(b, list, ageLimits) {
				b.Fatal("not valid")
			}
		}
	})
	d := disclosure(list, at(0, 4))
	req := request("irmad-demo.gov.ageLimits.over18")
	byPath(b, func(e *idemix.Engine) {
		if verdict, err := e.VerifyDisclosure(demoSet(), req, d, now); err != nil || verdict.Status != irma.ProofValid {
			b.Fatal(verdict, err)
		}
	})
}

// A proof that breaks a rule costs next to nothing.
func BenchmarkRefuseDisclosure(b *testing.B) {
	require2048(b)
	d := disclosure(prove(show{shared().age, []int{1, 4}}), at(0, 4))
	d.Proofs[0].D.AResponses[4] = irma.NewInt(0)
	req := request("irmad-demo.gov.ageLimits.over18")
	for b.Loop() {
		if verdict, err := idemix.VerifyDisclosure(demoSet(), req, d, now); err != nil || verdict.Status != irma.ProofInvalid {
			b.Fatal(verdict, err)
		}
	}
}

func BenchmarkVerifyCommitments(b *testing.B) {
	require2048(b)
	req := issuance(offer(ageLimits, ages))
	c := newWallet().commit(req)
	b.Run("path=gabi", func(b *testing.B) {
		for b.Loop() {
			if !equationsHold(b, c.proofs, ageLimits) {
				b.Fatal("not valid")
			}
		}
	})
	m := c.message()
	byPath(b, func(e *idemix.Engine) {
		if verdict, err := e.VerifyCommitments(demoSet(), req, m, now); err != nil || verdict.Status != irma.ProofValid {
			b.Fatal(verdict, err)
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	require2048(b)
	req := issuance(offer(ageLimits, ages))
	m := newWallet().commit(req).message()
	for b.Loop() {
		if _, err := idemix.Issue(demoSet(), req, m, now); err != nil {
			b.Fatal(err)
		}
	}
}
