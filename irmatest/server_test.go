package irmatest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

func root(bsn string) irma.CredentialRequest {
	return irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": bsn}}
}

// TestRequestorAPI drives the server as an application in another process does.
func TestRequestorAPI(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{})
	server.Issue(t, w, root("999"))

	body, err := json.Marshal(irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"))
	if err != nil {
		t.Fatal(err)
	}
	var pkg irma.SessionPackage
	fetch(t, "POST", server.URL+"/session", body, &pkg)
	if _, err := w.Perform(t.Context(), pkg.SessionPtr); err != nil {
		t.Fatal(err)
	}
	var result irma.SessionResult
	fetch(t, "GET", server.URL+"/session/"+string(pkg.Token)+"/result", nil, &result)
	if result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid || *result.Disclosed[0][0].RawValue != "999" {
		t.Errorf("result %+v", result)
	}
}

func fetch(t *testing.T, method, url string, body []byte, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s (%v)", method, url, resp.Status, answer, err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatal(err)
	}
}

// TestOptions sets the server's clock back a year. The wallet computes the
// metadata by its own clock, so the signature is not the one that it expects.
func TestOptions(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t, func(cfg *irmaserver.Config) {
		cfg.Now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
	})
	w := server.NewWallet(t, wallet.Config{})
	_, err := server.Run(t, w, irma.NewIssuanceRequest(root("1")))
	if !errors.Is(err, wallet.ErrBadAnswer) {
		t.Errorf("error %v", err)
	}
}

func TestRunReportsRefusal(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{Choose: wallet.Refuse})
	result, err := server.Run(t, w, irma.NewIssuanceRequest(root("1")))
	if !errors.Is(err, wallet.ErrRefused) || result.Status != irma.StatusCancelled {
		t.Errorf("error %v, session is %s", err, result.Status)
	}
}

// The tests in the documentation pass.
func TestExamples(t *testing.T) {
	t.Parallel()
	t.Run("login", testLogin)
	t.Run("decline", testDecline)
	t.Run("embedded", testEmbedded)
}
