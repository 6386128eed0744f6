package scheme_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Size of a generated scheme: per issuer it has what those in production have on
// average, which are 78 issuers together.
const (
	benchIssuers = 80
	benchLogo    = 47_000 // bytes
)

func typesOf(issuers int) int { return issuers * 5 / 2 }

func keysOf(issuers int) int { return issuers * 2 }

// benchSchemes names a directory of schemes to load instead of a generated one.
const benchSchemes = "IRMASERVER_BENCH_SCHEMES"

// BenchmarkLoad loads schemes of several sizes, and those in a directory that the
// environment may name. Everything is read, as at every start of a server; heap-B
// is what then stays in memory.
func BenchmarkLoad(b *testing.B) {
	for _, issuers := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("issuers=%d", issuers), func(b *testing.B) { benchLoad(b, generate(b, issuers)) })
	}
	if dir := os.Getenv(benchSchemes); dir != "" {
		b.Run("given", func(b *testing.B) { benchLoad(b, dir) })
	}
}

func benchLoad(b *testing.B, dir string) {
	b.ReportAllocs()
	var set *scheme.Set
	for b.Loop() {
		var err error
		if set, err = scheme.LoadDir(dir, scheme.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	for range set.Schemes() {
		reportHeap(b, dir)
		return
	}
	b.Fatalf("nothing loaded: %v", set.Problems())
}

// reportHeap reports what a loaded set occupies.
func reportHeap(b *testing.B, dir string) { b.ReportMetric(float64(heapOf(b, dir)), "heap-B") }

func heapOf(tb testing.TB, dir string) int64 {
	tb.Helper()
	heap := func() int64 {
		runtime.GC()
		runtime.GC() // pools are emptied by the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	after := heap()
	runtime.KeepAlive(set)
	return after - before
}

// A set keeps descriptions and keys, and none of the logos, which are most of what
// is read. It does not run beside other tests, whose memory it would measure.
func TestLoadedSize(t *testing.T) {
	const issuers = 20
	dir := generate(t, issuers)
	least, most := int64(keysOf(issuers)*10_000), int64(issuers*100_000)
	if got := heapOf(t, dir); got < least || got > most {
		t.Errorf("%d issuers take %d bytes, want %d to %d", issuers, got, least, most)
	}
}

// BenchmarkPublicKey parses a key of 2048 bits, or gets it from the cache.
func BenchmarkPublicKey(b *testing.B) {
	dir := generate(b, benchIssuers)
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("first", func(b *testing.B) {
		for i := 0; b.Loop(); i = (i + 1) % benchIssuers {
			if i == 0 { // all keys have been parsed
				b.StopTimer()
				if set, err = scheme.LoadDir(dir, scheme.Options{}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			if _, err := set.PublicKey(irma.IssuerID(fmt.Sprintf("bench.issuer%d", i)), 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := set.PublicKey("bench.issuer1", 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// BenchmarkCheckRequest checks a request that is right and one with a typing
// error, which costs a search for what was meant.
func BenchmarkCheckRequest(b *testing.B) {
	set, err := scheme.LoadDir(generate(b, benchIssuers), scheme.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for name, attr := range map[string]irma.AttributeTypeID{"right": "bench.issuer0.type0.a0", "typo": "bench.issuer0.typo0.a0"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			req := irma.NewDisclosureRequest(attr)
			for b.Loop() {
				if err := set.CheckRequest(req, now); (err == nil) != (name == "right") {
					b.Fatal(err)
				}
			}
		})
	}
}

// generate makes and signs a scheme in a new directory, and returns the
// directory above it. Its keys have the right shape and size, but nobody knows
// their factors.
func generate(tb testing.TB, issuers int) string {
	tb.Helper()
	rng, noise := rand.New(rand.NewPCG(1, 2)), rand.NewChaCha8([32]byte{})
	tr := tree{"description.xml": `<SchemeManager version="7"><Id>bench</Id><Demo>true</Demo></SchemeManager>`}
	logo := func(dir string) {
		bytes := make([]byte, benchLogo)
		_, _ = noise.Read(bytes) // never fails
		tr[dir+"/logo.png"] = string(bytes)
	}
	for i := range issuers {
		dir := fmt.Sprintf("issuer%d", i)
		tr[dir+"/description.xml"] = fmt.Sprintf(`<Issuer version="4"><ID>%s</ID><SchemeManager>bench</SchemeManager></Issuer>`, dir)
		logo(dir)
	}
	for i := range keysOf(issuers) {
		tr[fmt.Sprintf("issuer%d/PublicKeys/%d.xml", i%issuers, i/issuers)] = benchKey(rng, i/issuers)
	}
	for i := range typesOf(issuers) {
		dir := fmt.Sprintf("issuer%d/Issues/type%d", i%issuers, i)
		tr[dir+"/description.xml"] = benchType(i%issuers, i)
		logo(dir)
	}
	files := tree{}
	for name, content := range tr {
		files["bench/"+name] = content
	}
	dir := tb.TempDir()
	writeTree(tb, dir, files)
	if err := scheme.Sign(filepath.Join(dir, "bench"), newKey(tb), now); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func benchKey(rng *rand.Rand, counter int) string {
	digits := func(n int) string {
		var out strings.Builder
		for range n {
			out.WriteByte('1' + byte(rng.IntN(9)))
		}
		return out.String()
	}
	// Powers of two are invertible modulo any odd number.
	power := func(n uint) string { return new(big.Int).Lsh(big.NewInt(1), n).String() }
	var bases strings.Builder
	for i := range uint(16) {
		fmt.Fprintf(&bases, "<Base_%d>%s</Base_%d>\n", i, power(2000+i), i)
	}
	// 2^2047 has 617 digits and begins with 16; an odd number from 2 to 3 times
	// 10^616 has 2048 bits.
	n := "2" + digits(615) + "1"
	return fmt.Sprintf(`<IssuerPublicKey xmlns="http://www.zurich.ibm.com/security/idemix"><Counter>%d</Counter><ExpiryDate>2500000000</ExpiryDate>
<Elements><n>%s</n><Z>%s</Z><S>%s</S><Bases num="16">%s</Bases></Elements></IssuerPublicKey>`, counter, n, power(2046), power(2045), bases.String())
}

func benchType(issuer, number int) string {
	var attrs strings.Builder
	for i := range 7 {
		fmt.Fprintf(&attrs, "\t\t<Attribute id=\"a%d\">\n\t\t\t<Name>\n\t\t\t\t<en>Attribute</en>\n\t\t\t\t<nl>Attribuut</nl>\n\t\t\t</Name>\n"+
			"\t\t\t<Description>\n\t\t\t\t<en>What it says</en>\n\t\t\t\t<nl>Wat er staat</nl>\n\t\t\t</Description>\n\t\t</Attribute>\n", i)
	}
	return fmt.Sprintf("<IssueSpecification version=\"4\">\n\t<CredentialID>type%d</CredentialID>\n\t<IssuerID>issuer%d</IssuerID>\n"+
		"\t<SchemeManager>bench</SchemeManager>\n\t<Name>\n\t\t<en>Demo Type</en>\n\t</Name>\n\t<Attributes>\n%s\t</Attributes>\n</IssueSpecification>",
		number, issuer, attrs.String())
}
