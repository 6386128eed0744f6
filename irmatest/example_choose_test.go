package irmatest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// A user who says yes to one kind of session and no to another.
func ExampleServer_NewWallet() {
	_ = testDecline
}

// testDecline would be TestDecline in the tests of the application.
func testDecline(t *testing.T) {
	server := irmatest.NewServer(t)
	user := server.NewWallet(t, wallet.Config{Choose: func(ctx context.Context, q *wallet.Question) ([]int, error) {
		if q.Request.Action() == irma.Disclosing {
			return wallet.Refuse(ctx, q)
		}
		return wallet.Approve(ctx, q)
	}})
	root := irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "999999990"}}
	server.Issue(t, user, root)

	result, err := server.Run(t, user, irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"))
	if !errors.Is(err, wallet.ErrRefused) {
		t.Errorf("the wallet says %v", err)
	}
	if result.Status != irma.StatusCancelled {
		t.Errorf("the application sees %s", result.Status)
	}
}
