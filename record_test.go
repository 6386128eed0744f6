package irmaserver

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func exampleRecord() *record {
	return &record{
		token:       "KzxuWKwL5KGLKr4uerws",
		frontend:    "qGrMmL8UZwZ88Sq8gobV",
		action:      irma.Issuing,
		status:      irma.StatusDone,
		passed:      0b010101,
		active:      time.Unix(1795046400, 123456789),
		patience:    time.Minute,
		lifetime:    time.Hour,
		host:        "example.com:8443",
		pairingCode: "0417",
		client:      digest("client"),
		posted:      digest("posted"),
		requestor:   "myapp",
		edition:     1<<63 + 5,
		busy:        time.Unix(1795046500, 0),
		legacy:      true,
		callback:    true,
		attempts:    3,
		wake:        time.Unix(1795046600, 0),
		answer:      []byte(`{"proofStatus":"VALID"}`),
		next:        []byte(`{"token":"x"}`),
		request:     []byte(`{"request":{}}`),
		result:      []byte(`{"status":"DONE"}`),
	}
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	want := exampleRecord()
	got, err := decodeRecord(want.encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
		t.Errorf("record changed on the way (-want +got):\n%s", diff)
	}
}

func TestDecodeRecordRefuses(t *testing.T) {
	t.Parallel()
	good := exampleRecord().encode()
	at := func(i int, b byte) []byte {
		out := bytes.Clone(good)
		out[i] = b
		return out
	}
	tests := map[string][]byte{
		"empty":            nil,
		"other version":    at(0, recordVersion+1),
		"unknown status":   at(1, 6),
		"unknown action":   at(2, 3),
		"unknown flag":     at(4, 4),
		"trailing byte":    append(bytes.Clone(good), 0),
		"length too large": at(6+6*8+2*32, 255),
	}
	for name, data := range tests {
		if _, err := decodeRecord(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for n := range good {
		if _, err := decodeRecord(good[:n]); err == nil {
			t.Errorf("first %d of %d bytes: accepted", n, len(good))
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(exampleRecord().encode())
	f.Add((&record{action: irma.Disclosing, status: irma.StatusInitialized}).encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := decodeRecord(data)
		if err != nil {
			return
		}
		again, err := decodeRecord(rec.encode())
		if err != nil {
			t.Fatalf("decoding what was encoded: %v", err)
		}
		if diff := cmp.Diff(rec, again, cmp.AllowUnexported(record{})); diff != "" {
			t.Errorf("record changed on the way (-want +got):\n%s", diff)
		}
	})
}

// TestOutcomeJSON gives results that were stored, and that of a session that has none:
// as encoding/json writes them.
func TestOutcomeJSON(t *testing.T) {
	t.Parallel()
	value := "<\u2028é>"
	results := map[string]irma.SessionResult{
		"only a status": {},
		"proven": {ProofStatus: irma.ProofValid, Disclosed: [][]*irma.DisclosedAttribute{{{
			RawValue: &value, Value: irma.TranslatedString{"": value, "en": value}, Identifier: "a.b.c.d", Status: irma.AttributePresent,
		}}}},
		"failed":  {Err: irma.ErrInternal},
		"chained": {ProofStatus: irma.ProofValid, NextSession: "12345678901234567890"},
	}
	for name, result := range results {
		for _, legacy := range []bool{false, true} {
			r := exampleRecord()
			r.status, r.result, r.legacy = irma.StatusConnected, nil, legacy
			sameOutcome(t, name+", before the end", r)
			if err := r.finish(irma.StatusDone, result, time.Unix(1795046600, 0)); err != nil {
				t.Fatal(err)
			}
			sameOutcome(t, name, r)
			r.result = []byte(`{"disclosed":null}`) // in another form
			sameOutcome(t, name+", in another form", r)
		}
	}
}

func sameOutcome(t *testing.T, name string, r *record) {
	t.Helper()
	result, err := r.outcome()
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(r.shaped(result))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.outcomeJSON()
	if diff := cmp.Diff(string(want), string(got)); err != nil || diff != "" {
		t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
	}
}
