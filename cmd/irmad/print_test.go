package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/manual"
)

// printed returns what a command prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), &process{Process: cli.Process{Args: args, Stdout: &stdout, Stderr: &stderr}}); code != cli.ExitOK {
		t.Fatalf("irmad %v: exit status %d: %s", args, code, &stderr)
	}
	return stdout.String()
}

// Every option is in what is generated, and every command.
func TestManual(t *testing.T) {
	t.Parallel()
	page, bash, zsh, fish := printed(t, "man"), printed(t, "completion", "bash"), printed(t, "completion", "zsh"), printed(t, "completion", "fish")
	for _, name := range config.OptionNames() {
		flag := config.FlagName(name)
		for kind, text := range map[string]string{
			"\\-\\-" + strings.ReplaceAll(flag, "-", "\\-") + " ": page,
			"--" + flag:         bash,
			"'--" + flag + "[":  zsh,
			" -l " + flag + " ": fish,
		} {
			if !strings.Contains(text, kind) {
				t.Errorf("no %s in\n%.200s...", kind, text)
			}
		}
	}
	for _, c := range commands() {
		if !strings.Contains(page, "\n.B "+c.name+"\n") || !strings.Contains(zsh, "'"+c.name+":") || !strings.Contains(fish, " -a "+c.name+" ") {
			t.Errorf("%s is missing", c.name)
		}
	}
	all, err := chapters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Group == "" {
			continue
		}
		if !strings.Contains(page, "\n.B "+c.Name+"\n") || !strings.Contains(bash, "\t"+strings.ReplaceAll(c.Name, " ", `\ `)+") ") ||
			!strings.Contains(zsh, "'"+c.Word()+":") || !strings.Contains(fish, " -a "+c.Word()+" ") {
			t.Errorf("%s is missing", c.Name)
		}
		if !strings.HasPrefix(c.Text, "Usage: irmad "+c.Name) && c.Name != "scheme issuer" {
			t.Errorf("text of %s: %.60s", c.Name, c.Text)
		}
	}
	wallet := slices.IndexFunc(all, func(c manual.Chapter) bool { return c.Name == "wallet" })
	if !slices.ContainsFunc(all[wallet].Flags, func(f manual.FlagLine) bool { return f.Name == "file" && f.TakesPath() }) {
		t.Errorf("wallet has flags %+v", all[wallet].Flags)
	}
}

func TestCompletionUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}, {"man", "irmad"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), &process{Process: cli.Process{Args: args, Stdout: &stdout, Stderr: &stderr}}); code != cli.ExitUsage {
			t.Errorf("irmad %v: exit status %d", args, code)
		}
	}
}

// The shell takes the completion, and completes with it.
func TestCompletionBash(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err) // make needs it too
	}
	for words, want := range map[string]string{
		"irmad s":                  "serve",
		"irmad serve --admin-p":    "--admin-port",
		"irmad server --admin-p":   "--admin-port",
		"irmad --admin-p":          "--admin-port",
		"irmad check --shutdown-d": "--shutdown-delay",
		"irmad wallet --refu":      "--refuse",
		"irmad wallet a":           "",
		"irmad sc":                 "scheme",
		"irmad scheme s":           "show",
		"irmad scheme ke":          "keygen",
		"irmad scheme show --js":   "--json",
		"irmad scheme show --key":  "",
		"irmad issuer keygen --va": "--valid-for",
		"irmad show":               "",
	} {
		script := printed(t, "completion", "bash") + `
COMP_WORDS=(` + words + `)
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
_irmad
echo "${COMPREPLY[*]}"`
		out, err := exec.CommandContext(t.Context(), shell, "-euo", "pipefail", "-c", script).CombinedOutput()
		found := strings.Fields(string(out))
		complete := slices.Contains(found, want)
		if want == "" {
			complete = len(found) == 0
		}
		if err != nil && want != "" || !complete {
			t.Errorf("%s: %v %q, want %q", words, err, out, want)
		}
	}
}

// Other shells at least take it.
func TestCompletionSyntax(t *testing.T) {
	t.Parallel()
	for shell, option := range map[string]string{"bash": "-n", "zsh": "-n", "fish": "--no-execute"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell)
			if err != nil && shell != "bash" { // tests do not need the other shells
				t.Skip(err)
			}
			cmd := exec.CommandContext(t.Context(), path, option)
			cmd.Stdin = strings.NewReader(printed(t, "completion", shell))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
