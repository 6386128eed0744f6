package wallet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// welcomeTo is a server's first answer, with a disclosure request.
func welcomeTo(disclose string) string {
	return `{"protocolVersion":"2.8","request":{"@context":"https://irma.app/ld/request/disclosure/v2",
		"context":"AQ==","nonce":"Kg==","disclose":` + disclose + `}}`
}

func accepted(next string) string {
	if next == "" {
		return `{"proofStatus":"VALID"}`
	}
	return fmt.Sprintf(`{"proofStatus":"VALID","nextSession":{"u":%q,"irmaqr":"disclosing"}}`, next)
}

// TestChain checks that what was disclosed earlier in a chain is disclosed again
// after what is asked for.
func TestChain(t *testing.T) {
	t.Parallel()
	server, _ := fixture(t, wallet.Config{})
	third := script(t, map[string]string{
		"GET /":        welcomeTo(`[[["irmad-demo.gov.personalData.city"]]]`),
		"POST /proofs": accepted(""),
	})
	second := script(t, map[string]string{
		"GET /":        welcomeTo(`[[["irmad-demo.gov.root.bsn"]],[[],["irmad-demo.gov.ageLimits.over21"]]]`),
		"POST /proofs": accepted(third),
	})
	first := script(t, map[string]string{
		"GET /":        welcomeTo(`[[["irmad-demo.gov.ageLimits.over18","irmad-demo.gov.ageLimits.over21"]]]`),
		"POST /proofs": accepted(second),
	})
	rec := &recorder{}
	w := filled(t, server, wallet.Config{HTTPClient: rec.client()})
	outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: first, Action: irma.Disclosing})
	if err != nil {
		t.Fatal(err)
	}

	var disclosed [][]irma.AttributeTypeID
	for o := outcome; o != nil; o = o.Next {
		disclosed = append(disclosed, o.Disclosed)
	}
	if diff := cmp.Diff([][]irma.AttributeTypeID{{over18, over21}, {bsn}, {city}}, disclosed); diff != "" {
		t.Errorf("disclosed (-want +got):\n%s", diff)
	}
	var last irma.Disclosure
	if err := json.Unmarshal([]byte(rec.requests[5].body), &last); err != nil {
		t.Fatal(err)
	}
	want := irma.DisclosedIndices{
		{{Credential: 0, Attribute: 6}}, // city
		{{Credential: 1, Attribute: 2}}, // bsn, of the second session
		{},                              // its optional disjunction
		{{Credential: 2, Attribute: 4}, {Credential: 2, Attribute: 5}}, // of the first session
	}
	if diff := cmp.Diff(want, last.Indices); diff != "" {
		t.Errorf("indices in the third session (-want +got):\n%s", diff)
	}
}

func TestChainThatBreaks(t *testing.T) {
	t.Parallel()
	server, _ := fixture(t, wallet.Config{})
	second := script(t, map[string]string{"GET /": welcomeTo(`[[["irmad-demo.vote.ballot.election"]]]`)})
	first := script(t, map[string]string{
		"GET /":        welcomeTo(`[[["irmad-demo.gov.root.bsn"]]]`),
		"POST /proofs": accepted(second),
	})
	w := filled(t, server, wallet.Config{})
	outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: first, Action: irma.Disclosing})
	if !errors.Is(err, wallet.ErrMissingAttributes) {
		t.Errorf("error %v", err)
	}
	if outcome.ProofStatus != irma.ProofValid || outcome.Next == nil || outcome.Next.ProofStatus != "" {
		t.Errorf("outcome %+v", outcome)
	}
}

func TestStaticSession(t *testing.T) {
	t.Parallel()
	server, _ := fixture(t, wallet.Config{})
	session := script(t, map[string]string{
		"GET /":        welcomeTo(`[[["irmad-demo.gov.root.bsn"]]]`),
		"POST /proofs": accepted(""),
	})
	static := script(t, map[string]string{"POST ": fmt.Sprintf(`{"u":%q,"irmaqr":"disclosing"}`, session)})
	again := script(t, map[string]string{"POST ": fmt.Sprintf(`{"u":%q,"irmaqr":"redirect"}`, static)})

	w := filled(t, server, wallet.Config{})
	outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: static, Action: "redirect"})
	if err != nil || outcome.Action != irma.Disclosing || outcome.ProofStatus != irma.ProofValid {
		t.Errorf("error %v, outcome %+v", err, outcome)
	}
	if _, err := w.Perform(t.Context(), irma.SessionPointer{URL: again, Action: "redirect"}); !errors.Is(err, wallet.ErrBadRequest) {
		t.Errorf("redirected twice: error %v", err)
	}
}
