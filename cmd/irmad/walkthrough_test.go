//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// walkthroughTime is how long the commands of a document may take.
	walkthroughTime = 2 * time.Minute

	// boundary begins the line that is printed before each block of commands.
	boundary = "=== commands of line "
)

// beside has what stands in the commands of a document and would not end, or not
// work in a folder without the source, and what is run instead.
var beside = map[string][]string{
	"README.md": {"go run ./cmd/irmad dev", "irmad dev --help", "go run ./cmd/irmad", "irmad", "go build ./cmd/irmad", "true", "make test", "true"},
}

// TestDocumentation types the commands of each document one after another: they
// work, and print what it says. The ports of the documents become free ones, also
// the one that irmad has without being told.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	for _, path := range append(pages, "../../README.md") {
		name := filepath.Base(path)
		ports := freePorts(t, 3)
		replacer := strings.NewReplacer(append(beside[name], "8088", ports[0], "9090", ports[1], "8090", ports[2])...)
		examples := readExamples(t, path, replacer)
		if len(examples) == 0 {
			continue
		}
		port := "IRMASERVER_PORT=" + ports[0]
		if slices.ContainsFunc(examples, func(e example) bool { return strings.Contains(e.commands, "\nport: ") }) {
			port = "IRMASERVER_PORT=" // the document's own configuration has it
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, examples, port)
		})
	}
}

// walk runs the examples in one shell, in an empty directory with an irmad.
func walk(t *testing.T, examples []example, env ...string) {
	t.Helper()
	output, err := runBash(t, script(examples), env)
	if err != nil {
		t.Fatalf("%v, after\n%s", err, output)
	}
	_, output, _ = strings.Cut(output, boundary)
	for i, printed := range strings.Split(output, boundary) {
		if line, isMissing := missing(printed, examples[i].expected); isMissing {
			t.Errorf("commands of line %d do not print\n\t%s\nbut\n%s", examples[i].line, line, printed)
		}
	}
}

// script returns the commands as a bash script that ends at the first failure,
// and then ends what it has started.
func script(examples []example) string {
	var out strings.Builder
	out.WriteString("set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n")
	for _, e := range examples {
		out.WriteString("echo; echo '" + boundary + strconv.Itoa(e.line) + "'\n" + e.commands)
	}
	return out.String()
}

// runBash returns all that the script prints. At the deadline it ends the script
// and its children.
func runBash(t *testing.T, script string, env []string) (string, error) {
	t.Helper()
	irmad, err := exec.LookPath("irmad")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"bash", "curl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%v (make deps installs what is missing)", err)
		}
	}
	dir := t.TempDir()
	if err := os.Symlink(irmad, filepath.Join(dir, "irmad")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), walkthroughTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "HOME="+t.TempDir(), offline), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second // for what has left the group
	output, err := cmd.CombinedOutput()
	return string(output), err
}
