// Package visit tests the examples: it runs one as a website, and visits it with a
// browser and a wallet.
package visit

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

// Visit is a visitor of a website.
type Visit struct {
	URL     string
	Server  *irmaserver.Server
	Wallet  *wallet.Wallet
	Browser *http.Client
}

// New runs the website that handler makes of a server, with the endpoints for
// wallets below path, until the test ends.
func New(tb testing.TB, path string, handler func(*irmaserver.Server) http.Handler, change ...func(*irmaserver.Config)) *Visit {
	tb.Helper()
	schemes, err := demo.Set()
	must(tb, err)
	mux := http.NewServeMux()
	front := httptest.NewServer(mux)
	tb.Cleanup(front.Close)
	cfg := irmaserver.Config{Schemes: schemes, URL: front.URL + path, PrimePool: -1}
	for _, f := range change {
		f(&cfg)
	}
	server, err := irmaserver.New(cfg)
	must(tb, err)
	tb.Cleanup(func() { _ = server.Close(context.Background()) })
	mux.Handle("/", handler(server))
	w, err := wallet.New(schemes, wallet.Config{})
	must(tb, err)
	jar, err := cookiejar.New(nil)
	must(tb, err)
	return &Visit{front.URL, server, w, &http.Client{Jar: jar}}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Obtain gives the visitor a credential of irmad-demo.gov, with attributes as
// "name=value".
func (v *Visit) Obtain(tb testing.TB, name string, attributes ...string) {
	tb.Helper()
	cred := irma.CredentialRequest{CredentialTypeID: irma.CredentialTypeID("irmad-demo.gov." + name), Attributes: map[string]string{}}
	for _, attribute := range attributes {
		name, value, _ := strings.Cut(attribute, "=")
		cred.Attributes[name] = value
	}
	session, err := v.Server.StartSession(tb.Context(), irma.NewIssuanceRequest(cred))
	must(tb, err)
	_, err = v.Wallet.Perform(tb.Context(), session.SessionPtr)
	must(tb, err)
}

// Get loads a page.
func (v *Visit) Get(tb testing.TB, path string) string {
	tb.Helper()
	return v.page(tb, http.MethodGet, path, nil)
}

// Post sends a form.
func (v *Visit) Post(tb testing.TB, path string, form url.Values) string {
	tb.Helper()
	return v.page(tb, http.MethodPost, path, form)
}

func (v *Visit) page(tb testing.TB, method, path string, form url.Values) string {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, v.URL+path, strings.NewReader(form.Encode()))
	must(tb, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := v.Browser.Do(req)
	must(tb, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(tb, err)
	if resp.StatusCode != http.StatusOK {
		tb.Fatalf("%s %s: status %d: %s", method, path, resp.StatusCode, body)
	}
	return string(body)
}

var link = regexp.MustCompile(`href="(https://open\.yivi\.app/[^"]*)"`)

// Pointer returns the session pointer in the link on a page.
func Pointer(tb testing.TB, page string) irma.SessionPointer {
	tb.Helper()
	found := link.FindStringSubmatch(page)
	if found == nil {
		tb.Fatalf("no link on the page:\n%s", page)
	}
	_, fragment, _ := strings.Cut(html.UnescapeString(found[1]), "#")
	text, err := url.QueryUnescape(fragment)
	must(tb, err)
	var pointer irma.SessionPointer
	must(tb, json.Unmarshal([]byte(text), &pointer))
	return pointer
}

// Scan lets the wallet do the session on a page.
func (v *Visit) Scan(tb testing.TB, page string) {
	tb.Helper()
	_, err := v.Wallet.Perform(tb.Context(), Pointer(tb, page))
	must(tb, err)
}

// Decline is what the app does when its user declines the session on a page.
func (v *Visit) Decline(tb testing.TB, page string) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodDelete, Pointer(tb, page).URL, nil)
	must(tb, err)
	resp, err := v.Browser.Do(req)
	must(tb, err)
	must(tb, resp.Body.Close())
}

// Expect fails the test if the page lacks the text.
func Expect(tb testing.TB, page, text string) {
	tb.Helper()
	if !strings.Contains(page, text) {
		tb.Errorf("no %q on the page:\n%s", text, page)
	}
}
