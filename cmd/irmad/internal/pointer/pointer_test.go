package pointer_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/pointer"
	"github.com/irmad/irmaserver/irma"
)

const pointerJSON = `{"u":"https://example.com/irma/session/a%20b","irmaqr":"disclosing"}`

func TestParse(t *testing.T) {
	t.Parallel()
	want := irma.SessionPointer{URL: "https://example.com/irma/session/a%20b", Action: irma.Disclosing}
	escaped := url.PathEscape(pointerJSON)
	for name, text := range map[string]string{
		"pointer":        pointerJSON,
		"spaces":         "\n " + pointerJSON + "\n",
		"QR of today":    "https://open.yivi.app/-/session#" + escaped,
		"QR of a page":   "https://open.yivi.app/-/session#" + url.PathEscape(strings.Replace(pointerJSON, "{", `{"continueOnSecondDevice":true,`, 1)),
		"older QR":       "https://irma.app/-/session#" + escaped,
		"app link":       "irma://qr/json/" + escaped,
		"Android link":   "intent://qr/json/" + escaped + "#Intent;package=org.irmacard.cardemu;scheme=irma;l.timestamp=1;end",
		"package":        `{"sessionPtr":` + pointerJSON + `,"token":"x","frontendRequest":{"authorization":"y"}}`,
		"other members":  strings.Replace(pointerJSON, "{", `{"x":[1],`, 1),
		"other spelling": strings.Replace(pointerJSON, ":", " : ", 1),
	} {
		got, err := pointer.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, text := range []string{"", "x", "{", "[]", "{}", `{"u":"x"}`, `{"irmaqr":"signing"}`, `{"u":5,"irmaqr":"signing"}`,
		`{"sessionPtr":{}}`, pointerJSON + "x", "irma://qr/json/%zz", "irma://qr/json/", "https://example.com/irma/session/x"} {
		if ptr, err := pointer.Parse(text); err == nil {
			t.Errorf("took %q for %+v", text, ptr)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(pointerJSON)
	f.Add("irma://qr/json/" + url.PathEscape(pointerJSON))
	f.Add(`{"sessionPtr":` + pointerJSON + `}`)
	f.Fuzz(func(t *testing.T, text string) {
		ptr, err := pointer.Parse(text)
		if err != nil {
			return
		}
		encoded, err := json.Marshal(ptr)
		if err != nil {
			t.Fatal(err)
		}
		again, err := pointer.Parse("https://open.yivi.app/-/session#" + url.PathEscape(string(encoded)))
		if err != nil || again != ptr {
			t.Errorf("%+v became %+v, %v", ptr, again, err)
		}
	})
}
