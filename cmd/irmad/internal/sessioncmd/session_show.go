package sessioncmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/qr"
	"github.com/irmad/irmaserver/irma"
)

// showPointer prints a session pointer for a wallet.
func showPointer(p *cli.Process, ptr irma.SessionPointer, noQR bool) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(ptr); err != nil {
		return fmt.Errorf("showing session: %w", err)
	}
	text := strings.TrimSpace(encoded.String())
	if noQR {
		_, err := fmt.Fprintln(p.Stdout, text)
		return err
	}
	drawn, err := qr.Terminal(text, cli.IsTerminal(p.Stdout))
	if err != nil {
		return fmt.Errorf("showing session: %w", err)
	}
	_, err = fmt.Fprint(p.Stdout, "\n", drawn, "\n")
	return err
}

// redirect is what the pointer of a static session does.
const redirect irma.Action = "redirect"

// showStatic prints the pointer of a static session (spec 01 §9).
func (f *sessionFlags) showStatic(p *cli.Process) error {
	u, err := url.Parse(f.staticServer)
	if err != nil || u.Host == "" {
		return cli.Usage(fmt.Sprintf("--static-server is %q; it must be like https://example.com", f.staticServer))
	}
	server := strings.TrimSuffix(strings.TrimSuffix(f.staticServer, "/"), "/irma")
	return showPointer(p, irma.SessionPointer{URL: server + "/irma/session/" + url.PathEscape(f.staticName), Action: redirect}, f.noQR)
}

// pair asks whether the wallet shows the pairing code.
func (r *sessionRun) pair(ctx context.Context) {
	fmt.Fprintf(r.Stdout, "Pairing code: %s\n", r.code)
	if r.wallet != nil {
		return // which compares by itself
	}
	fmt.Fprintln(r.Stdout, "Press Enter to confirm your device shows the same pairing code; otherwise press Ctrl-C.")
	go func() { // ends with the program if nobody presses anything
		if _, err := bufio.NewReader(r.Stdin).ReadString('\n'); err != nil {
			r.fail(errors.New("the pairing code was not confirmed: there is no more input"))
			return
		}
		r.confirm(ctx)
	}()
}

func (r *sessionRun) confirm(ctx context.Context) {
	if err := r.frontend.ConfirmPairing(ctx); err != nil {
		r.fail(err)
	}
}
