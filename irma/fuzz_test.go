package irma_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

// FuzzParseRequest expects of whatever is accepted that it is valid, can be
// copied, and is read again as the same request.
func FuzzParseRequest(f *testing.F) {
	for _, pattern := range []string{"request_*.json", "extended*.json", "legacy_*.json"} {
		for _, file := range wireFiles(f, pattern) {
			f.Add(readWire(f, file))
		}
	}
	f.Add([]byte(`{"request":{"request":1},"Request":{"@context":"x"},"type":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := irma.ParseRequest(data)
		if err != nil {
			expectKind(t, err, irma.ErrInvalidRequest)
			return
		}
		if err := first.Validate(); err != nil {
			t.Fatalf("parsed request is invalid: %v", err)
		}
		if diff := cmp.Diff(first.Request, first.Request.Clone()); diff != "" {
			t.Fatalf("clone differs (-want +got)\n%s", diff)
		}
		first.Redacted()
		first.PairingHint()
		again, err := irma.ParseRequest([]byte(encode(t, first)))
		if err != nil {
			t.Fatalf("request is not read again: %v", err)
		}
		first.UnknownKeys, first.Request.LegacyType = nil, ""
		if diff := cmp.Diff(encode(t, first), encode(t, again)); diff != "" {
			t.Fatalf("request changed (-want +got)\n%s", diff)
		}
	})
}

func FuzzParseExtendedRequest(f *testing.F) {
	for _, pattern := range []string{"extended*.json", "legacy_*.in.json"} {
		for _, file := range wireFiles(f, pattern) {
			f.Add(readWire(f, file))
			f.Add([]byte(`{"request":` + string(readWire(f, file)) + `}`))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, action := range []irma.Action{irma.Disclosing, irma.Signing, irma.Issuing} {
			req, err := irma.ParseExtendedRequest(data, action)
			if err != nil {
				expectKind(t, err, irma.ErrInvalidRequest)
			} else if req.Request.Action() != action {
				t.Fatalf("got %s instead of %s", req.Request.Action(), action)
			}
		}
	})
}

func FuzzParseDisclosure(f *testing.F) {
	fuzzWallet(f, "disclosure*.json", irma.ParseDisclosure)
}

func FuzzParseSignedMessage(f *testing.F) {
	fuzzWallet(f, "signature*.json", irma.ParseSignedMessage)
}

func FuzzParseIssueCommitment(f *testing.F) {
	fuzzWallet(f, "commitments*.json", irma.ParseIssueCommitment)
}

func FuzzParseFrontendOptions(f *testing.F) {
	fuzzWallet(f, "frontend_options*.json", irma.ParseFrontendOptions)
}

func fuzzWallet[T any](f *testing.F, seeds string, parse func([]byte) (*T, error)) {
	for _, file := range wireFiles(f, seeds) {
		f.Add(readWire(f, file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := parse(data)
		if err != nil {
			expectKind(t, err, irma.ErrMalformedInput)
			return
		}
		text := encode(t, first)
		again, err := parse([]byte(text))
		if err != nil {
			t.Fatalf("message is not read again: %v", err)
		}
		if diff := cmp.Diff(text, encode(t, again)); diff != "" {
			t.Fatalf("message changed (-want +got)\n%s", diff)
		}
	})
}

// expectKind also refuses messages of the JSON decoder about types: whatever
// fits the shape can be decoded.
func expectKind(t *testing.T, err error, kind *irma.Error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	message := irma.AsError(err).Message
	if message == "" || strings.Contains(message, "json: ") || strings.Contains(message, "could not be read") {
		t.Fatalf("unhelpful message: %v", err)
	}
}

func FuzzProof(f *testing.F) {
	f.Add([]byte(tinyProof))
	f.Add([]byte(`{"U":"Ag==","c":1,"m_user_responses":{"3":null}}`))
	fuzzJSON[irma.Proof](f)
}

func FuzzInt(f *testing.F) {
	f.Add([]byte(`"AQ=="`))
	f.Add([]byte(`12345678901234567890`))
	fuzzJSON[irma.Int](f)
}

func FuzzVersion(f *testing.F) {
	f.Add([]byte(`"2.8"`))
	f.Add([]byte(`2.8`))
	fuzzJSON[irma.Version](f)
}

func FuzzTimestamp(f *testing.F) {
	f.Add([]byte(`1900000000`))
	fuzzJSON[irma.Timestamp](f)
}

func FuzzRevocationRequests(f *testing.F) {
	f.Add([]byte(`["a.b.c"]`))
	f.Add([]byte(`{"a.b.c":{"tolerance":30,"updates":{"2":{"sacc":{"data":"AQID","pk":2},"e":{"i":5,"hash":"EiA_","e":["AQE="]}}}}}`))
	fuzzJSON[irma.RevocationRequests](f)
}

// fuzzJSON expects that what is decoded encodes to something that decodes to
// the same again, through encoding/json and directly.
func fuzzJSON[T any](f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if direct, ok := any(new(T)).(json.Unmarshaler); ok {
			_ = direct.UnmarshalJSON(data)
		}
		first, again := new(T), new(T)
		if json.Unmarshal(data, first) != nil {
			return
		}
		text := encode(t, first)
		if err := json.Unmarshal([]byte(text), again); err != nil {
			t.Fatalf("%s is not read again: %v", text, err)
		}
		if diff := cmp.Diff(text, encode(t, again)); diff != "" {
			t.Fatalf("value changed (-want +got)\n%s", diff)
		}
	})
}

func FuzzParseMetadata(f *testing.F) {
	f.Add(irma.Metadata{Version: 3, SigningDate: 1699488000, ValidityWeeks: 53, KeyCounter: 2}.Int().Big().Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		i := (*irma.Int)(new(big.Int).SetBytes(data))
		m, err := irma.ParseMetadata(i)
		if err != nil {
			return
		}
		if !m.Int().Equal(i) {
			t.Fatalf("%v became %v", i.Big(), m.Int().Big())
		}
		if m.Expiry() < m.SigningDate {
			t.Fatalf("expires before it was signed: %+v", m)
		}
	})
}

func FuzzDecodeAttribute(f *testing.F) {
	f.Add([]byte{0xa4, 0xc2, 0xc9})
	f.Fuzz(func(t *testing.T, data []byte) {
		i := (*irma.Int)(new(big.Int).SetBytes(data))
		irma.DecodeRandomblind(i)
		irma.DecodeAttribute(i, 2)
		value := irma.DecodeAttribute(i, 3)
		if value != nil && !irma.EncodeAttribute(value).Equal(i) {
			t.Fatalf("%x became %x", i.Big(), irma.EncodeAttribute(value).Big())
		}
	})
}
