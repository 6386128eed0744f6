package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/irmad/irmaserver/internal/qr"
	"github.com/irmad/irmaserver/irma"
)

// show prints a session pointer for a wallet.
func (p *process) show(ptr irma.SessionPointer, noQR bool) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(ptr); err != nil {
		return fmt.Errorf("showing session: %w", err)
	}
	text := strings.TrimSpace(encoded.String())
	if noQR {
		_, err := fmt.Fprintln(p.stdout, text)
		return err
	}
	drawn, err := qr.Terminal(text, isTerminal(p.stdout))
	if err != nil {
		return fmt.Errorf("showing session: %w", err)
	}
	_, err = fmt.Fprint(p.stdout, "\n", drawn, "\n")
	return err
}

func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	if !isFile {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// redirect is what the pointer of a static session does.
const redirect irma.Action = "redirect"

// showStatic prints the pointer of a static session (spec 01 §9).
func (f *sessionFlags) showStatic(p *process) error {
	u, err := url.Parse(f.staticServer)
	if err != nil || u.Host == "" {
		return &usageError{fmt.Sprintf("--static-server is %q; it must be like https://example.com", f.staticServer)}
	}
	base := strings.TrimSuffix(strings.TrimSuffix(f.staticServer, "/"), "/irma")
	return p.show(irma.SessionPointer{URL: base + "/irma/session/" + url.PathEscape(f.staticName), Action: redirect}, f.noQR)
}

// pair asks whether the wallet shows the pairing code.
func (r *sessionRun) pair(ctx context.Context) {
	fmt.Fprintf(r.stdout, "Pairing code: %s\n", r.code)
	if r.wallet != nil {
		return // which compares by itself
	}
	fmt.Fprintln(r.stdout, "Press Enter to confirm your device shows the same pairing code; otherwise press Ctrl-C.")
	go func() { // ends with the program if nobody presses anything
		if _, err := bufio.NewReader(r.stdin).ReadString('\n'); err != nil {
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
