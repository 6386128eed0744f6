package wallet

import (
	"errors"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// Errors of Perform; compare with errors.Is. What a server answered is an
// *irma.Error in the chain, found with irma.AsError.
var (
	// ErrRefused means that the Chooser refused the session.
	ErrRefused = errors.New("user refused the session")

	// ErrMissingAttributes means that the wallet cannot satisfy the request; the
	// error is a *MissingError.
	ErrMissingAttributes = errors.New("wallet lacks requested attributes")

	// ErrPairingRejected means that the session ended while the wallet waited for
	// the frontend to confirm the pairing code.
	ErrPairingRejected = errors.New("pairing rejected")

	// ErrBadRequest means that the wallet does not take part in a session like
	// this, as the app would not.
	ErrBadRequest = errors.New("unacceptable session request")

	// ErrUnsupported means that the session needs a feature that the app has and
	// this wallet has not.
	ErrUnsupported = errors.New("not supported by this wallet")

	// ErrRejected means that the server's verdict on the proofs was not VALID;
	// Outcome.ProofStatus has it.
	ErrRejected = errors.New("proofs rejected by the server")

	// ErrBadAnswer means that the server's answer breaks the protocol, for example
	// with a credential whose signature is not correct.
	ErrBadAnswer = errors.New("unacceptable answer of the server")
)

// MissingError tells what a wallet lacks. It is ErrMissingAttributes.
type MissingError struct {
	Disjunctions []irma.DisCon // of the request, those that cannot be satisfied
}

// Error lists the alternatives of every disjunction.
func (e *MissingError) Error() string {
	all := make([]string, 0, len(e.Disjunctions))
	for _, discon := range e.Disjunctions {
		options := make([]string, 0, len(discon))
		for _, con := range discon {
			options = append(options, describe(con))
		}
		all = append(all, strings.Join(options, " or "))
	}
	return ErrMissingAttributes.Error() + ": " + strings.Join(all, "; ")
}

// Is reports whether target is ErrMissingAttributes.
func (e *MissingError) Is(target error) bool { return target == ErrMissingAttributes }

func describe(con irma.Con) string {
	attrs := make([]string, 0, len(con))
	for _, attr := range con {
		text := string(attr.Type)
		if attr.Value != nil {
			text += "=" + *attr.Value
		}
		attrs = append(attrs, text)
	}
	return strings.Join(attrs, " and ")
}
