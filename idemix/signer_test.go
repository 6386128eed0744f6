package idemix_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	stdbig "math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/timestamp"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

const text = "I owe you everything"

// stamper gives timestamps to wallets.
type stamper func(value []byte) *irma.AtumTimestamp

func stampAt(server *atumtest.Server, moment time.Time) stamper {
	return func(value []byte) *irma.AtumTimestamp { return server.Stamp(moment, value) }
}

// signature has a wallet sign the text for a request with the nonce and context
// of all tests. It is of version 1 if ldContext is empty, and without timestamp
// if stamp is nil.
func signature(ldContext string, stamp stamper, indices irma.DisclosedIndices, shows ...show) *irma.SignedMessage {
	list := builders(shows...)
	msg := &irma.SignedMessage{
		LDContext: ldContext, Indices: indices,
		Nonce: irmaInt(nonce), Context: irmaInt(context), Message: text,
	}
	if stamp != nil {
		msg.Timestamp = stamp(stampRequest(ldContext == "", list))
	}
	msg.Signature = wireProofs(must(list.BuildProofList(context, boundNonce(msg), true)))
	return msg
}

// boundNonce is the nonce that the proofs of a signature answer.
func boundNonce(msg *irma.SignedMessage) *big.Int {
	digest := sha256.Sum256([]byte(msg.Message))
	parts := []asn1.RawValue{der(msg.Nonce.Big()), der(new(stdbig.Int).SetBytes(digest[:]))}
	if msg.Timestamp != nil {
		parts = append(parts, der(msg.Timestamp.Sig.Data))
	}
	digest = sha256.Sum256(must(asn1.Marshal(parts)))
	return new(big.Int).SetBytes(digest[:])
}

func der(value any) asn1.RawValue { return asn1.RawValue{FullBytes: must(asn1.Marshal(value))} }

// stampRequest is what a wallet has stamped before it can make its proofs.
func stampRequest(version1 bool, list gabi.ProofBuilderList) []byte {
	var signatures, products []*stdbig.Int
	var values [][]*stdbig.Int
	for _, element := range list {
		builder, _ := element.(*gabi.DisclosureProofBuilder)
		a, disclosed := builder.TimestampRequestContributions()
		signatures = append(signatures, a.Go())
		products = append(products, must(gabi.RepresentToPublicKey(builder.PublicKey(), disclosed)).Go())
		row := []*stdbig.Int{}
		for _, x := range disclosed {
			row = append(row, x.Go())
		}
		values = append(values, row)
	}
	message := sha256.Sum256([]byte(text))
	parts := []asn1.RawValue{der(signatures), der(message[:]), der(products)}
	if version1 {
		parts[2] = der(values)
	}
	digest := sha256.Sum256(must(asn1.Marshal(parts)))
	return digest[:]
}

// signatureRequest asks for a signature on the text.
func signatureRequest(attrs ...irma.AttributeTypeID) *irma.SessionRequest {
	return bound(irma.NewSignatureRequest(text, attrs...))
}

// stampURL is the timestamp server of stampedSet.
const stampURL = "https://atum.example/atumd/"

// stampedSet is the demo scheme with a timestamp server.
func stampedSet(tb testing.TB, url string) *scheme.Set {
	tb.Helper()
	return renamedSet(tb, "irmad-demo", url)
}

// renamedSet is the demo scheme with another name and with a timestamp server,
// if the URL is not empty.
func renamedSet(tb testing.TB, name, url string) *scheme.Set {
	tb.Helper()
	return variant(tb, name, func(path string, data []byte) []byte {
		data = bytes.ReplaceAll(data, []byte("irmad-demo"), []byte(name))
		if path == "irmad-demo/description.xml" && url != "" {
			server := []byte("<TimestampServer>" + url + "</TimestampServer>\n</SchemeManager>")
			data = bytes.Replace(data, []byte("</SchemeManager>"), server, 1)
		}
		return data
	}, nil)
}

// inProcess answers requests by calling a handler.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// court judges signatures with everything there is.
type court struct {
	set        *scheme.Set
	atum       *atumtest.Server
	timestamps *timestamp.Verifier
}

func newCourt(tb testing.TB) *court {
	tb.Helper()
	clock := func() time.Time { return now }
	atum := atumtest.New("court", now.AddDate(0, 1, 0), clock)
	return &court{
		set:  stampedSet(tb, stampURL),
		atum: atum,
		timestamps: timestamp.NewVerifier(timestamp.Config{
			HTTPClient: &http.Client{Transport: inProcess{atum}}, Now: clock,
		}),
	}
}

// judge takes the three steps in order: reading, timestamp, verifying.
func (c *court) judge(tb testing.TB, req *irma.SessionRequest, msg *irma.SignedMessage) (*idemix.Verdict, error) {
	tb.Helper()
	stamp, verdict, err := idemix.ReadSignature(c.set, req, msg)
	if err != nil || verdict != nil {
		if stamp != nil || err != nil && verdict != nil {
			tb.Errorf("ReadSignature returned more than one of %v, %v, %v", stamp, verdict, err)
		}
		return verdict, err
	}
	if (stamp == nil) != (msg.Timestamp == nil) {
		tb.Errorf("stamp %v for timestamp %v", stamp, msg.Timestamp)
	}
	at := now
	if stamp != nil {
		if err := c.timestamps.Verify(tb.Context(), stamp.Server, msg.Timestamp, stamp.Value); err != nil {
			return &idemix.Verdict{Status: irma.ProofInvalidTimestamp, Reason: err.Error()}, nil
		}
		at = time.Unix(msg.Timestamp.Time, 0)
	}
	return idemix.VerifySignature(c.set, req, msg, at)
}

func (c *court) want(tb testing.TB, req *irma.SessionRequest, msg *irma.SignedMessage, want irma.ProofStatus) *idemix.Verdict {
	tb.Helper()
	got, err := c.judge(tb, req, msg)
	if err != nil {
		tb.Fatal(err)
	}
	if got.Status != want {
		tb.Errorf("status %s (%s), want %s", got.Status, got.Reason, want)
	}
	return got
}
