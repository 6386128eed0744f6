package share_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/irmad/irmaserver/bench/internal/share"
)

const module = "github.com/irmad/irmaserver"

// stacks makes a profile of one sample per stack, each from the inside out, that
// weighs as much as its number from 1 on.
func stacks(t *testing.T, all ...[]string) []byte {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}}}
	for i, stack := range all {
		sample := &profile.Sample{Value: []int64{1, int64(i + 1)}}
		for _, name := range stack {
			f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
			l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f}}}
			p.Function, p.Location = append(p.Function, f), append(p.Location, l)
			sample.Location = append(sample.Location, l)
		}
		p.Sample = append(p.Sample, sample)
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOf(t *testing.T) {
	t.Parallel()
	verify := []string{module + "/idemix/internal/modexp.(*Modulus).run", module + "/idemix.(*Engine).VerifyDisclosure", module + ".walletAPI.post", "net/http.(*conn).serve"}
	below := func(names ...string) []string { return append(names, verify...) }
	parts, err := share.Of(stacks(t,
		below(module+"/idemix/internal/modexp.ifmaMul40"),
		below("runtime.memmove", module+"/idemix/internal/modexp.(*portable).mul"),
		below("runtime.mallocgc"),
		append([]string{"math/big.(*Int).GCD"}, verify[1:]...),
		[]string{"internal/runtime/syscall/linux.Syscall6", "syscall.write", "net/http.(*conn).serve"},
		[]string{"runtime.scanobject", "runtime.gcBgMarkWorker"},
		[]string{"runtime.findRunnable"},
		[]string{"encoding/json.Marshal", module + ".(*record).finish", "net/http.(*conn).serve"},
		[]string{"unknown"},
		below(module+"/idemix/internal/modexp.adxProduct"),
		below(module+"/idemix/internal/modexp.sqrRows8", module+"/idemix/internal/modexp.(*rows).sqr"),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"modular multiplication": 24, "powers: digits and tables": 3, "modular inverses": 4, "kernel": 5,
		"garbage collection": 6, "scheduling": 7, "sessions": 8, "other": 9,
	}
	var arithmetic float64
	for _, p := range parts {
		if got := p.Share * 66; got < want[p.Name]-0.01 || got > want[p.Name]+0.01 {
			t.Errorf("%s has %v of 66, want %v", p.Name, got, want[p.Name])
		}
		if p.Arithmetic {
			arithmetic += p.Share * 66
		}
	}
	if table := share.Table(parts, 1e-3); arithmetic < 27.99 || arithmetic > 28.01 || !strings.Contains(table, "**42.4 %** | 424 of 1000 µs") {
		t.Errorf("arithmetic is %v of 66, want 28:\n%s", arithmetic, table)
	}
}

func TestOfNothing(t *testing.T) {
	t.Parallel()
	if parts, err := share.Of(stacks(t)); err == nil {
		t.Errorf("got %v", parts)
	}
	if parts, err := share.Of([]byte("no profile")); err == nil {
		t.Errorf("got %v", parts)
	}
}
