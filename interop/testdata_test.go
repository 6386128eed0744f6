package interop_test

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// The schemes of the wallet's module, as they are signed there.
func TestModuleSchemes(t *testing.T) {
	t.Parallel()
	testdata, err := moduleTestdata()
	if err != nil {
		t.Fatal(err)
	}
	for folder, test := range map[string]struct {
		privkeys bool
		serving  []string // besides our own, which is there in all cases
		says     string
	}{
		"irma_configuration":         {true, []string{"irma-demo", "test", "test2"}, ""},
		"irma_configuration_updated": {false, []string{"irma-demo"}, ""},
		"irma_configuration_invalid": {false, nil, "scheme irma-demo: not used (InvalidSignature): file RU/Issues/studentCard/description.xml does not have the hash in the index"},
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			options := []string{"check", "--no-auth", "--schemes-path", filepath.Join(testdata, folder)}
			if test.privkeys {
				options = append(options, "--privkeys", filepath.Join(testdata, "privatekeys"))
			}
			cmd := exec.CommandContext(t.Context(), server.binary, options...)
			cmd.Dir = t.TempDir()
			said, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("irmad check: %v\n%s", err, said)
			}
			if diff := cmp.Diff(append(slices.Clone(test.serving), "irmad-demo"), serving(t, string(said))); diff != "" {
				t.Errorf("schemes (-want +got):\n%s\n%s", diff, said)
			}
			if !strings.Contains(string(said), test.says) || test.says == "" && strings.Contains(string(said), "not used") {
				t.Errorf("irmad check says, without %q:\n%s", test.says, said)
			}
		})
	}
}

// serving returns the schemes that irmad says it serves.
func serving(t *testing.T, log string) []string {
	t.Helper()
	_, rest, found := strings.Cut(log, "serving schemes ")
	if !found {
		t.Fatalf("irmad serves nothing:\n%s", log)
	}
	line, _, _ := strings.Cut(rest, "\n")
	var fields struct{ Schemes []string }
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		t.Fatal(err)
	}
	return fields.Schemes
}

// A credential of every type in those schemes is issued, and all of its attributes
// are disclosed. What is left out supports revocation.
func TestModuleSchemesInSessions(t *testing.T) {
	t.Parallel()
	site := newKeyshareSite(t, "test", "test2")
	w := site.newUser(t)
	conf := site.configuration(t)
	var done []string
	for _, id := range slices.SortedFunc(maps.Keys(conf.CredentialTypes), func(a, b irma.CredentialTypeIdentifier) int {
		return strings.Compare(a.String(), b.String())
	}) {
		typ := conf.CredentialTypes[id]
		if typ.RevocationSupported() {
			continue
		}
		values := map[string]string{}
		var con []string
		var want []disclosedAttribute
		for _, attr := range typ.AttributeTypes {
			if attr.RandomBlind {
				continue
			}
			value := id.Name() + " of é " + attr.ID
			values[attr.ID] = value
			con = append(con, id.String()+"."+attr.ID)
			want = append(want, present(id.String()+"."+attr.ID, value))
		}
		w.perform(site.startSession(t, encode(t, map[string]any{
			"@context":    "https://irma.app/ld/request/issuance/v2",
			"credentials": []any{map[string]any{"credential": id.String(), "attributes": values}},
		})))
		s := site.startSession(t, encode(t, map[string]any{
			"@context": "https://irma.app/ld/request/disclosure/v2",
			"disclose": [][][]string{{con}},
		}))
		w.perform(s)
		checkResult(t, id.String(), valid(s.Token, irma.ActionDisclosing, want), s.result(t))
		done = append(done, id.String())
	}
	if diff := cmp.Diff([]string{
		"irma-demo.MijnOverheid.fullName", "irma-demo.MijnOverheid.singleton", "irma-demo.RU.studentCard", "irma-demo.stemmen.stempas",
		"test.test.email", "test.test.mijnirma", "test.test.personalData", "test.test2.email", "test2.test.mijnirma",
	}, done); diff != "" {
		t.Errorf("credential types (-want +got):\n%s", diff)
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
