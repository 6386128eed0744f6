package wallet

import (
	"context"
	"fmt"

	"github.com/irmad/irmaserver/irma"
)

// redirecting is the action in a printed QR: its URL gives the pointer of a
// fresh session (spec 01 §9).
const redirecting irma.Action = "redirect"

// resolve exchanges the pointer of a static session for that of a session. A
// second redirection is refused.
func (w *Wallet) resolve(ctx context.Context, ptr irma.SessionPointer) (irma.SessionPointer, error) {
	if ptr.Action != redirecting {
		return ptr, nil
	}
	server, err := w.newConnection(ptr)
	if err != nil {
		return ptr, err
	}
	var next irma.SessionPointer
	ex := exchange{step: StepStatic, method: "POST", body: struct{}{}}
	if err := server.do(ctx, ex, &next); err != nil {
		return ptr, err
	}
	if next.Action == redirecting {
		return ptr, fmt.Errorf("%w: redirected twice", ErrBadRequest)
	}
	return next, nil
}
