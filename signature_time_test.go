package irmaserver_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/internal/idemixtest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/timestamp"
)

// notary is a server whose scheme has a timestamp server, and a clock that tests
// move.
type notary struct {
	*site
	atum       *atumtest.Server
	unplugged  atomic.Bool // the timestamp server does not answer
	later      atomic.Int64
	credential *idemixtest.Credential // valid for half a year
}

// signedAt is the moment at which the tests' signatures are made.
var signedAt = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func newNotary(t *testing.T) *notary {
	t.Helper()
	n := new(notary)
	n.atum = atumtest.NewServer(t, signedAt.AddDate(1, 0, 0), n.now)
	schemes := variant(t, nil, described("<TimestampServer>"+n.atum.URL+"</TimestampServer>"))
	n.site = newSite(t, func(c *irmaserver.Config) {
		c.Schemes, c.Now, c.HTTPClient = schemes, n.now, &http.Client{Transport: n}
	})
	n.credential = idemixtest.Issue(t, schemes, "irmad-demo.gov.personalData", personalData.Attributes, signedAt, signedAt.AddDate(0, 6, 0))
	return n
}

func (n *notary) now() time.Time { return signedAt.Add(time.Duration(n.later.Load())) }

// advance moves the clock to a moment.
func (n *notary) advance(moment time.Time) { n.later.Store(int64(moment.Sub(signedAt))) }

