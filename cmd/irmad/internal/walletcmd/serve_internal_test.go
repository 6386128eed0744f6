package walletcmd

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
)

// A wallet that others can use does not let them issue what proves something.
func TestOnlyDemo(t *testing.T) {
	t.Parallel()
	issued := errors.New("issued")
	for name, demo := range map[string]bool{"trial": true, "real": false} {
		p := schemetest.NewPublisher(t, irma.SchemeID(name))
		if !demo {
			p.Write("description.xml", strings.Replace(p.Read("description.xml"), "<Demo>true</Demo>", "<Demo>false</Demo>", 1))
			p.Publish()
		}
		issue := onlyDemo(p.Load(), func(context.Context, irma.Request) (*irma.SessionPackage, error) { return nil, issued })
		_, err := issue(t.Context(), irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: irma.CredentialTypeID(name + ".gov.root")}))
		if want := map[bool]error{true: issued, false: irma.ErrUnauthorized}[demo]; !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

// Others are let in only on demand, and the operator is told.
func TestWalletListen(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var notes strings.Builder
	p := &cli.Process{Args: []string{"serve", "--listen", "0.0.0.0:0"}, Stderr: &notes, Stdout: writerFunc(func(text []byte) (int, error) {
		cancel() // it listens
		return len(text), nil
	})}
	if err := Run(ctx, p); err != nil || !strings.Contains(notes.String(), "everybody who reaches this address") {
		t.Errorf("%v, noted %q", err, notes.String())
	}
}
