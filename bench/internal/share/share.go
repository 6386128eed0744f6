// Package share tells from a processor profile of irmad what it works on.
package share

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/pprof/profile"
)

// Part is a kind of work.
type Part struct {
	Name       string
	Arithmetic bool    // multiplying modulo the numbers of keys, or inverting
	Share      float64 // of the profile
}

// rule says by the names of functions what a sample belongs to.
type rule struct {
	name       string
	arithmetic bool
	functions  *regexp.Regexp
}

// rules are tried in order, each on all functions on the stack, since one that
// multiplies may have been interrupted or inlined.
var rules = []rule{
	{"search for primes", true, regexp.MustCompile(`idemix\.\(\*primeSearch\)`)},
	{"modular multiplication", true, regexp.MustCompile(`idemix/internal/modexp\.(ifma|adx|twoRows|(mul|sqr|double|reduce|settle)Rows|\(\*(ifma|adx|rows|portable)\)\.)`)},
	{"modular inverses", true, regexp.MustCompile(`math/big\.\(\*Int\)\.(ModInverse|GCD)`)},
	{"garbage collection", false, regexp.MustCompile(`runtime\.(gcBgMarkWorker|gcAssistAlloc|bgsweep|bgscavenge|gcStart|sweepone|\(\*mheap\)|wbBufFlush)`)},
	{"kernel", false, regexp.MustCompile(`^(syscall|internal/runtime/syscall)[./]|runtime\.(futex|epollwait|netpoll|usleep|write1)`)},
	{"powers: digits and tables", false, regexp.MustCompile(`idemix/internal/modexp\.`)},
	{"decoding of the wallet's message", false, regexp.MustCompile(`irma\.Parse(Disclosure|IssueCommitment)`)},
	{"rest of idemix", false, regexp.MustCompile(`irmaserver/idemix\.`)},
	{"logging", false, regexp.MustCompile(`^go\.uber\.org/zap`)},
	{"sessions", false, regexp.MustCompile(`irmad/irmaserver(/store.*|/irma|/internal.*|/callback)?\.`)},
	{"HTTP", false, regexp.MustCompile(`^net/http\.|irmaserver/transport|^main\.`)},
	{"scheduling", false, regexp.MustCompile(`^runtime\.`)},
}

// Of returns the parts of a processor profile, all of them, in a fixed order.
func Of(data []byte) ([]Part, error) {
	parsed, err := profile.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	var out []Part
	for _, r := range rules {
		out = append(out, Part{Name: r.name, Arithmetic: r.arithmetic})
	}
	out = append(out, Part{Name: "other"})
	var total float64
	for _, sample := range parsed.Sample {
		value := float64(sample.Value[len(sample.Value)-1])
		out[partOf(sample)].Share += value
		total += value
	}
	if total == 0 {
		return nil, fmt.Errorf("the profile has no samples")
	}
	for i := range out {
		out[i].Share /= total
	}
	return out, nil
}

// partOf returns the number of the rule, or how many rules there are.
func partOf(sample *profile.Sample) int {
	var names []string
	for _, location := range sample.Location {
		for _, line := range location.Line {
			if line.Function != nil {
				names = append(names, line.Function.Name)
			}
		}
	}
	for i, r := range rules {
		for _, name := range names {
			if r.functions.MatchString(name) {
				return i
			}
		}
	}
	return len(rules)
}

// Table returns the parts as a table, for sessions that take so many seconds each.
func Table(parts []Part, each float64) string {
	var out strings.Builder
	var sum float64
	fmt.Fprintf(&out, "| work | share | time per session |\n|---|---|---|\n")
	for _, p := range parts {
		name := p.Name
		if p.Arithmetic {
			sum += p.Share
			name += " (arithmetic)"
		}
		fmt.Fprintf(&out, "| %s | %.1f %% | %.0f µs |\n", name, 100*p.Share, 1e6*each*p.Share)
	}
	fmt.Fprintf(&out, "| **arithmetic** | **%.1f %%** | %.0f of %.0f µs |\n", 100*sum, 1e6*each*sum, 1e6*each)
	return out.String()
}
