package idemix_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// Engines judge as gabi does, whatever single number of an honest message
// changes.
func TestEnginesJudgeAsGabi(t *testing.T) {
	t.Parallel()
	req := request("irmad-demo.gov.ageLimits.over18")
	plusOne := func(x *big.Int) { x.Add(x, big.NewInt(1)) }
	for name, change := range map[string]func(*gabi.ProofD){
		"honest":       func(*gabi.ProofD) {},
		"c":            func(p *gabi.ProofD) { plusOne(p.C) },
		"A":            func(p *gabi.ProofD) { plusOne(p.A) },
		"e_response":   func(p *gabi.ProofD) { plusOne(p.EResponse) },
		"v_response":   func(p *gabi.ProofD) { plusOne(p.VResponse) },
		"secret key":   func(p *gabi.ProofD) { plusOne(p.AResponses[0]) },
		"hidden":       func(p *gabi.ProofD) { plusOne(p.AResponses[5]) },
		"disclosed":    func(p *gabi.ProofD) { p.ADisclosed[4] = big.NewInt(3) },
		"absent":       func(p *gabi.ProofD) { p.ADisclosed[4] = big.NewInt(0) },
		"hidden: lost": func(p *gabi.ProofD) { delete(p.AResponses, 5) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := prove(show{shared().age, []int{1, 4}})
			proof := proofD(list, 0)
			proof.ADisclosed = copyMap(proof.ADisclosed)
			change(proof)
			message := disclosure(list, at(0, 4))
			want := irma.ProofInvalid
			if equationsHold(t, list, ageLimits) {
				want = irma.ProofValid
			}
			if (want == irma.ProofValid) != (name == "honest") {
				t.Fatalf("gabi says %s", want)
			}
			for path, e := range engines() {
				got, err := e.VerifyDisclosure(demoSet(), req, message, now)
				if err != nil || got.Status != want {
					t.Errorf("%s: got %+v, %v; want %s", path, got, err, want)
				}
			}
		})
	}
}

func copyMap(values map[int]*big.Int) map[int]*big.Int {
	out := make(map[int]*big.Int, len(values))
	for i, x := range values {
		out[i] = new(big.Int).Set(x)
	}
	return out
}

func TestEnginesVerifyCommitments(t *testing.T) {
	t.Parallel()
	req := issuance(offer(ballot, map[string]string{"election": "council"}), offer(ageLimits, ages))
	honest, changed := newWallet().commit(req).message(), newWallet().commit(req).message()
	changed.Proofs[0].U.VPrimeResponse = irma.NewInt(1)
	for path, e := range engines() {
		if got := must(e.VerifyCommitments(demoSet(), req, honest, now)); got.Status != irma.ProofValid {
			t.Errorf("%s: honest commitments: %s (%s)", path, got.Status, got.Reason)
		}
		if got := must(e.VerifyCommitments(demoSet(), req, changed, now)); got.Status != irma.ProofInvalid {
			t.Errorf("%s: changed commitments: %s", path, got.Status)
		}
	}
}

func TestUnknownArithmetic(t *testing.T) {
	t.Parallel()
	_, err := idemix.NewEngine(idemix.EngineConfig{Arithmetic: "abacus"})
	if err == nil || !strings.Contains(err.Error(), "EngineConfig.Arithmetic") {
		t.Errorf("got error %v, want one about EngineConfig.Arithmetic", err)
	}
}

// Many goroutines make and use the tables of several keys at once, with a
// budget that drops some of them all the time.
func TestTablesAreMadeConcurrently(t *testing.T) {
	t.Parallel()
	r := newRandom(11)
	type work struct {
		key   *gabikeys.PublicKey
		proof *gabi.ProofD
		ours  *irma.ProofD
	}
	var list []work
	for range 4 {
		key := r.key(1024, 6)
		proof := r.proofD(key, 4, 2)
		list = append(list, work{key, proof, wire[irma.ProofD](proof)})
	}
	for name, budget := range map[string]int64{"room for all": 0, "room for two": 1300 << 10, "room for one table": 50 << 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := must(idemix.NewEngine(idemix.EngineConfig{TableBudget: budget}))
			var wg sync.WaitGroup
			for i := range 16 {
				wg.Go(func() {
					w := list[i%len(list)]
					got, err := idemix.ContributionsD(e, w.key, w.ours)
					if err != nil || got[1].Cmp(must(w.proof.ChallengeContribution(w.key))[1].Go()) != 0 {
						t.Errorf("goroutine %d: wrong commitment, error %v", i, err)
					}
				})
			}
			wg.Wait()
			if used, _ := idemix.TablesInUse(e); budget > 0 && used > budget {
				t.Errorf("tables take %d bytes, more than the budget of %d", used, budget)
			}
		})
	}
}

// The budget holds, the keys used last stay, and what has no room is computed
// without tables.
func TestTableBudget(t *testing.T) {
	t.Parallel()
	r := newRandom(12)
	var keys []*gabikeys.PublicKey
	var proofs []*gabi.ProofD
	for range 4 {
		keys = append(keys, r.key(1024, 4))
		proofs = append(proofs, r.proofD(keys[len(keys)-1], 2, 1))
	}
	use := func(e *idemix.Engine, i int) {
		t.Helper()
		got, err := idemix.ContributionsD(e, keys[i], wire[irma.ProofD](proofs[i]))
		wantContributions(t, fmt.Sprint("key ", i), got, err, contributionsOf(proofs[i], keys[i]))
	}
	unlimited := must(idemix.NewEngine(idemix.EngineConfig{}))
	use(unlimited, 0)
	each, _ := idemix.TablesInUse(unlimited)
	use(unlimited, 0)
	if again, count := idemix.TablesInUse(unlimited); again != each || count != 1 {
		t.Errorf("the same key again: %d bytes for %d keys, want %d for 1", again, count, each)
	}

	type state struct {
		Bytes int64
		Keys  int
		Kept  []bool
	}
	observe := func(e *idemix.Engine) state {
		bytes, count := idemix.TablesInUse(e)
		s := state{Bytes: bytes, Keys: count}
		for _, key := range keys {
			s.Kept = append(s.Kept, idemix.HasTables(e, key))
		}
		return s
	}
	two := must(idemix.NewEngine(idemix.EngineConfig{TableBudget: 2*each + each/2}))
	for _, step := range []struct {
		use  int
		want state
	}{
		{0, state{each, 1, []bool{true, false, false, false}}},
		{1, state{2 * each, 2, []bool{true, true, false, false}}},
		{2, state{2 * each, 2, []bool{false, true, true, false}}},
		{1, state{2 * each, 2, []bool{false, true, true, false}}},
		{3, state{2 * each, 2, []bool{false, true, false, true}}},
	} {
		use(two, step.use)
		if diff := cmp.Diff(step.want, observe(two)); diff != "" {
			t.Errorf("after key %d (-want +got):\n%s", step.use, diff)
		}
	}

	tiny := must(idemix.NewEngine(idemix.EngineConfig{TableBudget: 1}))
	use(tiny, 0)
	if got, _ := idemix.TablesInUse(tiny); got > 1 {
		t.Errorf("%d bytes, more than the budget of 1", got)
	}
	part := must(idemix.NewEngine(idemix.EngineConfig{TableBudget: each / 2}))
	for i := range keys {
		use(part, i)
		if got, _ := idemix.TablesInUse(part); got > each/2 || got == 0 {
			t.Errorf("%d bytes, want some within the budget of %d", got, each/2)
		}
	}
}
