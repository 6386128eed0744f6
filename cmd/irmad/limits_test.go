package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// TestRequestorLimits starts sessions as requestors of each method: each has
// limits of its own, and whoever is over one is told when to come again.
func TestRequestorLimits(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	send := map[string]func() (body string, header []string){
		"App":  func() (string, []string) { return ageRequest, []string{"Authorization", appToken} },
		"shop": func() (string, []string) { return ageRequest, []string{"Authorization", shopToken} },
		"Mr X": func() (string, []string) { return ageRequest, []string{"Authorization", "guess"} },
		"City": func() (string, []string) {
			token, err := jwt.SignHMAC(payload("City", nil), []byte(citySeal))
			must(t, err)
			return token, []string{"Content-Type", "text/plain"}
		},
		"State": func() (string, []string) {
			token, err := jwt.Sign(payload("State", nil), state)
			must(t, err)
			return token, []string{"Content-Type", "text/plain"}
		},
	}
	for name, tc := range map[string]struct {
		args   []string
		from   []string
		limit  string
		status []int
	}{
		"rate of a requestor":  {[]string{"--requestor-rate-limit=1"}, []string{"App", "App", "shop", "City", "City", "State", "State"}, "requestor_rate", []int{200, 429, 200, 200, 429, 200, 429}},
		"open of a requestor":  {[]string{"--requestor-max-sessions=1"}, []string{"App", "App", "City", "City", "shop"}, "requestor_sessions", []int{200, 429, 200, 429, 200}},
		"rate of an address":   {[]string{"--address-rate-limit=3"}, []string{"App", "Mr X", "City", "State"}, "address_rate", []int{200, 403, 200, 429}},
		"open from an address": {[]string{"--address-max-sessions=2"}, []string{"App", "Mr X", "City", "State"}, "address_sessions", []int{200, 403, 200, 429}},
		"a guesser's rate":     {[]string{"--requestor-rate-limit=1"}, []string{"Mr X", "Mr X", "App"}, "", []int{403, 403, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := launch(t, append(tc.args, "--no-auth=false", "--requestors", requestorsJSON(t, state))...)
			c := newClient(t, server.url)
			var got []int
			for _, who := range tc.from {
				body, header := send[who]()
				resp, answer := c.request(http.MethodPost, "/session", body, header...)
				got = append(got, resp.StatusCode)
				if resp.StatusCode == http.StatusTooManyRequests {
					checkRefusal(t, resp, answer)
				}
			}
			if diff := cmp.Diff(tc.status, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			if _, figures := get(t.Context(), server.admin+"/metrics"); tc.limit != "" && figure(t, figures, `irmad_limited_total{limit="`+tc.limit+`"}`) < 1 {
				t.Error("the refusal was not counted")
			}
		})
	}
}

func checkRefusal(t *testing.T, resp *http.Response, answer string) {
	t.Helper()
	var refusal irma.Error
	if err := json.Unmarshal([]byte(answer), &refusal); err != nil || !refusal.Is(irma.ErrTooManyRequests) || refusal.Description == "" {
		t.Errorf("refused with %s", answer)
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 60 {
		t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
	}
}

// TestRequestorLimitEnds lets a session end, after which there may be another.
func TestRequestorLimitEnds(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	server := launch(t, "--requestor-max-sessions=1", "--no-auth=false", "--requestors", requestorsJSON(t, state))
	c := newClient(t, server.url)
	pkg := c.beginAs(appToken, ageRequest)
	if resp, body := c.request(http.MethodPost, "/session", ageRequest, "Authorization", appToken); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second session: %s %s", resp.Status, body)
	}
	c.request(http.MethodDelete, "/session/"+string(pkg.Token), "")
	c.perform(c.beginAs(appToken, ageIssuance).SessionPtr)
	c.beginAs(appToken, ageRequest)
}
