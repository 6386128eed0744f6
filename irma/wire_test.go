package irma_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

// wireTypes tells what the messages in testdata/wire are, by the first words
// of their file names.
var wireTypes = map[string]func() any{
	"request_":         func() any { return new(irma.SessionRequest) },
	"extended":         func() any { return new(irma.ExtendedRequest) },
	"session_package":  func() any { return new(irma.SessionPackage) },
	"client_request":   func() any { return new(irma.ClientSessionRequest) },
	"disclosure":       func() any { return new(irma.Disclosure) },
	"signature":        func() any { return new(irma.SignedMessage) },
	"commitments":      func() any { return new(irma.IssueCommitment) },
	"response_":        func() any { return new(irma.ServerSessionResponse) },
	"result_":          func() any { return new(irma.SessionResult) },
	"result_legacy":    func() any { return new(irma.LegacyResult) },
	"error":            func() any { return new(irma.Error) },
	"frontend_options": func() any { return new(irma.FrontendOptions) },
	"frontend_status":  func() any { return new(irma.FrontendStatus) },
	"session_options":  func() any { return new(irma.SessionOptions) },
}

// TestWireMessages decodes each message and encodes it again, which must give
// the same bytes.
func TestWireMessages(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, file := range wireFiles(t, "*.json") {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "legacy_") {
			continue
		}
		kind := longestPrefix(name)
		if kind == "" {
			t.Errorf("%s: unknown kind of message", name)
			continue
		}
		used[kind] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := readWire(t, file)
			value := wireTypes[kind]()
			decoder := json.NewDecoder(bytes.NewReader(data))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(value); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(data), encode(t, value)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	for kind := range wireTypes {
		if !used[kind] {
			t.Errorf("no message of kind %s", kind)
		}
	}
}

// TestWireParsers sends messages of strangers through their parsers.
func TestWireParsers(t *testing.T) {
	t.Parallel()
	for pattern, parse := range map[string]func([]byte) (any, error){
		"disclosure*.json":       func(b []byte) (any, error) { return irma.ParseDisclosure(b) },
		"signature*.json":        func(b []byte) (any, error) { return irma.ParseSignedMessage(b) },
		"commitments*.json":      func(b []byte) (any, error) { return irma.ParseIssueCommitment(b) },
		"frontend_options*.json": func(b []byte) (any, error) { return irma.ParseFrontendOptions(b) },
		"request_*.json": func(b []byte) (any, error) {
			req, err := irma.ParseRequest(b)
			if err != nil {
				return nil, err
			}
			return req.Request, nil
		},
		"extended*.json": func(b []byte) (any, error) { return irma.ParseRequest(b) },
	} {
		for _, file := range wireFiles(t, pattern) {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				data := readWire(t, file)
				value, err := parse(data)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(data), encode(t, value)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
}

// TestWireLegacyRequests compares requests in the old form with their new form.
func TestWireLegacyRequests(t *testing.T) {
	t.Parallel()
	for _, file := range wireFiles(t, "legacy_*.in.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			want := readWire(t, strings.Replace(file, ".in.", ".out.", 1))
			bare := readWire(t, file)
			for _, in := range []string{string(bare), `{"request":` + string(bare) + `}`} {
				req, err := irma.ParseRequest([]byte(in))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), encode(t, req.Request)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			}
		})
	}
}

// TestLegacyResult flattens a result: the first attribute of each list.
func TestLegacyResult(t *testing.T) {
	t.Parallel()
	var result irma.SessionResult
	if err := json.Unmarshal(readWire(t, "testdata/wire/result_missing.json"), &result); err != nil {
		t.Fatal(err)
	}
	result.Disclosed[1] = append(result.Disclosed[1], &irma.DisclosedAttribute{Identifier: "a.b.c.d"})
	result.ProofStatus, result.NextSession = irma.ProofValid, "ezp6zxuwrL3ywHBdQ0HM"
	want := readWire(t, "testdata/wire/result_legacy.json")
	if diff := cmp.Diff(string(want), encode(t, result.Legacy())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func wireFiles(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "wire", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no files %s", pattern)
	}
	return files
}

func readWire(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(data, []byte{'\n'})
}

func longestPrefix(name string) string {
	best := ""
	for prefix := range wireTypes {
		if strings.HasPrefix(name, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	return best
}
