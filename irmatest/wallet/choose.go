package wallet

import (
	"context"
	"fmt"

	"github.com/irmad/irmaserver/irma"
)

// Chooser decides for the user of a wallet. It returns, for every element of
// Question.Disjunctions, the number of the chosen option. ErrRefused, or any
// other error, refuses the session.
type Chooser func(ctx context.Context, q *Question) ([]int, error)

// Question is what the user of a wallet is asked. Choosers must not change it.
type Question struct {
	Server  string               // host and port of the server
	Request *irma.SessionRequest // as received

	// Disjunctions has, for every disjunction of Request.Disclose, the ways to
	// satisfy it. A Chooser always finds one; Config.Obtain finds none where
	// something is lacking. An optional disjunction has as its first option to
	// disclose nothing; the others are in the order of the request and, within
	// one conjunction, newest credential first.
	Disjunctions [][]Option
}

// Option is one way to satisfy a disjunction.
type Option struct {
	Conjunction int         // position in the disjunction of the request
	Attributes  []Attribute // one per attribute of that conjunction
}

// Attribute is an attribute that can be disclosed.
type Attribute struct {
	ID         irma.AttributeTypeID
	Value      *string // nil for an absent optional attribute, "present" for a credential as such
	Credential Credential

	source *credential
	index  int // position inside the credential
}

// Approve agrees to the session. It discloses the first option, hence no more
// than is required.
func Approve(_ context.Context, q *Question) ([]int, error) {
	return make([]int, len(q.Disjunctions)), nil
}

// ApproveAll agrees to the session and discloses optional attributes too, if
// the wallet has them.
func ApproveAll(_ context.Context, q *Question) ([]int, error) {
	chosen := make([]int, len(q.Disjunctions))
	for i, options := range q.Disjunctions {
		if len(options[0].Attributes) == 0 && len(options) > 1 {
			chosen[i] = 1
		}
	}
	return chosen, nil
}

// Refuse refuses every session.
func Refuse(context.Context, *Question) ([]int, error) { return nil, ErrRefused }

// pick asks the chooser and returns the chosen option of every disjunction.
func (q *Question) pick(ctx context.Context, choose Chooser) ([]Option, error) {
	chosen, err := choose(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(chosen) != len(q.Disjunctions) {
		return nil, fmt.Errorf("chooser returned %d choices for %d disjunctions", len(chosen), len(q.Disjunctions))
	}
	out := make([]Option, len(chosen))
	for i, n := range chosen {
		if n < 0 || n >= len(q.Disjunctions[i]) {
			return nil, fmt.Errorf("chooser picked option %d of %d", n, len(q.Disjunctions[i]))
		}
		out[i] = q.Disjunctions[i][n]
	}
	return out, nil
}
