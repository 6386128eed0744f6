//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
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

// The commands of the documentation work when they are typed one after another,
// and print what it says.
func TestWalkthrough(t *testing.T) {
	t.Parallel()
	ports := freePorts(t, 2)
	replacer := strings.NewReplacer("8088", ports[0], "9090", ports[1])
	walk(t, readExamples(t, "../../docs/walkthrough.md", replacer))
}

func TestSchemeWalkthrough(t *testing.T) {
	t.Parallel()
	replacer := strings.NewReplacer("8088", freePorts(t, 1)[0])
	walk(t, readExamples(t, "../../docs/scheme.md", replacer))
}

func TestTry(t *testing.T) {
	t.Parallel()
	port := freePorts(t, 1)[0]
	replacer := strings.NewReplacer("irmad dev --listen", "irmad dev --port "+port+" --listen", "8088", port)
	walk(t, readExamples(t, "../../docs/try.md", replacer))
}

func TestTestingWalkthrough(t *testing.T) {
	t.Parallel()
	ports := freePorts(t, 2)
	replacer := strings.NewReplacer("irmad --listen", "irmad --port "+ports[0]+" --listen", "8088", ports[0], "8090", ports[1])
	walk(t, readExamples(t, "../../docs/testing.md", replacer))
}

func TestReadme(t *testing.T) {
	t.Parallel()
	server := launch(t)
	replacer := strings.NewReplacer("http://localhost:8088", server.url)
	walk(t, readExamples(t, "../../README.md", replacer, "Test without a phone", "From the command line"))
}

// walk runs the examples in one shell, in an empty directory with an irmad.
func walk(t *testing.T, examples []example) {
	t.Helper()
	output, err := runBash(t, script(examples))
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
func runBash(t *testing.T, script string) (string, error) {
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
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), offline)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second // for what has left the group
	output, err := cmd.CombinedOutput()
	return string(output), err
}
