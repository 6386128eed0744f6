package walletapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

const over18 irma.AttributeTypeID = "irmad-demo.gov.ageLimits.over18"

// The pointer comes in any form, and the server under test sees what the wallet says.
func TestDisclosure(t *testing.T) {
	t.Parallel()
	s := newSuite(t, nil)
	ask[[]walletapi.Credential](t, s, "POST", "/credentials", ages)
	for name, body := range map[string]func(*irma.SessionPackage) string{
		"pointer":         func(pkg *irma.SessionPackage) string { return encode(t, pkg.SessionPtr) },
		"package":         func(pkg *irma.SessionPackage) string { return encode(t, pkg) },
		"member":          func(pkg *irma.SessionPackage) string { return `{"pointer":` + encode(t, pkg.SessionPtr) + `}` },
		"package, member": func(pkg *irma.SessionPackage) string { return `{"all":true,"pointer":` + encode(t, pkg) + `}` },
		"QR": func(pkg *irma.SessionPackage) string {
			return encode(t, map[string]any{"pointer": "https://open.yivi.app/-/session#" + url.PathEscape(encode(t, pkg.SessionPtr)), "choose": []int{0}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pkg := s.server.Start(t, irma.NewDisclosureRequest(over18))
			got := ask[walletapi.View](t, s, "POST", "/sessions", body(pkg))
			yes := "yes"
			want := walletapi.View{ID: got.ID, State: walletapi.StateDone, Report: &walletapi.Report{Success: true, Sessions: []walletapi.Session{{
				Action: irma.Disclosing, ProofStatus: irma.ProofValid, Disclosed: []walletapi.Disclosed{{ID: over18, Value: &yes}}}}}}
			if diff := cmp.Diff(want, got); diff != "" || got.ID == "" {
				t.Errorf("session (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, ask[walletapi.View](t, s, "GET", "/sessions/"+got.ID, "")); diff != "" {
				t.Errorf("session later (-want +got):\n%s", diff)
			}
			result, err := s.server.Irma.Result(t.Context(), pkg.Token)
			must(t, err)
			if result.ProofStatus != irma.ProofValid || result.Disclosed[0][0].Text() != "yes" {
				t.Errorf("result %+v", result)
			}
		})
	}
}

// What the user wants, and what comes of it.
func TestDecisions(t *testing.T) {
	t.Parallel()
	s := newSuite(t, nil)
	ask[[]walletapi.Credential](t, s, "POST", "/credentials", ages)
	request, err := irma.ParseRequest([]byte(`{"@context":"https://irma.app/ld/request/signature/v2","message":"I agree","disclose":[[["irmad-demo.gov.ageLimits.over16"]],[[],["` + string(over18) + `"]]]}`))
	must(t, err)
	for name, tt := range map[string]struct {
		request irma.Request
		more    string
		reason  walletapi.Reason
		shown   int
	}{
		"no more than is required": {request, "", "", 1},
		"all":                      {request, `,"all":true`, "", 2},
		"chosen":                   {request, `,"choose":[0,1]`, "", 2},
		"refused":                  {request, `,"refuse":true`, walletapi.Refused, 0},
		"no such option":           {request, `,"choose":[0,2]`, walletapi.Failed, 0},
		"negative":                 {request, `,"choose":[-1]`, walletapi.Failed, 0},
		"lacking":                  {irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"), "", walletapi.Missing, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, pkg := s.perform(t, tt.request, tt.more)
			if got.Reason != tt.reason || got.Success != (tt.reason == "") || got.Success != (got.Error == "") || len(got.Sessions) != 1 {
				t.Fatalf("session %+v", got)
			}
			if one := got.Sessions[0]; len(one.Disclosed) != tt.shown || (one.Signature != nil) != got.Success {
				t.Errorf("session %+v", one)
			}
			status, err := s.server.Irma.Status(t.Context(), pkg.Token)
			must(t, err)
			if want := map[bool]irma.Status{true: irma.StatusDone, false: irma.StatusCancelled}[got.Success]; status != want {
				t.Errorf("the session is %s, want %s", status, want)
			}
		})
	}
}

// The answer comes early if the frontend has to confirm a code.
func TestPairing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method string
		end    func(*suite, *irma.SessionPackage)
		reason walletapi.Reason
	}{
		"confirmed": {"GET", func(_ *suite, pkg *irma.SessionPackage) { confirm(t, pkg) }, ""},
		"cancelled": {"GET", func(s *suite, pkg *irma.SessionPackage) {
			must(t, s.server.Irma.CancelSession(context.Background(), pkg.Token))
		}, walletapi.Unpaired},
		"stopped": {"DELETE", func(*suite, *irma.SessionPackage) {}, walletapi.Stopped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSuite(t, nil)
			pkg := s.server.Start(t, irma.NewIssuanceRequest(root))
			pair(t, pkg)
			got := ask[walletapi.View](t, s, "POST", "/sessions", encode(t, pkg))
			if got.State != walletapi.StatePairing || len(got.PairingCode) != 4 || got.Report != nil {
				t.Fatalf("session %+v", got)
			}
			tt.end(s, pkg)
			got = ask[walletapi.View](t, s, tt.method, "/sessions/"+got.ID, "")
			if got.State != walletapi.StateDone || got.PairingCode != "" || got.Reason != tt.reason || got.Success != (tt.reason == "") {
				t.Errorf("session %+v", got)
			}
		})
	}
}