// RoundTrip implements http.RoundTripper for questions to timestamp servers.
func (n *notary) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.unplugged.Load() {
		return nil, errors.New("unplugged")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// stamp stamps as of the moment of signing.
func (n *notary) stamp(value []byte) *irma.AtumTimestamp { return n.atum.Stamp(signedAt, value) }

// deed is the request that the tests' signatures answer, as its wallet gets it.
func deed() *irma.SessionRequest {
	request := irma.NewSignatureRequest("I owe you everything", familyNameID)
	request.Nonce, request.Context = irma.NewInt(20260615), irma.NewInt(1)
	return request
}

// stored encodes and decodes a signature, as an application does that keeps it.
func stored(t *testing.T, signature *irma.SignedMessage) *irma.SignedMessage {
	t.Helper()
	data, err := json.Marshal(signature)
	if err != nil {
		t.Fatal(err)
	}
	out, err := irma.ParseSignedMessage(data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSignaturesThroughTheYears verifies signatures long after they were made:
// one with a timestamp from when the attributes were valid stays valid.
func TestSignaturesThroughTheYears(t *testing.T) {
	t.Parallel()
	n := newNotary(t)
	plain := stored(t, n.credential.Sign(t, deed(), "familyName", nil))
	stamped := stored(t, n.credential.Sign(t, deed(), "familyName", n.stamp))
	late := stored(t, n.credential.Sign(t, deed(), "familyName", func(value []byte) *irma.AtumTimestamp {
		return n.atum.Stamp(signedAt.AddDate(0, 9, 0), value)
	}))
	afterKey := stored(t, n.credential.Sign(t, deed(), "familyName", func(value []byte) *irma.AtumTimestamp {
		return n.atum.Stamp(signedAt.AddDate(1, 1, 0), value)
	}))
	unstamped, otherMessage, asAsked := stored(t, stamped), *deed(), *deed()
	unstamped.Timestamp = nil
	otherMessage.Message = "I owe you nothing"
	asAsked.Nonce, asAsked.Context = nil, nil

	tests := []struct {
		name      string
		years     int
		signature *irma.SignedMessage
		request   *irma.SessionRequest
		want      irma.ProofStatus
	}{
		{"plain, same day", 0, plain, deed(), irma.ProofValid},
		{"stamped, same day", 0, stamped, deed(), irma.ProofValid},
		{"stamped in the future", 0, late, deed(), irma.ProofInvalidTimestamp},
		{"plain", 10, plain, deed(), irma.ProofExpired},
		{"plain, alone", 10, plain, nil, irma.ProofExpired},
		{"stamped, the key has expired since", 10, stamped, deed(), irma.ProofValid},
		{"stamped, alone", 10, stamped, nil, irma.ProofValid},
		{"stamped, for the request as asked", 10, stamped, &asAsked, irma.ProofValid},
		{"stamped, for another message", 10, stamped, &otherMessage, irma.ProofUnmatchedRequest},
		{"stamped when the attributes had expired", 10, late, deed(), irma.ProofExpired},
		{"stamped when the key had expired", 10, afterKey, deed(), irma.ProofInvalidTimestamp},
		{"timestamp taken off", 10, unstamped, deed(), irma.ProofInvalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n.advance(signedAt.AddDate(test.years, 0, 0))
			got, err := n.Irma.VerifySignature(t.Context(), test.signature, test.request)
			if err != nil || got.Status != test.want {
				t.Fatalf("got %+v, %v; want %s", got, err, test.want)
			}
			var at irma.Timestamp
			if test.signature.Timestamp != nil {
				at = irma.Timestamp(test.signature.Timestamp.Time)
			}
			if got.Time != at || got.Message != test.signature.Message {
				t.Errorf("signed %q at %v, want %v", got.Message, got.Time, at)
			}
		})
	}
}

// TestTimestampServerUnreachable verifies while the timestamp server does not
// answer: nothing is said about a signature whose key is not known yet.
func TestTimestampServerUnreachable(t *testing.T) {
	t.Parallel()
	n := newNotary(t)
	signature := n.credential.Sign(t, deed(), "familyName", n.stamp)
	n.unplugged.Store(true)
	for range 2 {
		got, err := n.Irma.VerifySignature(t.Context(), signature, deed())
		if got != nil || !errors.Is(err, timestamp.ErrNoAnswer) || irma.AsError(err) != nil {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	forged := stored(t, signature)
	forged.Timestamp.Time++
	if got, err := n.Irma.VerifySignature(t.Context(), forged, deed()); err != nil || got.Status != irma.ProofInvalidTimestamp {
		t.Errorf("forged timestamp: %+v, %v", got, err)
	}
	n.unplugged.Store(false)
	for _, unplugged := range []bool{false, true} { // once it is known the key is remembered
		n.unplugged.Store(unplugged)
		if got, err := n.Irma.VerifySignature(t.Context(), signature, deed()); err != nil || got.Status != irma.ProofValid {
			t.Errorf("unplugged %t: %+v, %v", unplugged, got, err)
		}
	}
}

// TestUntrustedTimestampKey has the timestamp server disown its key.
func TestUntrustedTimestampKey(t *testing.T) {
	t.Parallel()
	n := newNotary(t)
	n.atum.Trust(false, time.Time{})
	signature := n.credential.Sign(t, deed(), "familyName", n.stamp)
	if got, err := n.Irma.VerifySignature(t.Context(), signature, deed()); err != nil || got.Status != irma.ProofInvalidTimestamp {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestTimestampedSession does signature sessions with a wallet that has its
// signature stamped.
func TestTimestampedSession(t *testing.T) {
	t.Parallel()
	const lie = "https://elsewhere.example/"
	tests := map[string]struct {
		stamp     func(n *notary, value []byte) *irma.AtumTimestamp
		unplugged bool
		want      irma.ProofStatus
	}{
		"stamped": {func(n *notary, value []byte) *irma.AtumTimestamp { return n.stamp(value) }, false, irma.ProofValid},
		"stamped a bit early": {func(n *notary, value []byte) *irma.AtumTimestamp {
			return n.atum.Stamp(signedAt.Add(-4*time.Minute), value)
		}, false, irma.ProofValid},
		"stamped too early": {func(n *notary, value []byte) *irma.AtumTimestamp {
			return n.atum.Stamp(signedAt.Add(-6*time.Minute), value)
		}, false, irma.ProofInvalidTimestamp},
		"stamped in future": {func(n *notary, value []byte) *irma.AtumTimestamp {
			return n.atum.Stamp(signedAt.Add(6*time.Minute), value)
		}, false, irma.ProofInvalidTimestamp},
		"other value stamped": {func(n *notary, _ []byte) *irma.AtumTimestamp { return n.stamp(make([]byte, 32)) }, false, irma.ProofInvalidTimestamp},
		"server unreachable":  {func(n *notary, value []byte) *irma.AtumTimestamp { return n.stamp(value) }, true, irma.ProofInvalidTimestamp},
		"no timestamp at all": {nil, false, irma.ProofValid},
		"says another server": {func(n *notary, value []byte) *irma.AtumTimestamp {
			stamp := n.stamp(value)
			stamp.ServerURL = lie
			return stamp
		}, false, irma.ProofValid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNotary(t)
			n.unplugged.Store(test.unplugged)
			session := n.Start(t, irma.NewSignatureRequest("I owe you everything", familyNameID))
			var welcome irma.ClientSessionRequest
			got := n.do("GET", session.SessionPtr.URL, "", walletHeaders("wallet")...)
			if err := json.Unmarshal([]byte(got.body), &welcome); err != nil {
				t.Fatalf("%d %s: %v", got.status, got.body, err)
			}
			var stamp idemixtest.Stamper
			if test.stamp != nil {
				stamp = func(value []byte) *irma.AtumTimestamp { return test.stamp(n, value) }
			}
			signature := n.credential.Sign(t, welcome.Request, "familyName", stamp)
			got = n.do("POST", session.SessionPtr.URL+"/proofs", encoded(t, signature), walletHeaders("wallet")...)
			if want := `{"proofStatus":"` + string(test.want) + `"}`; got.status != http.StatusOK || got.body != want {
				t.Errorf("got %d %s, want %s", got.status, got.body, want)
			}
			result, err := n.Irma.Result(t.Context(), session.Token)
			if err != nil {
				t.Fatal(err)
			}
			if result.Status != irma.StatusDone || result.ProofStatus != test.want || result.Signature == nil {
				t.Fatalf("result is %+v", result)
			}
			if stamped := result.Signature.Timestamp; test.want == irma.ProofValid && stamped != nil && stamped.ServerURL != n.atum.URL {
				t.Errorf("the result names the timestamp server %s, not %s", stamped.ServerURL, n.atum.URL)
			}

			// What the requestor got and kept is still verified years later.
			if test.want != irma.ProofValid || stamp == nil {
				return
			}
			n.advance(signedAt.AddDate(10, 0, 0))
			kept, err := n.Irma.VerifySignature(t.Context(), stored(t, result.Signature), welcome.Request)
			if err != nil || kept.Status != irma.ProofValid {
				t.Errorf("years later: %+v, %v", kept, err)
			}
		})
	}
}
