package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

func ages(over18 string) irma.CredentialRequest {
	return irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": over18, "over21": "no"},
	}
}

// The application is tested as a whole: its endpoints, the server that it uses, and a
// user with a wallet. Each test has its own of all three, so they run in parallel.
func TestAdult(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		credentials []irma.CredentialRequest
		user        wallet.Config
		fails       error // in the wallet
		status      int
	}{
		"adult":      {[]irma.CredentialRequest{ages("yes")}, wallet.Config{}, nil, http.StatusOK},
		"minor":      {[]irma.CredentialRequest{ages("no")}, wallet.Config{}, nil, http.StatusForbidden},
		"no card":    {nil, wallet.Config{}, wallet.ErrMissingAttributes, http.StatusForbidden},
		"would not":  {[]irma.CredentialRequest{ages("yes")}, wallet.Config{Choose: refuseDisclosure}, wallet.ErrRefused, http.StatusForbidden},
		"production": {nil, wallet.Config{Production: true}, wallet.ErrBadRequest, http.StatusForbidden}, // the test server is not for the public
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := irmatest.NewServer(t)
			user := server.NewWallet(t, tt.user)
			if tt.credentials != nil {
				server.Issue(t, user, tt.credentials...)
			}
			app := httptest.NewServer(newHandler(&requestor.Client{URL: server.URL}))
			defer app.Close()
			jar, _ := cookiejar.New(nil)
			browser := &http.Client{Jar: jar}

			resp, err := browser.Post(app.URL+"/start", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var pkg irma.SessionPackage // as yivi-frontend gets it
			if err := json.NewDecoder(resp.Body).Decode(&pkg); err != nil || pkg.Token != "" {
				t.Fatalf("package %+v, %v", pkg, err)
			}
			if status := get(t, browser, app.URL+"/adult"); status != http.StatusForbidden {
				t.Errorf("before: status %d", status)
			}
			if _, err := user.Perform(t.Context(), pkg.SessionPtr); !errors.Is(err, tt.fails) {
				t.Errorf("wallet: %v, want %v", err, tt.fails)
			}
			if status := get(t, browser, app.URL+"/adult"); status != tt.status {
				t.Errorf("after: status %d, want %d", status, tt.status)
			}
		})
	}
}

// refuseDisclosure is a user who takes cards and shows none.
func refuseDisclosure(ctx context.Context, q *wallet.Question) ([]int, error) {
	if q.Request.Action() == irma.Disclosing {
		return wallet.Refuse(ctx, q)
	}
	return wallet.Approve(ctx, q)
}

func get(t *testing.T, browser *http.Client, url string) int {
	t.Helper()
	resp, err := browser.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// The application says something sensible while its server is away, and does not let
// strangers in.
func TestAway(t *testing.T) {
	t.Parallel()
	app := newHandler(&requestor.Client{URL: "http://127.0.0.1:1/"})
	for path, want := range map[string]int{"POST /start": http.StatusBadGateway, "GET /adult": http.StatusForbidden} {
		method, path, _ := strings.Cut(path, " ")
		answer := httptest.NewRecorder()
		app.ServeHTTP(answer, httptest.NewRequest(method, path, nil))
		if answer.Code != want {
			t.Errorf("%s: status %d", path, answer.Code)
		}
	}
}
