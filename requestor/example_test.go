package requestor_test

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
	"github.com/irmad/irmaserver/scheme/demo"
)

// remote is a server that runs elsewhere, and somebody with a wallet.
type remote struct {
	url  string
	user *wallet.Wallet
	stop func()
}

func newRemote(key *rsa.PrivateKey) *remote {
	schemes, err := demo.Set()
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	web := httptest.NewServer(mux)
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: web.URL + "/irma/", JWTKey: key})
	if err != nil {
		panic(err)
	}
	mux.Handle("/irma/", server.Handler())
	mux.Handle("/", server.RequestorHandler())
	user, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		panic(err)
	}
	r := &remote{url: web.URL, user: user, stop: func() { _ = server.Close(context.Background()); web.Close() }}
	session, err := server.StartSession(context.Background(), irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}))
	if err != nil {
		panic(err)
	}
	r.scan(session.SessionPtr)
	return r
}

// scan does what a user does who scans a QR.
func (r *remote) scan(ptr irma.SessionPointer) {
	if _, err := r.user.Perform(context.Background(), ptr); err != nil {
		panic(err)
	}
}

// A shop asks whether somebody is over 18.
func ExampleClient() {
	server := newRemote(nil)
	defer server.stop()
	ctx := context.Background()

	client := &requestor.Client{URL: server.url}
	session, err := client.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	go server.scan(session.SessionPtr) // in reality: show it to somebody with a phone
	result, err := client.WaitResult(ctx, session.Token)
	if err != nil {
		fmt.Println(err)
		return
	}
	if result.ProofStatus == irma.ProofValid {
		fmt.Println("over 18:", *result.Disclosed[0][0].RawValue)
	}
	// Output: over 18: yes
}

// Statuses lets a program show how far the user is.
func ExampleClient_Statuses() {
	server := newRemote(nil)
	defer server.stop()
	ctx := context.Background()

	client := &requestor.Client{URL: server.url}
	session, err := client.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for status, err := range client.Statuses(ctx, session.Token) {
		if err != nil {
			fmt.Println(err)
			return
		}
		switch {
		case status == irma.StatusInitialized:
			fmt.Println("please scan the QR")
			go server.scan(session.SessionPtr)
		case status.Finished():
			fmt.Println("ready:", status)
		}
	}
	// Output:
	// please scan the QR
	// ready: DONE
}

// A browser brings the result that the server signed for it.
func ExampleVerifier_Verify() {
	server := newRemote(rsaKey())
	defer server.stop()
	ctx := context.Background()
	client := &requestor.Client{URL: server.url}
	session, err := client.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	server.scan(session.SessionPtr)
	token, err := client.ResultJWT(ctx, session.Token)
	if err != nil {
		fmt.Println(err)
		return
	}

	key, err := client.ServerKey(ctx) // in reality: once, and then from a file
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier := &requestor.Verifier{Key: key}
	signed, err := verifier.Verify([]byte(token))
	if err != nil {
		fmt.Println(err)
		return
	}
	if signed.ProofStatus == irma.ProofValid {
		fmt.Println(*signed.Disclosed[0][0].RawValue)
	}
	// Output: yes
}

// A server with a key tells a shop how its sessions went.
func ExampleVerifier_Callback() {
	verifier := &requestor.Verifier{Key: &rsaKey().PublicKey} // in reality: requestor.ParseServerKey
	mux := http.NewServeMux()
	mux.HandleFunc("POST /irma-results/", func(w http.ResponseWriter, r *http.Request) {
		signed, err := verifier.Callback(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println(signed.Token, "is", signed.Status)
	})
}

// A signed request can be handed to somebody else, who starts the session.
func ExampleAuth_Sign() {
	auth, err := requestor.ParseAuth("hmac", "shop", "c2VjcmV0LW9mLXRoZS1zaG9w")
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := auth.Sign(irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"), time.Unix(1795328318, 0))
	fmt.Println(token[:36], err)
	// Output: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 <nil>
}
