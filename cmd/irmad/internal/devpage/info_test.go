package devpage_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
)

func TestInfo(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	got := compact(t, s.send(t, "GET", "/dev/api/info", "").body)
	want := `{"api":"/","url":"` + s.URL + `/irma/","fixed":false,"addresses":[{"url":"http://192.0.2.7/irma/","name":"wlan0"}],"embedded":"irmad-demo"}`
	if got != want {
		t.Errorf("info is %s, want %s", got, want)
	}
}

// All that the catalogue says can be issued can be issued with its samples.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	var types []struct {
		ID         irma.CredentialTypeID
		Name       string
		Issuable   bool
		Attributes []struct {
			ID, Name, Sample string
			Optional, Blind  bool
		}
	}
	if err := json.Unmarshal(s.send(t, "GET", "/dev/api/catalogue", "").body, &types); err != nil {
		t.Fatal(err)
	}
	for _, typ := range types {
		request := irma.CredentialRequest{CredentialTypeID: typ.ID, Attributes: map[string]string{}}
		for _, attr := range typ.Attributes {
			if attr.Name == "" || attr.Sample == "" {
				t.Errorf("%s: %+v", typ.ID, attr)
			}
			if !attr.Blind {
				request.Attributes[attr.ID] = attr.Sample
			}
		}
		if err := s.Schemes.CheckRequest(irma.NewIssuanceRequest(request), time.Now()); err != nil || !typ.Issuable {
			t.Errorf("%s: issuable %t, %v", typ.ID, typ.Issuable, err)
		}
	}
	if len(types) != 4 {
		t.Errorf("%d types", len(types))
	}
	poor := newSite(t, withoutKeys(t))
	if body := string(poor.send(t, "GET", "/dev/api/catalogue", "").body); !strings.Contains(body, `"issuable":false`) || strings.Contains(body, `"issuable":true`) {
		t.Errorf("without private keys: %s", body)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for request, want := range map[string]string{
		`{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`: `"valid":true`,
		`{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[["irmad-demo.gov.ageLimits.over18"]]}`:   `"column":70`,
	} {
		if got := s.send(t, "POST", "/dev/api/explain", request); got.status != 200 || !strings.Contains(string(got.body), want) {
			t.Errorf("%s: %d %s, want %s", request, got.status, got.body, want)
		}
	}
}

func TestQR(t *testing.T) {
	t.Parallel()
	got := newSite(t, nil).send(t, "GET", "/dev/api/qr?text=%7B%7D", "")
	var picture struct{ XMLName xml.Name }
	if err := xml.Unmarshal(got.body, &picture); err != nil || picture.XMLName.Local != "svg" || got.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%s %s: %v", got.header.Get("Content-Type"), got.body, err)
	}
}
