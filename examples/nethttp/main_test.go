package main

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// visit is a visitor of the shop, with a browser and a wallet.
type visit struct {
	t       *testing.T
	url     string
	browser *http.Client
	wallet  *wallet.Wallet
}

// newVisit opens a shop, and gives a visitor a credential.
func newVisit(t *testing.T, over18 string) *visit {
	t.Helper()
	schemes, err := demo.Set()
	must(t, err)
	mux := http.NewServeMux()
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: front.URL + "/wallets/irma/"})
	must(t, err)
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	mux.Handle("/", newHandler(server))

	w, err := wallet.New(schemes, wallet.Config{})
	must(t, err)
	issuance, err := server.StartSession(t.Context(), irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": over18, "over21": "no"},
	}))
	must(t, err)
	_, err = w.Perform(t.Context(), issuance.SessionPtr)
	must(t, err)
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &visit{t, front.URL, &http.Client{Jar: jar}, w}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// page loads the shop's page, or presses its button.
func (v *visit) page(method string) string {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.url, nil)
	must(v.t, err)
	resp, err := v.browser.Do(req)
	must(v.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(v.t, err)
	if resp.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: status %d: %s", method, resp.StatusCode, body)
	}
	return string(body)
}

var link = regexp.MustCompile(`href="([^"]*)"`)

// pointer returns the session pointer in the link on the page.
func (v *visit) pointer(page string) irma.SessionPointer {
	v.t.Helper()
	found := link.FindStringSubmatch(page)
	if found == nil {
		v.t.Fatalf("no link on the page:\n%s", page)
	}
	_, fragment, _ := strings.Cut(html.UnescapeString(found[1]), "#")
	text, err := url.QueryUnescape(fragment)
	must(v.t, err)
	var pointer irma.SessionPointer
	must(v.t, json.Unmarshal([]byte(text), &pointer))
	return pointer
}

func TestShop(t *testing.T) {
	t.Parallel()
	for over18, want := range map[string]string{"yes": "Welcome!", "no": "We have not seen"} {
		t.Run(over18, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t, over18)
			if page := v.page(http.MethodGet); !strings.Contains(page, "We have not seen") {
				t.Errorf("page before the session:\n%s", page)
			}
			page := v.page(http.MethodPost)
			_, err := v.wallet.Perform(t.Context(), v.pointer(page))
			must(t, err)
			if page := v.page(http.MethodGet); !strings.Contains(page, want) {
				t.Errorf("page after the session lacks %q:\n%s", want, page)
			}
		})
	}
}

// TestRefusal is about a visitor who wants to show nothing.
func TestRefusal(t *testing.T) {
	t.Parallel()
	v := newVisit(t, "yes")
	pointer := v.pointer(v.page(http.MethodPost))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, pointer.URL, nil)
	must(t, err)
	resp, err := v.browser.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if page := v.page(http.MethodGet); !strings.Contains(page, "We have not seen") {
		t.Errorf("page after a refusal:\n%s", page)
	}
}
