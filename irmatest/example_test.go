package irmatest_test

import (
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// A test of an application that lets its users log in with an attribute.
func ExampleNewServer() {
	_ = testLogin
}

// testLogin would be TestLogin in the tests of the application.
func testLogin(t *testing.T) {
	server := irmatest.NewServer(t)
	user := server.NewWallet(t, wallet.Config{})
	server.Issue(t, user, irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.root",
		Attributes:       map[string]string{"bsn": "999999990"},
	})

	// The application under test starts the session; here that is done at once.
	pkg := server.Start(t, irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"))
	if _, err := user.Perform(t.Context(), pkg.SessionPtr); err != nil {
		t.Fatal(err)
	}
	result, err := server.Irma.Result(t.Context(), pkg.Token)
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Disclosed[0][0].Text(); got != "999999990" {
		t.Errorf("logged in as %s", got)
	}
}
