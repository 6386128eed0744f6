// Package golden compares what people read with what it was when somebody looked
// at it, in tests.
package golden

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// variable asks to write the files instead of comparing: UPDATE_GOLDEN=1 go test ./...
const variable = "UPDATE_GOLDEN"

// heading begins the text of a case in a file.
const heading = "## "

// Compare compares the text of each case with the file, which has them in the
// order of their names and nothing else. With UPDATE_GOLDEN in the environment it
// writes the file; read the difference then.
func Compare(t *testing.T, path string, got map[string]string) {
	t.Helper()
	if os.Getenv(variable) != "" {
		if err := os.WriteFile(path, []byte(format(got)), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (%s=1 makes it)", err, variable)
	}
	if diff := cmp.Diff(parse(string(data)), got); diff != "" {
		t.Errorf("%s is not what it was; if it is better now, run the test with %s=1 (-want +got):\n%s", path, variable, diff)
	}
}

func format(texts map[string]string) string {
	var names []string
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	var out strings.Builder
	for i, name := range names {
		if i > 0 {
			out.WriteString("\n")
		}
		out.WriteString(heading + name + "\n" + texts[name])
	}
	return out.String()
}

func parse(file string) map[string]string {
	texts := map[string]string{}
	for section := range strings.SplitSeq("\n"+file, "\n"+heading) {
		if name, text, found := strings.Cut(section, "\n"); found {
			texts[name] = strings.TrimSuffix(text, "\n") + "\n"
		}
	}
	return texts
}