// Who leaves while the session is done stops it; others would not know of it.
func TestLeaving(t *testing.T) {
	t.Parallel()
	arrived, left := make(chan struct{}), make(chan error, 1)
	s := newSuite(t, func(cfg *walletapi.Config) {
		cfg.HTTPClient = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet {
				close(arrived)
				<-r.Context().Done()
				left <- context.Cause(r.Context())
				return nil, r.Context().Err()
			}
			return http.DefaultTransport.RoundTrip(r)
		})}
	})
	pkg := s.server.Start(t, irma.NewIssuanceRequest(root))
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/sessions", strings.NewReader(encode(t, pkg)))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	go func() {
		<-arrived
		cancel()
	}()
	if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v %v", resp, err)
	}
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Each test begins with an empty wallet if it wants; what is held is saved.
func TestCredentials(t *testing.T) {
	t.Parallel()
	var saved []int // credentials each time
	s := newSuite(t, func(cfg *walletapi.Config) {
		cfg.Save = func(w *wallet.Wallet) error {
			saved = append(saved, len(w.Credentials()))
			return nil
		}
	})
	issued := ask[[]walletapi.Credential](t, s, "POST", "/credentials", " \n"+ages+"\n")
	held := ask[[]walletapi.Credential](t, s, "GET", "/credentials", "")
	if diff := cmp.Diff(issued, held); diff != "" || len(held) != 1 || *held[0].Attributes["over18"] != "yes" {
		t.Errorf("held, besides what was issued (-want +got):\n%s", diff)
	}
	if left := ask[[]walletapi.Credential](t, s, "DELETE", "/credentials", ""); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	got, _ := s.perform(t, irma.NewDisclosureRequest(over18), "")
	if got.Reason != walletapi.Missing {
		t.Errorf("an empty wallet: %+v", got)
	}
	if diff := cmp.Diff([]int{1, 0}, saved); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
}

// A wallet that cannot be saved says so.
func TestUnsaved(t *testing.T) {
	t.Parallel()
	s := newSuite(t, func(cfg *walletapi.Config) {
		cfg.Save = func(*wallet.Wallet) error { return errors.New("disk full") }
	})
	for _, tt := range [][3]string{{"POST", "/credentials", ages}, {"DELETE", "/credentials", ""}} {
		if status, answer := s.send(t, tt[0], tt[1], tt[2]); status != 500 || !strings.Contains(string(answer), "disk full") {
			t.Errorf("%s: %d %s", tt[0], status, answer)
		}
	}
	if _, err := walletapi.New(walletapi.Config{Schemes: s.server.Schemes, Load: func(*wallet.Wallet) error { return errors.New("torn") }}); err == nil {
		t.Error("a wallet that could not be loaded")
	}
	if _, err := walletapi.New(walletapi.Config{}); err == nil {
		t.Error("a wallet without schemes")
	}
}
