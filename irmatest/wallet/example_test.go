package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// A server issues a credential to a wallet and asks for one of its attributes.
func ExampleWallet_Perform() {
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	listener := httptest.NewServer(mux)
	defer listener.Close()
	server, err := irmaserver.New(irmaserver.Config{URL: listener.URL + "/irma/", Schemes: schemes})
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("/irma/", server.Handler())
	ctx := context.Background()
	defer func() { _ = server.Close(ctx) }()

	w, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for _, req := range []*irma.SessionRequest{
		irma.NewIssuanceRequest(irma.CredentialRequest{
			CredentialTypeID: "irmad-demo.gov.root",
			Attributes:       map[string]string{"bsn": "999999990"},
		}),
		irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"),
		irma.NewDisclosureRequest("irmad-demo.gov.personalData.city"),
	} {
		pkg, err := server.StartSession(ctx, req)
		if err != nil {
			log.Fatal(err)
		}
		outcome, err := w.Perform(ctx, pkg.SessionPtr)
		if errors.Is(err, wallet.ErrMissingAttributes) {
			fmt.Println(err)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(outcome.Action, outcome.ProofStatus, outcome.Disclosed)
	}
	// Output:
	// issuing VALID []
	// disclosing VALID [irmad-demo.gov.root.bsn]
	// wallet lacks requested attributes: irmad-demo.gov.personalData.city
}
