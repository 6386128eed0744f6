package interop_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/privacybydesign/irmago/irma"
)

// verifyByCommand has "irmad verify" judge a signature, as somebody does who was
// given it.
func verifyByCommand(t *testing.T, p *process, signature *irma.SignedMessage, request *irma.SignatureRequest, want irma.ProofStatus) {
	t.Helper()
	text, err := json.Marshal(signature)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), p.binary, "verify", "--schemes-path", p.schemes)
	if request != nil {
		asked, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Args = append(cmd.Args, "--request", string(asked))
	}
	cmd.Stdin = bytes.NewReader(text)
	out, err := cmd.CombinedOutput()
	if (err == nil) != (want == irma.ProofStatusValid) || !statusIn(string(out), want) {
		t.Errorf("irmad verify ends with %v, want it to say %s:\n%s", err, want, out)
	}
	if err == nil && !strings.Contains(string(out), "299792458") {
		t.Errorf("irmad verify does not say what is disclosed:\n%s", out)
	}
}

// statusIn reports whether a text contains a status as a word.
func statusIn(text string, status irma.ProofStatus) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(string(status)) + `\b`).MatchString(text)
}
