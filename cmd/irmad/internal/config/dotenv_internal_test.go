package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeEnv(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]any{
		"":                                  {},
		"# nothing\n\n":                     {},
		"PORT=1\r\nexport url = http://a\n": {"PORT": "1", "url": "http://a"},
		"A=b # c\nD=e#f":                    {"A": "b", "D": "e#f"},
		"A=":                                {},
		`A='b # "c" \n' # d`:                {"A": `b # "c" \n`},
		`KEY="line\nline \"a\" \\n"`:        {"KEY": "line\nline \"a\" \\n"},
		`R={"App":{"key":"x"}}`:             {"R": `{"App":{"key":"x"}}`},
		"A=b=c":                             {"A": "b=c"},
		"word":                              nil,
		"=x":                                nil,
		`A="b`:                              nil,
		`A="b"c`:                            nil,
		"A='b\nB=c'":                        nil,
	} {
		got, err := decodeEnv([]byte(text))
		if (err != nil) != (want == nil) {
			t.Errorf("%q: got error %v", text, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "line 1") {
			t.Errorf("%q: error does not tell the line: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// FuzzDecode reads files of any contents.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"a.json", "a.toml", "a.yaml", "a.env", "a"} {
		f.Add(name, []byte(`{"port": 1}`))
		f.Add(name, []byte("port = \"1\" # a\n"))
		f.Add(name, []byte("port: [1, '2']\n"))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		values, err := decode(name, data)
		if err != nil {
			return
		}
		l := layer{values, func(key string) string { return key }, func(key string) string { return key }}
		if found, err := l.checked(); err == nil && len(found.values) > len(values) {
			t.Errorf("%d values of %d keys", len(found.values), len(values))
		}
	})
}
