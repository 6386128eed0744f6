package shape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

var (
	text   = &shape.Shape{Want: "a string", Kinds: shape.String}
	number = &shape.Shape{Want: "an even number", Kinds: shape.Number, Check: func(b []byte) string {
		if strings.ContainsAny(string(b[len(b)-1:]), "13579") {
			return "expected an even number"
		}
		return ""
	}}
	person = &shape.Shape{Want: "a person", Hint: "see the manual", Kinds: shape.Object, NotNull: true, Fields: []shape.Field{
		{Name: "name", Shape: text},
		{Name: "years", Shape: number},
		{Name: "secret", Shape: shape.Ignored},
		{Name: "any"},
		{Name: "nick", Shape: &shape.Shape{Want: "a string or a list", Kinds: shape.String | shape.List, Elem: text}},
	}}
	people = &shape.Shape{Want: "people", Kinds: shape.Object, MaxLen: 2, Values: &shape.Shape{
		Want: "a list of people", Kinds: shape.List, Elem: person, MaxLen: 3,
	}, Key: func(key string) string {
		if key == "" {
			return "expected a name"
		}
		return ""
	}}
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in string
		problem  string
		data     string // "" when the input is returned
		unknown  []string
	}{
		{name: "fits", in: ` { "a" : [ { "name" : "x" , "years" : 2 } , { } ] , "b" : null } `},
		{name: "empty", in: `{}`},
		{name: "null", in: `null`},
		{name: "anything", in: `{"a":[{"any":{"x":[1,{"y":"]}\""}]},"name":"x"}]}`},
		{name: "either", in: `{"a":[{"nick":["a"]},{"nick":"b"}]}`},
		{name: "case", in: `{"a":[{"NAME":"x"}]}`},
		{name: "kind", in: `[]`, problem: `$: expected people, found a list`},
		{name: "hint", in: `{"a":["x"]}`, problem: `$.a[0]: expected a person, found a string; see the manual`},
		{name: "null where none may be", in: `{"a":[{},null]}`, problem: `$.a[1]: expected a person, found null; see the manual`},
		{name: "field", in: `{"a":[{"Name":true}]}`, problem: `$.a[0].name: expected a string, found a boolean`},
		{name: "element", in: `{"a":[{"nick":["a",1]}]}`, problem: `$.a[0].nick[1]: expected a string, found a number`},
		{name: "check", in: `{"a":[{"years":3}]}`, problem: `$.a[0].years: expected an even number`},
		{name: "key", in: `{"":[]}`, problem: `$[""]: expected a name`},
		{name: "odd key", in: `{"a b\n":5}`, problem: `$["a b\n"]: expected a list of people, found a number`},
		{name: "long key", in: `{"` + strings.Repeat("é", 100) + `":5}`, problem: `$["` + strings.Repeat("é", 50) + `…"]: expected a list of people, found a number`},
		{name: "list too long", in: `{"a":[{},{},{},{}]}`, problem: `$.a: has more than 3 elements`},
		{name: "map too big", in: `{"a":[],"b":[],"c":[]}`, problem: `$: has more than 2 members`},
		{name: "misspelt", in: `{"a":[{"nmae":"x"}]}`, problem: `$.a[0].nmae: unknown key, did you mean "name"?`},
		{name: "not misspelt when present", in: `{"a":[{"nmae":"x","name":"y"}]}`,
			data: `{"a":[{"____":"x","name":"y"}]}`, unknown: []string{"$.a[0].nmae"}},
		{name: "unknown", in: `{"a":[{"x\"y":[{"z":1}]},{"other":1}]}`,
			data: `{"a":[{"____":[{"z":1}]},{"_____":1}]}`, unknown: []string{`$.a[0]["x\"y"]`, "$.a[1].other"}},
		{name: "repeated", in: `{"a":[{"name":"x","Name":"y","years":2,"name":"z"}]}`, data: `{"a":[{"____":"x","____":"y","years":2,"name":"z"}]}`},
		{name: "repeated with a wrong value", in: `{"a":[{"name":1,"name":"y"}]}`, problem: `$.a[0].name: expected a string, found a number`},
		{name: "ignored", in: `{"a":[{"secret":[1]}]}`, data: `{"a":[{"______":[1]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, problem := shape.Check([]byte(test.in), "$", people)
			if problem != nil {
				if diff := cmp.Diff(test.problem, problem.Error()); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				return
			}
			if test.problem != "" {
				t.Fatalf("no problem, want %s", test.problem)
			}
			want := test.data
			if want == "" {
				want = test.in
			}
			if diff := cmp.Diff(want, string(got.Data)); diff != "" {
				t.Errorf("data (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.unknown, got.Unknown); diff != "" {
				t.Errorf("unknown (-want +got)\n%s", diff)
			}
		})
	}
}

func TestCheckLenient(t *testing.T) {
	t.Parallel()
	got, problem := shape.CheckLenient([]byte(`{"a":[{"nmae":"x"}]}`), "$", people)
	if problem != nil || got.Unknown != nil {
		t.Errorf("got %v, %v", problem, got.Unknown)
	}
	if diff := cmp.Diff(`{"a":[{"____":"x"}]}`, string(got.Data)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestManyUnknown bounds what strangers can make us remember.
func TestManyUnknown(t *testing.T) {
	t.Parallel()
	member := `"x1":0,`
	got, problem := shape.Check([]byte(`{"a":[{`+strings.Repeat(member, 5000)+`"name":"y"}]}`), "$", people)
	if problem != nil {
		t.Fatal(problem)
	}
	if len(got.Unknown) != 20 {
		t.Errorf("remembered %d unknown members", len(got.Unknown))
	}
}

func TestMisspelling(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		word, name string
		want       int
	}{
		{"disclose", "disclose", 0},
		{"discolse", "disclose", 1},
		{"discloses", "disclose", 1},
		{"disclse", "disclose", 1},
		{"discloze", "disclose", 1},
		{"dsicolse", "disclose", 2},
		{"callback_url", "callbackUrl", 0},
		{"skip-expiry-check", "skipExpiryCheck", 0},
		{"tpye", "type", 1},
		{"tyep", "type", 1},
		{"typo", "type", 1},
		{"tip", "type", -1},
		{"ulr", "url", -1},
		{"disclosure", "disclose", 2},
		{"hostess", "host", -1},
		{"", "type", -1},
	} {
		if got := shape.Misspelling(test.word, test.name); got != test.want {
			t.Errorf("%s for %s: got %d, want %d", test.word, test.name, got, test.want)
		}
	}
}

func TestScannerMembers(t *testing.T) {
	t.Parallel()
	scanner := shape.NewScanner([]byte(` { "a" : "x\ty" , "b\u0063" : [ 1 , { "c" : "]" } ] , "d":-1.5e3}`))
	var got []string
	scanner.Members(func(key string) bool {
		if scanner.Kind() == shape.String {
			got = append(got, key, scanner.Text())
			return true
		}
		got = append(got, key, scanner.Kind().String(), string(scanner.Skip()))
		return true
	})
	want := []string{"a", "x\ty", "bc", "a list", `[ 1 , { "c" : "]" } ]`, "d", "a number", "-1.5e3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestScannerManyEscapes has texts of as many bytes as bodies may have, of which each
// second one is escaped: looking for the end again after each would take minutes.
func TestScannerManyEscapes(t *testing.T) {
	t.Parallel()
	const count = 5 << 20
	for _, escape := range []string{`\n`, `\"`, `\\`} {
		text := `"` + strings.Repeat(escape, count) + `"`
		if got := shape.NewScanner([]byte(text + ",")).Skip(); string(got) != text {
			t.Errorf("of %s %d bytes are skipped, want %d", escape, len(got), len(text))
		}
		if got := shape.NewScanner([]byte("{" + text + ":1}")).Keys(); len(got) != 1 || len(got[0]) != count {
			t.Errorf("a name of %s is read as %d names", escape, len(got))
		}
	}
}

// FuzzCheck compares the scanner with encoding/json: whatever fits must decode
// into the types that the shape describes, and keep its values.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"a":[{"name":"x","years":2,"nick":["\u00e9"],"NAME":"y","zzzzz":1}],"a":null}`))
	f.Add([]byte(`{"\ud800":[{"na\u006de":"\\"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		result, problem := shape.Check(data, "$", people)
		if problem != nil {
			return
		}
		var decoded map[string][]struct {
			Name   string `json:"name"`
			Years  any    `json:"years"`
			Secret *int   `json:"secret"`
			Any    any    `json:"any"`
			Nick   any    `json:"nick"`
		}
		if err := json.Unmarshal(result.Data, &decoded); err != nil {
			t.Fatalf("%s does not decode: %v", result.Data, err)
		}
		for _, persons := range decoded {
			for _, p := range persons {
				if p.Secret != nil {
					t.Fatal("an ignored member was decoded")
				}
			}
		}
		if len(result.Data) != len(data) {
			t.Fatal("length changed")
		}
	})
}
