package wallet_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// optionCounts returns how many ways there are to satisfy each disjunction.
func optionCounts(q *wallet.Question) []int {
	var out []int
	for _, options := range q.Disjunctions {
		out = append(out, len(options))
	}
	return out
}

// TestObtain gets, one at a time, the credentials that a new wallet lacks.
func TestObtain(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	var user *wallet.Wallet
	var asked [][]int
	user = server.NewWallet(t, wallet.Config{Obtain: func(ctx context.Context, q *wallet.Question) error {
		asked = append(asked, optionCounts(q))
		lacking := ageCredential()
		if len(q.Disjunctions[0]) > 0 {
			lacking = rootCredential("999")
		}
		pkg, err := server.Irma.StartSession(ctx, irma.NewIssuanceRequest(lacking))
		if err != nil {
			return err
		}
		_, err = user.Perform(ctx, pkg.SessionPtr)
		return err
	}})
	result, err := server.Run(t, user, disclosure(irma.DisCon{con(over18)}, irma.DisCon{con(bsn)}, irma.DisCon{con(), con(city)}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"yes"}, {"999"}, {}}, values(result)); diff != "" {
		t.Errorf("disclosed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]int{{0, 0, 1}, {1, 0, 1}}, asked); diff != "" {
		t.Errorf("numbers of options when something was lacking (-want +got):\n%s", diff)
	}
}

func TestObtainRefused(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	user := server.NewWallet(t, wallet.Config{Obtain: func(context.Context, *wallet.Question) error { return wallet.ErrRefused }})
	result, err := server.Run(t, user, disclosure(irma.DisCon{con(over18)}))
	if !errors.Is(err, wallet.ErrRefused) || !errors.Is(err, wallet.ErrMissingAttributes) {
		t.Errorf("error is %v", err)
	}
	if result.Status != irma.StatusCancelled {
		t.Errorf("session is %s", result.Status)
	}
}
