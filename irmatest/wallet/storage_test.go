package wallet_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{})
	server.Issue(t, w, ballotCredential(), personCredential("Delft"))
	again := copyOf(t, w, server, wallet.Config{})
	if diff := cmp.Diff(w.Credentials(), again.Credentials()); diff != "" {
		t.Errorf("credentials (-saved +loaded):\n%s", diff)
	}
	if _, err := server.Run(t, again, disclosure(irma.DisCon{con(votingNumber)}, irma.DisCon{con(city)})); err != nil {
		t.Errorf("disclosing from loaded wallet: %v", err)
	}
}

// saved is the form of a saved wallet, as far as these tests change it.
type saved struct {
	Version     int              `json:"version"`
	SecretKey   string           `json:"secretKey"`
	Credentials []map[string]any `json:"credentials"`
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	issued := func(req irma.CredentialRequest) *saved {
		w := server.NewWallet(t, wallet.Config{})
		server.Issue(t, w, req)
		return save(t, w)
	}
	mine, theirs := issued(personCredential("Delft")), issued(personCredential("Delft"))
	attributes := func(s *saved) []any { return s.Credentials[0]["attributes"].([]any) }

	for name, spoil := range map[string]func(s *saved){
		"other version":         func(s *saved) { s.Version = 2 },
		"no secret key":         func(s *saved) { s.SecretKey = "" },
		"long secret key":       func(s *saved) { s.SecretKey = strings.Repeat("AAAA", 20) + strings.Repeat("////", 12) },
		"credential of another": func(s *saved) { s.Credentials = append(s.Credentials, theirs.Credentials...) },
		"changed attribute":     func(s *saved) { attributes(s)[5] = "AQ==" },
		"unknown type":          func(s *saved) { attributes(s)[0] = "AwAL0wAaAAAAAAAAAAAAAAAAAAAAAAAA" },
		"null attribute":        func(s *saved) { attributes(s)[1] = nil },
		"null metadata":         func(s *saved) { attributes(s)[0] = nil },
		"no attributes":         func(s *saved) { s.Credentials[0]["attributes"] = []any{} },
		"missing attributes":    func(s *saved) { s.Credentials[0]["attributes"] = attributes(s)[:3] },
		"too many attributes":   func(s *saved) { s.Credentials[0]["attributes"] = append(attributes(s), "") },
		"no signature":          func(s *saved) { delete(s.Credentials[0], "signature") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := server.NewWallet(t, wallet.Config{})
			server.Issue(t, w, ageCredential())
			before := save(t, w)
			spoiled := mine.clone(t)
			spoil(spoiled)
			if err := w.Load(bytes.NewReader(spoiled.encode(t))); err == nil {
				t.Error("loaded")
			}
			if diff := cmp.Diff(before, save(t, w)); diff != "" {
				t.Errorf("wallet has changed (-before +after):\n%s", diff)
			}
		})
	}
}

func save(t *testing.T, w *wallet.Wallet) *saved {
	t.Helper()
	var out bytes.Buffer
	if err := w.Save(&out); err != nil {
		t.Fatal(err)
	}
	return decode(t, out.Bytes())
}

func decode(t *testing.T, data []byte) *saved {
	t.Helper()
	s := new(saved)
	if err := json.Unmarshal(data, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *saved) encode(t *testing.T) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (s *saved) clone(t *testing.T) *saved { return decode(t, s.encode(t)) }

// FuzzLoad checks that what can be loaded is saved the same.
func FuzzLoad(f *testing.F) {
	schemes, err := demo.Set()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"version":1,"secretKey":"AQ==","credentials":[]}`))
	f.Add([]byte(`{"version":1,"secretKey":"AQ==","credentials":[{"signature":{"A":"AQ==","e":"AQ==","v":"","KeyshareP":null},"attributes":["AwAL0wAaAAA=",""]}]}`))
	server := irmatest.NewServer(f)
	issued := server.NewWallet(f, wallet.Config{})
	server.Issue(f, issued, ballotCredential(), rootCredential("1"))
	var seed bytes.Buffer
	if err := issued.Save(&seed); err != nil {
		f.Fatal(err)
	}
	f.Add(slices.Clone(seed.Bytes()))

	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := wallet.New(schemes, wallet.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if w.Load(bytes.NewReader(data)) != nil {
			return
		}
		var once, twice bytes.Buffer
		if err := w.Save(&once); err != nil {
			t.Fatal(err)
		}
		if err := w.Load(bytes.NewReader(once.Bytes())); err != nil {
			t.Fatalf("loading what was saved: %v", err)
		}
		if err := w.Save(&twice); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(once.String(), twice.String()); diff != "" {
			t.Errorf("saved twice (-first +second):\n%s", diff)
		}
	})
}
