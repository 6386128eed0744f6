package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

const pointerJSON = `{"u":"https://example.com/irma/session/a%20b","irmaqr":"disclosing"}`

func TestParsePointer(t *testing.T) {
	t.Parallel()
	want := irma.SessionPointer{URL: "https://example.com/irma/session/a%20b", Action: irma.Disclosing}
	escaped := url.PathEscape(pointerJSON)
	for name, text := range map[string]string{
		"pointer":        pointerJSON,
		"spaces":         "\n " + pointerJSON + "\n",
		"QR of today":    "https://open.yivi.app/-/session#" + escaped,
		"QR of a page":   "https://open.yivi.app/-/session#" + url.PathEscape(strings.Replace(pointerJSON, "{", `{"continueOnSecondDevice":true,`, 1)),
		"older QR":       "https://irma.app/-/session#" + escaped,
		"app link":       "irma://qr/json/" + escaped,
		"Android link":   "intent://qr/json/" + escaped + "#Intent;package=org.irmacard.cardemu;scheme=irma;l.timestamp=1;end",
		"package":        `{"sessionPtr":` + pointerJSON + `,"token":"x","frontendRequest":{"authorization":"y"}}`,
		"other members":  strings.Replace(pointerJSON, "{", `{"x":[1],`, 1),
		"other spelling": strings.Replace(pointerJSON, ":", " : ", 1),
	} {
		got, err := parsePointer(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, text := range []string{"", "x", "{", "[]", "{}", `{"u":"x"}`, `{"irmaqr":"signing"}`, `{"u":5,"irmaqr":"signing"}`,
		`{"sessionPtr":{}}`, pointerJSON + "x", "irma://qr/json/%zz", "irma://qr/json/", "https://example.com/irma/session/x"} {
		if ptr, err := parsePointer(text); err == nil {
			t.Errorf("took %q for %+v", text, ptr)
		}
	}
}

func FuzzParsePointer(f *testing.F) {
	f.Add(pointerJSON)
	f.Add("irma://qr/json/" + url.PathEscape(pointerJSON))
	f.Add(`{"sessionPtr":` + pointerJSON + `}`)
	f.Fuzz(func(t *testing.T, text string) {
		ptr, err := parsePointer(text)
		if err != nil {
			return
		}
		encoded, err := json.Marshal(ptr)
		must(t, err)
		again, err := parsePointer("https://open.yivi.app/-/session#" + url.PathEscape(string(encoded)))
		if err != nil || again != ptr {
			t.Errorf("%+v became %+v, %v", ptr, again, err)
		}
	})
}

// TestWalletLock lets two runs want the same wallet.
func TestWalletLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wallet.json")
	unlock, err := lockWallet(t.Context(), path, new(bytes.Buffer))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	notes := writerFunc(func(text []byte) (int, error) {
		if !strings.Contains(string(text), "waiting for another irmad wallet to release "+path) {
			t.Errorf("noted %q", text)
		}
		cancel()
		return len(text), nil
	})
	if _, err := lockWallet(ctx, path, notes); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	notes = func(text []byte) (int, error) {
		unlock()
		return len(text), nil
	}
	unlock, err = lockWallet(t.Context(), path, notes)
	must(t, err)
	unlock()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

// TestSaveWallet is about what is left when a wallet cannot be saved.
func TestSaveWallet(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	must(t, err)
	w, err := wallet.New(schemes, wallet.Config{})
	must(t, err)
	dir := t.TempDir()
	path := filepath.Join(dir, "wallet.json")
	must(t, saveWallet(w, path))
	must(t, saveWallet(w, path))
	if found, err := loadWallet(w, path); !found || err != nil {
		t.Errorf("loading: %v, %v", found, err)
	}
	must(t, os.MkdirAll(filepath.Join(dir, "taken", "x"), 0o700))
	for _, path := range []string{filepath.Join(dir, "nowhere", "wallet.json"), filepath.Join(dir, "taken")} {
		if err := saveWallet(w, path); err == nil {
			t.Errorf("saved at %s", path)
		}
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"taken", "wallet.json"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWalletStatus(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{
		errors.New("other"):                             exitFailed,
		wallet.ErrRejected:                              exitFailed,
		fmt.Errorf("a: %w", wallet.ErrRefused):          exitRefused,
		&wallet.MissingError{}:                          exitMissing,
		fmt.Errorf("b: %w", wallet.ErrPairingRejected):  exitUnpaired,
		errors.Join(wallet.ErrRefused, errors.New("c")): exitRefused,
	} {
		if got := walletStatus(err); got != want {
			t.Errorf("%v: status %d, want %d", err, got, want)
		}
	}
}

// TestReport is about a session that fails after its user has chosen: nobody
// knows whether the server received anything.
func TestReport(t *testing.T) {
	t.Parallel()
	yes := "yes"
	chosen := []wallet.Option{{Attributes: []wallet.Attribute{{ID: demoAttribute, Value: &yes}, {ID: "irmad-demo.gov.root.bsn"}}}, {}}
	outcome := &wallet.Outcome{Action: irma.Disclosing, ProofStatus: irma.ProofValid, Next: &wallet.Outcome{Action: irma.Signing}}
	got := newReport(outcome, [][]wallet.Option{chosen, chosen}, errors.New("lost"))
	want := &walletReport{Error: "lost", Sessions: []sessionReport{
		{Action: irma.Disclosing, ProofStatus: irma.ProofValid, Disclosed: []disclosedValue{{demoAttribute, &yes}, {"irmad-demo.gov.root.bsn", nil}}},
		{Action: irma.Signing},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	var text bytes.Buffer
	must(t, new(walletFlags).report(&text, got))
	if diff := cmp.Diff("disclosing: VALID\n  disclosed irmad-demo.gov.ageLimits.over18=\"yes\"\n"+
		"  disclosed irmad-demo.gov.root.bsn=(absent)\nsigning: not done\n", text.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
