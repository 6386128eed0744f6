package wallet_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

func TestIssuance(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{})
	pkg := server.Start(t, irma.NewIssuanceRequest(personCredential("Delft"), ageCredential()))
	outcome, err := w.Perform(t.Context(), pkg.SessionPtr)
	if err != nil {
		t.Fatal(err)
	}
	want := []wallet.Credential{
		{
			Type: "irmad-demo.gov.personalData",
			Attributes: map[string]*string{
				"firstName": text("Ada"), "prefix": nil, "familyName": text("Lovelace"),
				"birthDate": text("10-12-1815"), "city": text("Delft"),
			},
		},
		{
			Type: "irmad-demo.gov.ageLimits",
			Attributes: map[string]*string{
				"over12": text("yes"), "over16": text("yes"), "over18": text("yes"), "over21": text("no"),
			},
		},
	}
	ignored := cmpopts.IgnoreFields(wallet.Credential{}, "ID", "Issued", "Expires", "KeyCounter")
	if diff := cmp.Diff(want, outcome.Issued, ignored); diff != "" {
		t.Errorf("issued (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(outcome.Issued, w.Credentials()); diff != "" {
		t.Errorf("stored (-issued +stored):\n%s", diff)
	}
	for _, cred := range outcome.Issued {
		if cred.Issued%604800 != 0 || cred.Expires <= cred.Issued || len(cred.ID) != 64 {
			t.Errorf("credential %q issued at %d, expires at %d", cred.ID, cred.Issued, cred.Expires)
		}
	}
}

func TestIssuanceWithDisclosure(t *testing.T) {
	t.Parallel()
	server, w := fixture(t, wallet.Config{})
	req := irma.NewIssuanceRequest(ballotCredential(), ageCredential())
	req.Disclose = irma.ConDisCon{{con(bsn, city)}, {con(), con(over21)}, {con(over18)}}
	result, err := server.Run(t, w, req)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"999", "London"}, {}, {"yes"}}, values(result)); diff != "" {
		t.Errorf("disclosed (-want +got):\n%s", diff)
	}
	if n := len(w.Credentials()); n != 5 {
		t.Errorf("wallet has %d credentials", n)
	}
}

func TestRandomblind(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	numbers := map[string]bool{}
	for range 2 {
		w := server.NewWallet(t, wallet.Config{})
		server.Issue(t, w, ballotCredential())
		number := *w.Credentials()[0].Attributes["votingNumber"]
		if len(number) < 30 {
			t.Errorf("voting number %q is short for 256 random bits", number)
		}
		numbers[number] = true
		result, err := server.Run(t, w, disclosure(irma.DisCon{con(votingNumber)}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]string{{number}}, values(result)); diff != "" {
			t.Errorf("disclosed (-want +got):\n%s", diff)
		}
	}
	if len(numbers) != 2 {
		t.Error("two wallets have one voting number")
	}
}

func TestSingletonIsReplaced(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{})
	server.Issue(t, w, rootCredential("1"), personCredential("Delft"))
	server.Issue(t, w, rootCredential("2"), personCredential("Leiden"))
	var got []string
	for _, cred := range w.Credentials() {
		if value := cred.Attributes["bsn"]; value != nil {
			got = append(got, *value)
			continue
		}
		got = append(got, *cred.Attributes["city"])
	}
	if diff := cmp.Diff([]string{"Delft", "2", "Leiden"}, got); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
}

// TestBadSignatures lets somebody between server and wallet spoil the
// credential.
func TestBadSignatures(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	one := irma.NewInt(1)
	for name, spoil := range map[string]func(*irma.ServerSessionResponse){
		"no credential":      func(r *irma.ServerSessionResponse) { r.Signatures = nil },
		"one too many":       func(r *irma.ServerSessionResponse) { r.Signatures = append(r.Signatures, r.Signatures[0]) },
		"other A":            func(r *irma.ServerSessionResponse) { r.Signatures[0].Signature.A = one },
		"zero A":             func(r *irma.ServerSessionResponse) { r.Signatures[0].Signature.A = irma.NewInt(0) },
		"other v":            func(r *irma.ServerSessionResponse) { r.Signatures[0].Signature.V = one },
		"other e":            func(r *irma.ServerSessionResponse) { r.Signatures[0].Signature.E = one },
		"no signature":       func(r *irma.ServerSessionResponse) { r.Signatures[0].Signature = irma.CLSignature{} },
		"keyshare":           func(r *irma.ServerSessionResponse) { r.Signatures[0].Signature.KeyshareP = one },
		"other proof":        func(r *irma.ServerSessionResponse) { r.Signatures[0].Proof.C = one },
		"no proof":           func(r *irma.ServerSessionResponse) { r.Signatures[0].Proof = irma.ProofS{} },
		"no issuer share":    func(r *irma.ServerSessionResponse) { r.Signatures[0].MIssuer = nil },
		"other issuer share": func(r *irma.ServerSessionResponse) { r.Signatures[0].MIssuer[3] = one },
		"null issuer share":  func(r *irma.ServerSessionResponse) { r.Signatures[0].MIssuer[3] = nil },
		"extra issuer share": func(r *irma.ServerSessionResponse) { r.Signatures[0].MIssuer[2] = one },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := server.NewWallet(t, wallet.Config{HTTPClient: (&recorder{answer: spoiled(t, spoil)}).client()})
			_, err := server.Run(t, w, irma.NewIssuanceRequest(ballotCredential()))
			if !errors.Is(err, wallet.ErrBadAnswer) {
				t.Errorf("error %v", err)
			}
			if creds := w.Credentials(); len(creds) != 0 {
				t.Errorf("wallet has %v", creds)
			}
		})
	}
}

func spoiled(t *testing.T, spoil func(*irma.ServerSessionResponse)) func(int, *http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return func(_ int, req *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		resp, err := send()
		if err != nil || req.Method != "POST" {
			return resp, err
		}
		defer resp.Body.Close()
		var answer irma.ServerSessionResponse
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Errorf("decoding answer: %v", err)
		}
		spoil(&answer)
		body, err := json.Marshal(answer)
		resp.Body = io.NopCloser(strings.NewReader(string(body)))
		return resp, err
	}
}

func TestConcurrentSessions(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{})
	server.Issue(t, w, ageCredential())
	var group sync.WaitGroup
	for range 4 {
		for _, req := range []*irma.SessionRequest{
			disclosure(irma.DisCon{con(over18)}),
			irma.NewIssuanceRequest(rootCredential("1"), personCredential("Delft")),
		} {
			group.Go(func() {
				if _, err := server.Run(t, w, req); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	if n := len(w.Credentials()); n != 6 {
		t.Errorf("wallet has %d credentials", n)
	}
}
