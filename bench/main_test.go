package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/irmad/irmaserver/bench/internal/measure"
)

// A table replaces the one before and nothing around it.
func TestReplaceTable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(file, []byte("before\n"+tableBegin+"old\n"+tableEnd+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := replaceTable(file, "new\n"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if want := "before\n" + tableBegin + "\nnew\n\n" + tableEnd + "after\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceTable(file, "new\n"); err == nil {
		t.Error("a file without marks was changed")
	}
}

// The documentation has the marks.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceTable(file, "x"); err != nil {
		t.Error(err)
	}
}

// A server with nothing to compare with, or measured at one size only, can be
// drawn as well.
func TestCharts(t *testing.T) {
	t.Parallel()
	var r measure.Report
	r.Row("start-up", "memory", "B", "", 0).Add("irmad", 5)
	r.Row("live sessions", "memory per session", "B", "sessions", 1000).Add("irmad", 5)
	r.Row("live sessions", "memory per session", "B", "sessions", 5000).Add("irmad", 5)
	all := charts(&r)
	chart := all["live-sessions-memory-per-session"]
	if len(all) != 1 || chart == nil || len(chart.Series[0].X) != 2 || len(chart.Series[1].X) != 0 {
		t.Errorf("charts %+v", all)
	}
}
