package irmaserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// A web application mounts the endpoints for wallets under a path of its
// choice, starts a session, and waits for what the user's wallet proves.
func Example() {
	schemes, err := demo.Set()
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	web := httptest.NewServer(mux) // in reality: http.ListenAndServe
	defer web.Close()

	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: web.URL + "/wallets/irma/"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close(context.Background())
	mux.Handle("/wallets/irma/", server.Handler())

	user := newUser(server, schemes) // in reality: somebody with a phone
	ctx := context.Background()
	session, err := server.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	go user.Perform(ctx, session.SessionPtr)
	result, err := server.WaitResult(ctx, session.Token)
	if err != nil {
		fmt.Println(err)
		return
	}
	if result.ProofStatus == irma.ProofValid {
		fmt.Println("over 18:", result.Disclosed[0][0].Text())
	}
	// Output: over 18: yes
}

// The session pointer is for the wallet, the token for the requestor alone. A
// request that cannot work is refused with an *irma.Error that tells why.
func ExampleServer_StartSession() {
	server, _, stop := start()
	defer stop()

	session, err := server.StartSession(context.Background(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	fmt.Println(session.SessionPtr.Action, len(session.Token), err)

	_, err = server.StartSession(context.Background(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over81"))
	fmt.Println(irma.AsError(err).Name)
	// Output:
	// disclosing 20 <nil>
	// INVALID_REQUEST
}

// Alternatives and required values are written as a condiscon, in Go or as the
// JSON that frontends and other servers use.
func ExampleServer_StartSession_json() {
	server, _, stop := start()
	defer stop()

	request, err := irma.ParseRequest([]byte(`{
		"@context": "https://irma.app/ld/request/disclosure/v2",
		"disclose": [[
			["irmad-demo.gov.ageLimits.over18"],
			["irmad-demo.gov.personalData.birthDate", {"type": "irmad-demo.gov.personalData.city", "value": "Utrecht"}]
		]]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	session, err := server.StartSession(context.Background(), request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.HasPrefix(session.SessionPtr.URL, "http://"))
	// Output: true
}

// Result does not wait: of a running session it tells the status.
func ExampleServer_Result() {
	server, user, stop := start()
	defer stop()
	ctx := context.Background()

	session, err := server.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := server.Result(ctx, session.Token)
	fmt.Println(result.Status, result.Disclosed, err)

	if _, err := user.Perform(ctx, session.SessionPtr); err != nil {
		fmt.Println(err)
		return
	}
	result, err = server.Result(ctx, session.Token)
	fmt.Println(result.Status, result.ProofStatus, err)
	attr := result.Disclosed[0][0]
	fmt.Println(attr.Identifier, *attr.RawValue)
	// Output:
	// INITIALIZED [] <nil>
	// DONE VALID <nil>
	// irmad-demo.gov.ageLimits.over18 yes
}

// WaitResult returns when the session has ended, however that happens.
func ExampleServer_WaitResult() {
	server, user, stop := start()
	defer stop()
	ctx := context.Background()

	session, err := server.StartSession(ctx, irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.root",
		Attributes:       map[string]string{"bsn": "999999990"},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	go user.Perform(ctx, session.SessionPtr)
	result, err := server.WaitResult(ctx, session.Token)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Type, result.Status, result.ProofStatus)
	// Output: issuing DONE VALID
}

// The channel gives the status of this moment, every later one, and is closed
// after the last.
func ExampleServer_Subscribe() {
	server, user, stop := start()
	defer stop()
	ctx := context.Background()

	session, err := server.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	statuses, err := server.Subscribe(ctx, session.Token)
	if err != nil {
		fmt.Println(err)
		return
	}
	go user.Perform(ctx, session.SessionPtr)
	for status := range statuses {
		fmt.Println(status)
	}
	// Output:
	// INITIALIZED
	// CONNECTED
	// DONE
}

// A cancelled session is over for the wallet too.
func ExampleServer_CancelSession() {
	server, user, stop := start()
	defer stop()
	ctx := context.Background()

	session, err := server.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := server.CancelSession(ctx, session.Token); err != nil {
		fmt.Println(err)
		return
	}
	status, err := server.Status(ctx, session.Token)
	fmt.Println(status, err)
	_, err = user.Perform(ctx, session.SessionPtr)
	fmt.Println(irma.AsError(err).Name)
	// Output:
	// CANCELLED <nil>
	// UNEXPECTED_REQUEST
}

// Wallets use Handler, so it must be reachable at Config.URL. Requestors inside
// the program need no HTTP; others can be served with RequestorHandler.
func ExampleServer_Handler() {
	server, _, stop := start()
	defer stop()

	mux := http.NewServeMux()
	mux.Handle("/irma/", server.Handler())
	private := http.NewServeMux() // not for the public
	private.Handle("/session", server.RequestorHandler())
	private.Handle("/session/", server.RequestorHandler())

	answer := httptest.NewRecorder()
	body := strings.NewReader(`{"@context": "https://irma.app/ld/request/disclosure/v2", "disclose": [[["irmad-demo.gov.root.bsn"]]]}`)
	request := httptest.NewRequest(http.MethodPost, "/session", body)
	request.Header.Set("Content-Type", "application/json")
	private.ServeHTTP(answer, request)
	fmt.Println(answer.Code)

	answer = httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/irma/session/aaaaaaaaaaaaaaaaaaaa/status", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output:
	// 200
	// 400 {"status":400,"error":"SESSION_UNKNOWN","description":"Unknown or expired session"}
}

// start returns a server of the demo scheme that wallets can reach, and a user
// who is over 18 and agrees to everything.
func start() (server *irmaserver.Server, user *wallet.Wallet, stop func()) {
	schemes, err := demo.Set()
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	web := httptest.NewServer(mux)
	server, err = irmaserver.New(irmaserver.Config{Schemes: schemes, URL: web.URL + "/irma/"})
	if err != nil {
		panic(err)
	}
	mux.Handle("/irma/", server.Handler())
	stop = func() {
		if err := server.Close(context.Background()); err != nil {
			panic(err)
		}
		web.Close()
	}
	return server, newUser(server, schemes), stop
}

func newUser(server *irmaserver.Server, schemes *scheme.Set) *wallet.Wallet {
	user, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		panic(err)
	}
	session, err := server.StartSession(context.Background(), irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}))
	if err != nil {
		panic(err)
	}
	if _, err := user.Perform(context.Background(), session.SessionPtr); err != nil {
		panic(err)
	}
	return user
}

// A signature is kept as JSON, and verified when it matters.
func ExampleServer_VerifySignature() {
	server, user, stop := start()
	defer stop()
	ctx := context.Background()

	request := irma.NewSignatureRequest("I agree", "irmad-demo.gov.ageLimits.over18")
	session, err := server.StartSession(ctx, request)
	if err != nil {
		fmt.Println(err)
		return
	}
	go user.Perform(ctx, session.SessionPtr)
	result, err := server.WaitResult(ctx, session.Token)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, _ := json.Marshal(result.Signature)

	signature, err := irma.ParseSignedMessage(stored)
	if err != nil {
		fmt.Println(err)
		return
	}
	verified, err := server.VerifySignature(ctx, signature, request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verified.Status, verified.Message, verified.Disclosed[0][0].Text())
	// Output: VALID I agree yes
}
