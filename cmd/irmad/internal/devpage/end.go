package devpage

import (
	"context"
	"errors"

	"github.com/irmad/irmaserver/cmd/irmad/internal/explain"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// end tells how a session went for the phone.
type end struct {
	OK        bool                 `json:"ok"`
	Refused   bool                 `json:"refused"` // by the user
	Action    irma.Action          `json:"action"`
	Reason    string               `json:"reason,omitempty"` // why it failed, in a sentence
	Detail    string               `json:"detail,omitempty"` // in the words of the protocol
	Disclosed []explain.Attribute  `json:"disclosed"`
	Issued    []explain.Credential `json:"issued"`
	Signed    bool                 `json:"signed"`
}

// reasons tell what errors of the wallet mean to its user. The first that fits
// counts.
var reasons = []struct {
	err  error
	text string
}{
	{wallet.ErrRefused, "You refused."},
	{context.Canceled, "The session was stopped."},
	{wallet.ErrPairingRejected, "The session ended before the pairing code was confirmed."},
	{errRealScheme, "This simulated phone plays with demo schemes only. Use a real phone for this."},
	{wallet.ErrMissingAttributes, "The phone lacks what is asked."},
	{wallet.ErrUnsupported, "The app can do this, but the simulated phone cannot."},
	{wallet.ErrBadRequest, "The app refuses requests like this."},
	{wallet.ErrRejected, "The server did not accept the proof."},
	{irma.ErrSessionUnknown, "The server does not know this session: it is over, or of another server."},
	{irma.ErrUnexpectedRequest, "The session is over: it was cancelled, or another phone has it."},
	{irma.ErrInternal, "The server has an internal error; it logged what happened."},
}

// ending returns the last screen of a session.
func (p *Page) ending(outcome *wallet.Outcome, err error) view {
	e := &end{OK: err == nil, Action: outcome.Action, Refused: errors.Is(err, wallet.ErrRefused),
		Disclosed: []explain.Attribute{}, Issued: []explain.Credential{}}
	for o := outcome; o != nil; o = o.Next {
		if o.ProofStatus == irma.ProofValid {
			e.add(p, o)
		}
	}
	if err == nil {
		return view{Screen: screenEnd, End: e}
	}
	e.Reason, e.Detail = "The session failed.", err.Error()
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			e.Reason = r.text
			break
		}
	}
	return view{Screen: screenEnd, End: e}
}

func (e *end) add(p *Page, o *wallet.Outcome) {
	for _, id := range o.Disclosed {
		e.Disclosed = append(e.Disclosed, p.names().Attribute(id))
	}
	for _, cred := range o.Issued {
		e.Issued = append(e.Issued, p.card(cred))
	}
	e.Signed = e.Signed || o.Signature != nil
}
