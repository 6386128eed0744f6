package shape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// FuzzValid compares Valid with encoding/json.
func FuzzValid(f *testing.F) {
	for _, text := range []string{
		``, ` `, `null`, ` true `, `false`, `nul`, `nulll`, `tru`, `"`, `""`, `"a"x`, `"\"\\\/\b\f\n\r\t\u00eF"`, `"\u00e"`, `"\u00eg"`, `"\x"`, `"\`,
		"\"\x1f\"", "\"\x00\"", "\"\x7f\xff\"", "\x00", `0`, `-`, `-0`, `01`, `1.`, `1.5e+07`, `1e`, `1e-`, `.5`, `+1`, `-1.5E5`, `1 2`,
		`[]`, `[ ]`, `[1,]`, `[,1]`, `[1 , 2]`, `[1 2]`, `[`, `]`, `{}`, `{ "a" : 1 , "b":[{}] }`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1,}`, `{"a":1]`, `{1:1}`,
		strings.Repeat("[", 64) + strings.Repeat("]", 64), strings.Repeat("[", 65) + strings.Repeat("]", 65),
		strings.Repeat(`{"a":`, 70) + `1` + strings.Repeat("}", 70), strings.Repeat("[", 10000) + strings.Repeat("]", 10000),
		strings.Repeat("[", 10001) + strings.Repeat("]", 10001), strings.Repeat("[", 70),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, want := shape.Valid(data), json.Valid(data); got != want {
			t.Fatalf("%.200q is valid: %t, want %t", data, got, want)
		}
	})
}
