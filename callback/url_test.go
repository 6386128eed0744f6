package callback_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/callback"
)

func TestCallbackURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"http://h":              "http://h/",
		"http://h/":             "http://h/",
		"http://h/cb1":          "http://h/cb1/",
		"http://h/cb1/":         "http://h/cb1/",
		"http://h/a%2Fb":        "http://h/a%2Fb/",
		"http://h:8080/cb":      "http://h:8080/cb/",
		"http://h/cb1?x=y":      "http://h/cb1?x=y",
		"http://h/cb1/?x=y":     "http://h/cb1/?x=y",
		"http://h/cb1?":         "http://h/cb1?",
		"http://h?x=y":          "http://h?x=y",
		"http://h/cb1?x=/":      "http://h/cb1?x=/",
		"http://h/cb1#fragment": "http://h/cb1#fragment",
		"http://h/cb1#":         "http://h/cb1#",
		"https://u:p@h/cb":      "https://u:p@h/cb/",
		"://":                   "://",
	} {
		if got := callback.CallbackURL(given); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://user:secret@h:8443/secret?secret#secret": "https://h:8443",
		"http://[::1]/secret":                             "http://[::1]",
		"/secret":                                         "(invalid URL)",
		"secret":                                          "(invalid URL)",
		"http://[secret":                                  "(invalid URL)",
		"":                                                "(invalid URL)",
	} {
		if got := callback.Redact(given); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

// FuzzURL checks that any URL that is accepted keeps its meaning.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{"http://h/cb", "http://h/cb?x=y", "http://h", "https://u@h/#f", "http://h/cb?", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before, err := url.Parse(text)
		got := callback.CallbackURL(text)
		if err != nil {
			if got != text {
				t.Errorf("%q became %q", text, got)
			}
			return
		}
		after, err := url.Parse(got)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		if callback.CallbackURL(got) != got {
			t.Errorf("%q changes each time", text)
		}
		if after.Host != before.Host || after.RawQuery != before.RawQuery || after.Fragment != before.Fragment ||
			strings.TrimSuffix(after.Path, "/") != strings.TrimSuffix(before.Path, "/") {
			t.Errorf("%q became %q", text, got)
		}
	})
}
