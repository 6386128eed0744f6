package wallet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestUnacceptableRequests lets a server send requests that it should not.
func TestUnacceptableRequests(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	const (
		disclosing = `"@context":"https://irma.app/ld/request/disclosure/v2","context":"AQ==","nonce":"rw0yaVPIWAC4yY0D1IZ2lw==",`
		issuing    = `"@context":"https://irma.app/ld/request/issuance/v2","context":"AQ==","nonce":"rw0yaVPIWAC4yY0D1IZ2lw==",`
		welcome    = `{"@context":"https://irma.app/ld/request/client/v1","protocolVersion":"2.8",
			"options":{"@context":"https://irma.app/ld/options/v1","pairingMethod":"none"},"request":{R}}`
		root = `{"validity":4000000000,"keyCounter":N,"credential":"irmad-demo.gov.root","attributes":{A}X}`
	)
	rootWith := func(keyCounter, attributes, extra string) string {
		return issuing + `"credentials":[` + strings.NewReplacer("N", keyCounter, "A", attributes, "X", extra).Replace(root) + `]`
	}
	for _, tc := range []struct {
		name, answer, request string
		want                  error
		text                  string
	}{
		{"not JSON", `no`, "", wallet.ErrBadAnswer, ""},
		{"old protocol", strings.Replace(welcome, "2.8", "2.7", 1), disclosing + `"disclose":[]`, wallet.ErrUnsupported, "2.7"},
		{"neither request nor pairing", `{"protocolVersion":"2.8"}`, "", wallet.ErrBadAnswer, ""},
		{"other kind", welcome, issuing + `"credentials":[]`, wallet.ErrBadRequest, "disclosing"},
		{"no nonce", welcome, `"@context":"https://irma.app/ld/request/disclosure/v2","context":"AQ=="`, wallet.ErrBadRequest, "nonce"},
		{"development mode", welcome, disclosing + `"devMode":true`, wallet.ErrBadRequest, "development"},
		{"revocation", welcome, disclosing + `"revocation":{"irmad-demo.gov.root":{}}`, wallet.ErrUnsupported, "revocation"},
		{"unknown type", welcome, disclosing + `"disclose":[[["irmad-demo.gov.passport.name"]]]`, wallet.ErrBadRequest, "irmad-demo.gov.passport"},
		{"unknown attribute", welcome, disclosing + `"disclose":[[["irmad-demo.gov.root.name"]]]`, wallet.ErrBadRequest, "irmad-demo.gov.root.name"},
		{"identifier of five parts", welcome, disclosing + `"disclose":[[["irmad-demo.gov.root.x.bsn"]]]`, wallet.ErrBadRequest, "irmad-demo.gov.root.x.bsn"},
		{"two non-singletons", welcome, disclosing + `"disclose":[[["irmad-demo.vote.ballot.election","irmad-demo.gov.personalData.city"]]]`,
			wallet.ErrBadRequest, "non-singletons"},
		{"nothing can satisfy", welcome, disclosing + `"disclose":[[]]`, wallet.ErrMissingAttributes, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			refuses(t, schemes, irma.Disclosing, strings.Replace(tc.answer, "R", tc.request, 1), tc.want, tc.text)
		})
	}
	bsn := `"bsn":"1"`
	for _, tc := range []struct {
		name, request, text string
		want                error
	}{
		{"unknown credential type", issuing + `"credentials":[{"credential":"irmad-demo.gov.passport"}]`, "irmad-demo.gov.passport", wallet.ErrBadRequest},
		{"unknown key", rootWith("99", bsn, ""), "irmad-demo.gov-99", wallet.ErrBadRequest},
		{"unknown attribute in credential", rootWith("0", bsn+`,"name":"x"`, ""), "irmad-demo.gov.root.name", wallet.ErrBadRequest},
		{"attribute left out", rootWith("0", "", ""), "irmad-demo.gov.root.bsn", wallet.ErrBadRequest},
		{"other randomblindIDs", rootWith("0", bsn, `,"randomblindIDs":["bsn"]`), "randomblindIDs", wallet.ErrBadRequest},
		{"revocable", rootWith("0", bsn, `,"revocationSupported":true`), "irmad-demo.gov.root", wallet.ErrUnsupported},
		{"value for randomblind attribute", issuing + `"credentials":[{"validity":4000000000,"credential":"irmad-demo.vote.ballot",
			"attributes":{"election":"x","votingNumber":"1"}}]`, "irmad-demo.vote.ballot.votingNumber", wallet.ErrBadRequest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			refuses(t, schemes, irma.Issuing, strings.Replace(welcome, "R", tc.request, 1), tc.want, tc.text)
		})
	}
}

// refuses checks that the wallet refuses a session that begins with this answer,
// saying why, and cancels it.
func refuses(t *testing.T, schemes *scheme.Set, action irma.Action, answer string, want error, text string) {
	t.Helper()
	rec := &recorder{}
	w, err := wallet.New(schemes, wallet.Config{HTTPClient: rec.client(), Production: true})
	if err != nil {
		t.Fatal(err)
	}
	url := script(t, map[string]string{"GET /": answer})
	_, err = w.Perform(t.Context(), irma.SessionPointer{URL: url, Action: action})
	if !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
		t.Errorf("error %q, want %q with %q", err, want, text)
	}
	if diff := cmp.Diff([]string{"GET /", "DELETE /"}, rec.summary()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestExpiredKey looks at a fresh request with the clock of the next century.
func TestExpiredKey(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	later := func() time.Time { return time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC) }
	w := server.NewWallet(t, wallet.Config{Now: later})
	result, err := server.Run(t, w, irma.NewIssuanceRequest(rootCredential("1")))
	if !errors.Is(err, wallet.ErrBadRequest) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("error %v", err)
	}
	if result.Status != irma.StatusCancelled {
		t.Errorf("session is %s", result.Status)
	}
}

// TestExpiredCredentials asks for credentials after their expiry.
func TestExpiredCredentials(t *testing.T) {
	t.Parallel()
	server, _ := fixture(t, wallet.Config{})
	w := filled(t, server, wallet.Config{Now: func() time.Time { return time.Now().AddDate(1, 0, 0) }})
	req := disclosure(irma.DisCon{con(over18)})
	if _, err := server.Run(t, w, req); !errors.Is(err, wallet.ErrMissingAttributes) {
		t.Errorf("error %v", err)
	}
	req.SkipExpiryCheck = []irma.CredentialTypeID{"irmad-demo.gov.ageLimits"}
	if _, err := server.Run(t, w, req); err != nil {
		t.Errorf("without expiry check: %v", err)
	}
}

func TestBadPointers(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	w, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"", "session/abc", "ftp://example.com/x", "http:///x", "http://[", "\x00"} {
		outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: url, Action: irma.Disclosing})
		if !errors.Is(err, wallet.ErrBadRequest) || outcome == nil {
			t.Errorf("%q: error %v, outcome %v", url, err, outcome)
		}
	}
	if _, err := wallet.New(nil, wallet.Config{}); err == nil {
		t.Error("wallet without schemes")
	}
}
