package irmaserver

import (
	"bytes"
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
