// Command sign lets somebody sign a document with attributes from a wallet, and
// verifies the signature later, with nothing but the document, the signature and the
// schemes:
//
//	sign contract.txt contract.signature    # prints a link for the app, and waits
//	sign -verify contract.txt contract.signature
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

func main() {
	later := flag.Bool("verify", false, "verify instead of sign")
	flag.Parse()
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080/irma/"})
	if err != nil {
		log.Fatal(err)
	}
	document, err := os.ReadFile(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	if *later {
		err = verifyFile(os.Stdout, server, string(document), flag.Arg(1))
	} else {
		go func() { log.Fatal(http.ListenAndServe("localhost:8080", server.Handler())) }()
		err = signFile(os.Stdout, server, string(document), flag.Arg(1))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// request says what is signed, and with what. The app shows the message to its
// user, so a long document is better signed by a sentence with its digest.
func request(document string) *irma.SessionRequest {
	return irma.NewSignatureRequest(document, "irmad-demo.gov.personalData.firstName", "irmad-demo.gov.personalData.familyName")
}

// signFile has the document signed, and keeps the signature.
func signFile(out io.Writer, server *irmaserver.Server, document, path string) error {
	session, err := server.StartSession(context.Background(), request(document))
	if err != nil {
		return err
	}
	pointer, _ := json.Marshal(session.SessionPtr) // two texts
	fmt.Fprintf(out, "https://open.yivi.app/-/session#%s\n", url.QueryEscape(string(pointer)))
	result, err := server.WaitResult(context.Background(), session.Token)
	if err != nil {
		return err
	}
	if result.ProofStatus != irma.ProofValid {
		return fmt.Errorf("not signed: the session is %s %s", result.Status, result.ProofStatus)
	}
	signature, err := json.Marshal(result.Signature)
	if err != nil {
		return err
	}
	return os.WriteFile(path, signature, 0o600)
}

// verifyFile tells who signed the document. The request makes sure that this is the
// document and these are the attributes.
func verifyFile(out io.Writer, server *irmaserver.Server, document, path string) error {
	stored, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	signature, err := irma.ParseSignedMessage(stored)
	if err != nil {
		return err
	}
	result, err := server.VerifySignature(context.Background(), signature, request(document))
	if err != nil {
		return err
	}
	if result.Status != irma.ProofValid {
		return fmt.Errorf("the signature is not of this document: %s", result.Status)
	}
	fmt.Fprintln(out, "signed by", result.Disclosed[0][0].Text(), result.Disclosed[1][0].Text())
	return nil
}
