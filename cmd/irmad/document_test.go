package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// example is a block of commands in a document, and lines that they print.
type example struct {
	line     int // where the commands begin
	commands string
	expected []string
}

// examples returns the blocks of commands in a document. What comes in a text block
// after the commands is expected of them.
func examples(document string) []example {
	var out []example
	fence := ""
	for i, line := range strings.Split(document, "\n") {
		kind, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && fence != "":
			fence = ""
		case isFence:
			fence = line
			if kind == "shell" {
				out = append(out, example{line: i + 2})
			}
		case fence == "```shell":
			last := &out[len(out)-1]
			last.commands += line + "\n"
		case fence == "```text" && len(out) > 0:
			last := &out[len(out)-1]
			last.expected = append(last.expected, line)
		}
	}
	return out
}

// readExamples returns those of a file, in which other ports may take the place
// of those that are written.
func readExamples(t *testing.T, path string, ports *strings.Replacer) []example {
	t.Helper()
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return examples(ports.Replace(string(document)))
}

// missing returns the first expected line that the output lacks after those
// before it. In an expected line, ... stands for anything.
func missing(output string, expected []string) (string, bool) {
	lines := strings.Split(output, "\n")
	for _, want := range expected {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(want), `\.\.\.`, ".*")
		found := slices.IndexFunc(lines, regexp.MustCompile("^"+pattern+"$").MatchString)
		if found < 0 {
			return want, true
		}
		lines = lines[found+1:]
	}
	return "", false
}

func TestExamples(t *testing.T) {
	t.Parallel()
	document := strings.Join([]string{
		"# One", "```shell", "# a comment", "a", "```", "Words.", "```text", "1", "2", "```", "```json", "{}", "```",
		"## Two", "```shell", "b", "```",
	}, "\n")
	one := example{line: 3, commands: "# a comment\na\n", expected: []string{"1", "2"}}
	two := example{line: 16, commands: "b\n"}
	if diff := cmp.Diff([]example{one, two}, examples(document), cmp.AllowUnexported(example{})); diff != "" {
		t.Errorf("examples (-want +got):\n%s", diff)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	output := "one\n2026 INFO two {\"a\": 1}\nthree\n"
	for _, test := range []struct{ expected, want string }{
		{"one\nthree", ""},
		{"... INFO two {...}", ""},
		{"...\nthree", ""},
		{"three\none", "one"},
		{"one\none", "one"},
		{"INFO two", "INFO two"},
		{"t.ree", "t.ree"},
	} {
		if got, _ := missing(output, strings.Split(test.expected, "\n")); got != test.want {
			t.Errorf("missing of %q: %q, want %q", test.expected, got, test.want)
		}
	}
}
