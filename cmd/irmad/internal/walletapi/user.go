package walletapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/irmad/irmaserver/irmatest/wallet"
)

// Decision is what the user of a wallet wants. The zero value agrees to
// everything, and discloses no more than is required.
type Decision struct {
	Refuse bool  `json:"refuse"` // the session
	All    bool  `json:"all"`    // disclose optional attributes too
	Choose []int `json:"choose"` // numbers of options, one per disjunction of all sessions; 0 where none is left
}

// contradicts reports whether it wants more than one thing.
func (d *Decision) contradicts() bool {
	return d.Refuse && d.All || d.Refuse && d.Choose != nil || d.All && d.Choose != nil
}

// User does in a session, and in those chained to it, what was decided.
type User struct {
	Decision
	used   int               // of Choose
	chosen [][]wallet.Option // per session
}

// Answer is a wallet.Chooser. It remembers for Report what was chosen.
func (u *User) Answer(ctx context.Context, q *wallet.Question) ([]int, error) {
	numbers, err := u.decide(ctx, q)
	if err != nil {
		return nil, err
	}
	var options []wallet.Option
	for i, n := range numbers {
		if n < 0 || n >= len(q.Disjunctions[i]) {
			return nil, fmt.Errorf("choose: disjunction %d has no option %d, but %d options", i+1, n, len(q.Disjunctions[i]))
		}
		options = append(options, q.Disjunctions[i][n])
	}
	u.chosen = append(u.chosen, options)
	return numbers, nil
}

func (u *User) decide(ctx context.Context, q *wallet.Question) ([]int, error) {
	switch {
	case u.Refuse:
		return wallet.Refuse(ctx, q)
	case u.All:
		return wallet.ApproveAll(ctx, q)
	}
	numbers := make([]int, len(q.Disjunctions))
	u.used += copy(numbers, u.Choose[u.used:])
	return numbers, nil
}

// Report tells how it went, from what Perform returned.
func (u *User) Report(outcome *wallet.Outcome, failure error) *Report {
	return newReport(outcome, u.chosen, failure)
}

// Reason is why a session did not succeed, in a word for programs.
type Reason string

// Reasons.
const (
	Refused  Reason = "refused"  // by the user
	Missing  Reason = "missing"  // the wallet lacks requested attributes
	Unpaired Reason = "unpaired" // it ended before the frontend confirmed the pairing code
	Stopped  Reason = "stopped"  // by whoever drives the wallet, or it took too long
	Failed   Reason = "failed"   // anything else, such as a server that refused
)

// ReasonOf returns the reason for an error of Perform, or "" for nil.
func ReasonOf(failure error) Reason {
	switch {
	case failure == nil:
		return ""
	case errors.Is(failure, wallet.ErrRefused):
		return Refused
	case errors.Is(failure, wallet.ErrMissingAttributes):
		return Missing
	case errors.Is(failure, wallet.ErrPairingRejected):
		return Unpaired
	case errors.Is(failure, context.Canceled), errors.Is(failure, context.DeadlineExceeded):
		return Stopped
	}
	return Failed
}
