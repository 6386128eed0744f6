package irmatest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// A test of an application that embeds the server: all it needs is a wallet for the
// same schemes.
func Example_embedded() {
	_ = testEmbedded
}

// testEmbedded would be a test of the application, which is the mux here.
func testEmbedded(t *testing.T) {
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	web := httptest.NewServer(mux)
	defer web.Close()
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: web.URL + "/irma/"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close(t.Context())
	mux.Handle("/irma/", server.Handler())

	user, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	session, err := server.StartSession(t.Context(), irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.root",
		Attributes:       map[string]string{"bsn": "999999990"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := user.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	if cards := user.Credentials(); len(cards) != 1 || *cards[0].Attributes["bsn"] != "999999990" {
		t.Errorf("the user has %+v", cards)
	}
}
