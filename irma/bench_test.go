package irma_test

import (
	"testing"

	"github.com/irmad/irmaserver/irma"
)

func BenchmarkParseRequest(b *testing.B) {
	for _, bench := range []struct{ name, in string }{
		{"small", `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irma-demo.RU.studentCard.level"]]]}`},
		{"usual", `{"validity":60,"timeout":60,"callbackUrl":"https://example.com/cb","request":{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irma-demo.RU.studentCard.studentID","irma-demo.RU.studentCard.level"]],[[{"type":"irma-demo.RU.studentCard.university","value":"Radboud"}]],[[],["irma-demo.MijnOverheid.root.BSN"]]],"labels":{"0":{"en":"Student","nl":"Student"}},"clientReturnUrl":"https://example.com/done"}}`},
		{"misspelt", `{"@context":"https://irma.app/ld/request/disclosure/v2","discolse":[[["irma-demo.RU.studentCard.level"]]]}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.in)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = irma.ParseRequest([]byte(bench.in))
			}
		})
	}
}

func BenchmarkParseDisclosure(b *testing.B) {
	data := readWire(b, "testdata/wire/disclosure.json")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := irma.ParseDisclosure(data); err != nil {
			b.Fatal(err)
		}
	}
}
