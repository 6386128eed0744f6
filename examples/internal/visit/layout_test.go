package visit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each example is one short program with a test, and listed.
func TestLayout(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob("../../*/main.go")
	if err != nil || len(folders) < 10 {
		t.Fatalf("%d examples, %v", len(folders), err)
	}
	for _, path := range folders {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(source, []byte("\n")); lines >= 100 {
			t.Errorf("%s has %d lines", path, lines)
		}
		files, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(files) != 2 || files[1].Name() != "main_test.go" {
			t.Errorf("beside %s are %v, %v", path, files, err)
		}
		if name := filepath.Base(filepath.Dir(path)); !strings.Contains(string(list), "| ["+name+"]("+name+") |") {
			t.Errorf("%s is not listed", name)
		}
	}
}
