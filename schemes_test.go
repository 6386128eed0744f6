package irmaserver_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
)

// source is a SchemeRefresher whose schemes a test replaces.
type source struct {
	mu    sync.Mutex
	set   *scheme.Set
	asked []irma.SchemeID
}

func (s *source) Current() *scheme.Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set
}

func (s *source) Refresh(ids ...irma.SchemeID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, ids...)
}

func (s *source) replace(set *scheme.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set = set
}

// takeAsked returns the schemes asked for since the last call.
func (s *source) takeAsked() []irma.SchemeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.asked
	s.asked = nil
	return out
}

func limits(scheme string) irma.CredentialRequest {
	out := ageLimits
	out.CredentialTypeID = irma.CredentialTypeID(scheme + ".gov.ageLimits")
	return out
}

// TestReplacedSchemes replaces the schemes while sessions wait for a wallet: they
// end as if nothing had happened, and new ones see the new schemes.
func TestReplacedSchemes(t *testing.T) {
	t.Parallel()
	p := schemetest.NewPublisher(t, "town")
	before := p.Load()
	p.Remove("gov/Issues/ageLimits")
	p.Publish()
	after := p.Load()

	schemes := &source{set: before}
	s := newSite(t, func(c *irmaserver.Config) { c.Schemes = schemes })
	w := s.NewWallet(t, wallet.Config{})
	s.Issue(t, w, limits("town"))
	disclosure := irma.NewDisclosureRequest("town.gov.ageLimits.over18")
	requests := []irma.Request{disclosure, irma.NewIssuanceRequest(limits("town")), irma.NewSignatureRequest("I agree", "town.gov.ageLimits.over18")}
	var sessions []*irma.SessionPackage
	for _, request := range requests {
		sessions = append(sessions, s.Start(t, request))
	}
	schemes.replace(after)
	for _, request := range requests {
		if _, err := s.Irma.StartSession(t.Context(), request); !errors.Is(err, irma.ErrInvalidRequest) {
			t.Errorf("a new %s session: %v", request.Extended().Request.Action(), err)
		}
	}
	for _, session := range sessions {
		if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
			t.Errorf("a %s session from before: %v", session.SessionPtr.Action, err)
		}
	}
	schemes.replace(before)
	if _, err := s.Run(t, w, disclosure); err != nil {
		t.Errorf("after the type came back: %v", err)
	}
}

// TestRefresh asks for schemes that could be newer, and for no others.
func TestRefresh(t *testing.T) {
	t.Parallel()
	p := schemetest.NewPublisher(t, "town")
	schemes := &source{set: p.Load()}
	s := newSite(t, func(c *irmaserver.Config) { c.Schemes = schemes })
	h := &holder{off: true}
	w := s.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: h}})
	s.Issue(t, w, limits("town"))
	incomplete := limits("town")
	incomplete.Attributes = map[string]string{"over12": "yes"}
	more := limits("town")
	more.Attributes = map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no", "over65": "no"}
	secret := limits("town")
	secret.RevocationKey = "x"
	tests := map[string]struct {
		request irma.Request
		want    []irma.SchemeID
	}{
		"all known":          {irma.NewDisclosureRequest("town.gov.ageLimits.over18"), nil},
		"scheme":             {irma.NewDisclosureRequest("city.gov.ageLimits.over18"), []irma.SchemeID{"city"}},
		"issuer":             {irma.NewDisclosureRequest("town.mayor.ageLimits.over18"), []irma.SchemeID{"town"}},
		"credential type":    {irma.NewDisclosureRequest("town.gov.parking"), []irma.SchemeID{"town"}},
		"attribute":          {irma.NewDisclosureRequest("town.gov.ageLimits.over65"), []irma.SchemeID{"town"}},
		"attribute to issue": {irma.NewIssuanceRequest(more), []irma.SchemeID{"town"}},
		"required attribute": {irma.NewIssuanceRequest(incomplete), []irma.SchemeID{"town"}},
		"two schemes":        {irma.NewDisclosureRequest("city.a.b.c", "town.gov.ageLimits.over18", "land.a.b.c"), []irma.SchemeID{"city", "land"}},
		"wrong otherwise":    {irma.NewIssuanceRequest(secret), nil},
	}
	for name, test := range tests {
		_, err := s.Irma.StartSession(t.Context(), test.request)
		if (err == nil) != (name == "all known") {
			t.Errorf("%s: %v", name, err)
		}
		got := schemes.takeAsked()
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	h.off = false
	combined := irma.NewIssuanceRequest(limits("town"))
	combined.Disclose = irma.NewDisclosureRequest("town.gov.ageLimits.over18").Disclose
	for list, request := range map[string]irma.Request{"proofs": irma.NewDisclosureRequest("town.gov.ageLimits.over18"), "combinedProofs": combined} {
		_, message := s.hold(w, h, request)
		proof := message[list].([]any)[0].(map[string]any)["a_disclosed"].(map[string]any)
		metadata, err := base64.StdEncoding.DecodeString(proof["1"].(string))
		if err != nil || len(metadata) != 24 {
			t.Fatalf("metadata is %x, %v", metadata, err)
		}
		metadata[7] = 9 // the key counter
		proof["1"] = base64.StdEncoding.EncodeToString(metadata)
		body, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.do("POST", h.url, string(body), "Authorization", h.authorization); got.status == http.StatusOK {
			t.Errorf("%s with an unknown key: %s", list, got.body)
		}
		if diff := cmp.Diff([]irma.SchemeID{"town"}, schemes.takeAsked()); diff != "" {
			t.Errorf("%s with an unknown key (-want +got):\n%s", list, diff)
		}
	}
}

// TestRefreshNotNeeded has a source that cannot be asked.
func TestRefreshNotNeeded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Irma.StartSession(t.Context(), irma.NewDisclosureRequest("city.gov.ageLimits.over18")); !errors.Is(err, irma.ErrInvalidRequest) {
		t.Errorf("got %v", err)
	}
}
