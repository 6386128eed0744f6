package walletcmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestWalletLock lets two runs want the same wallet.
func TestWalletLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wallet.json")
	unlock, err := Lock(t.Context(), path, new(bytes.Buffer))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	notes := writerFunc(func(text []byte) (int, error) {
		if !strings.Contains(string(text), "waiting for another irmad wallet to release "+path) {
			t.Errorf("noted %q", text)
		}
		cancel()
		return len(text), nil
	})
	if _, err := Lock(ctx, path, notes); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	notes = func(text []byte) (int, error) {
		unlock()
		return len(text), nil
	}
	unlock, err = Lock(t.Context(), path, notes)
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
	must(t, Save(w, path))
	must(t, Save(w, path))
	if found, err := Load(w, path); !found || err != nil {
		t.Errorf("loading: %v, %v", found, err)
	}
	must(t, os.MkdirAll(filepath.Join(dir, "taken", "x"), 0o700))
	for _, path := range []string{filepath.Join(dir, "nowhere", "wallet.json"), filepath.Join(dir, "taken")} {
		if err := Save(w, path); err == nil {
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
		errors.New("other"):                             cli.ExitFailed,
		wallet.ErrRejected:                              cli.ExitFailed,
		fmt.Errorf("a: %w", wallet.ErrRefused):          exitRefused,
		&wallet.MissingError{}:                          exitMissing,
		fmt.Errorf("b: %w", wallet.ErrPairingRejected):  exitUnpaired,
		errors.Join(wallet.ErrRefused, errors.New("c")): exitRefused,
	} {
		if got := Status(err); got != want {
			t.Errorf("%v: status %d, want %d", err, got, want)
		}
	}
}

// TestReport is about a session that succeeds and is followed by one that fails.
func TestReport(t *testing.T) {
	t.Parallel()
	yes := "yes"
	got := &walletapi.Report{Error: "lost", Sessions: []walletapi.Session{
		{Action: irma.Disclosing, ProofStatus: irma.ProofValid, Disclosed: []walletapi.Disclosed{{ID: "irmad-demo.gov.ageLimits.over18", Value: &yes}, {ID: "irmad-demo.gov.root.bsn"}}},
		{Action: irma.Signing},
	}}
	var text bytes.Buffer
	must(t, new(walletFlags).report(&text, got))
	if diff := cmp.Diff("disclosing: VALID\n  disclosed irmad-demo.gov.ageLimits.over18=\"yes\"\n"+
		"  disclosed irmad-demo.gov.root.bsn=(absent)\nsigning: not done\n", text.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
