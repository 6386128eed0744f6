package irma_test

import (
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func hexInt(t *testing.T, text string) *irma.Int {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return (*irma.Int)(new(big.Int).SetBytes(raw))
}

// TestAttributeVectors has the worked examples of spec 11 §2.
func TestAttributeVectors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ value, want string }{
		{"Radboud", "a4c2c8c4deeac9"},
		{"31415927", "666268626a72646f"},
		{"s1234567", "e6626466686a6c6f"},
		{"42", "6865"},
		{"12345", "626466686b"},
		{"", "01"},
		{strings.Repeat("a", 40), strings.Repeat("c2", 39) + "c3"},
	} {
		got := irma.EncodeAttribute(&test.value)
		if diff := cmp.Diff(hexInt(t, test.want), got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", test.value, diff)
		}
		if diff := cmp.Diff(&test.value, irma.DecodeAttribute(got, 3)); diff != "" {
			t.Errorf("decoding %s (-want +got)\n%s", test.want, diff)
		}
	}
}

func TestAbsentAttribute(t *testing.T) {
	t.Parallel()
	zero := irma.EncodeAttribute(nil)
	if diff := cmp.Diff(`""`, encode(t, zero)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, i := range []*irma.Int{nil, zero, irma.NewInt(6)} {
		if value := irma.DecodeAttribute(i, 3); value != nil {
			t.Errorf("%v decodes to %q", i, *value)
		}
	}
	if value := irma.DecodeAttribute(nil, 2); value != nil {
		t.Errorf("no integer decodes to %q", *value)
	}
}

func TestDecodeAttributeVersion2(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"526164626f7564": "Radboud", "": "", "ff00": "\xff\x00"} {
		if diff := cmp.Diff(&want, irma.DecodeAttribute(hexInt(t, in), 2)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", in, diff)
		}
	}
}

// TestInvalidUTF8 passes values that no issuer should make.
func TestInvalidUTF8(t *testing.T) {
	t.Parallel()
	value := "\xff\xfe\x80"
	decoded := irma.DecodeAttribute(irma.EncodeAttribute(&value), 3)
	if diff := cmp.Diff(&value, decoded); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want := `{"rawvalue":"\ufffd\ufffd\ufffd","value":null,"id":"a.b.c.d","status":"PRESENT","issuancetime":0}`
	if diff := cmp.Diff(want, encode(t, irma.DisclosedAttribute{RawValue: decoded, Identifier: "a.b.c.d", Status: irma.AttributePresent})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDecodeRandomblind(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]string{258: "4a", 0xffffff: "18owf", 0: "", 61: "Z", 62: "10"} {
		if got := irma.DecodeRandomblind(irma.NewInt(in)); got != want {
			t.Errorf("%d: got %q, want %q", in, got, want)
		}
	}
	if got := irma.DecodeRandomblind(nil); got != "" {
		t.Errorf("nil: got %q", got)
	}
}

// TestMetadataVector has the worked example of spec 11 §3.
func TestMetadataVector(t *testing.T) {
	t.Parallel()
	signed := time.Unix(1700000000, 0)
	got, err := irma.NewMetadata("irma-demo.RU.studentCard", 2, signed, time.Unix(1731600000, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := irma.Metadata{Version: 3, SigningDate: 1699488000, ValidityWeeks: 53, KeyCounter: 2, TypeHash: hash(t, "d6cb6a94f69de5e7697d2d4d6b553e0c")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Expiry() != 1731542400 {
		t.Errorf("expiry %d", got.Expiry())
	}
	if text := got.Int().Big().String(); text != "73563892782345505499998655623737899022831716385571552780" {
		t.Errorf("integer %s", text)
	}
	if diff := cmp.Diff(`"AwAK+gA1AALWy2qU9p3l52l9LU1rVT4M"`, encode(t, got.Int())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	short, err := irma.NewMetadata("irma-demo.RU.studentCard", 2, signed, signed.Add(36*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if short.ValidityWeeks != 1 || short.Expiry() != 1700092800 {
		t.Errorf("36 hours: %d weeks until %d", short.ValidityWeeks, short.Expiry())
	}
}

func TestTypeHashVectors(t *testing.T) {
	t.Parallel()
	for typ, want := range map[irma.CredentialTypeID]string{
		"irma-demo.MijnOverheid.fullName": "f1d128568f22233c24a0552ccf5db0b6",
		"irma-demo.MijnOverheid.root":     "08b8e700330162515cb86393ed9d3146",
		"irma-demo.stemmen.stempas":       "d2d1f29e0469f4e74d17282a0d04da25",
	} {
		if diff := cmp.Diff(hash(t, want), typ.Hash()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", typ, diff)
		}
	}
}

func hash(t *testing.T, text string) [16]byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return [16]byte(raw)
}

func TestNewMetadataLimits(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * 60 * 60
	signed := time.Unix(1699488000, 0).Add(3 * 24 * time.Hour)
	start := time.Unix(1699488000, 0)
	for _, test := range []struct {
		name    string
		counter uint
		signed  time.Time
		expiry  time.Time
		want    string // error; "" when accepted
	}{
		{"start of the week", 0, signed, start, ""},
		{"before the week", 0, signed, start.Add(-time.Second), "expiry lies before the signing date"},
		{"longest", 65535, signed, time.Unix(1699488000+65535*week, 0), ""},
		{"too long", 0, signed, time.Unix(1699488000+65536*week, 0), "validity of 65536 weeks does not fit in metadata"},
		{"key counter", 65536, signed, start, "key counter 65536 does not fit in metadata"},
		{"before the epoch", 0, time.Unix(-1, 0), start, "signing date cannot be expressed in metadata"},
		{"far future", 0, time.Unix(65536*week, 0), start, "signing date cannot be expressed in metadata"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := irma.NewMetadata("a.b.c", test.counter, test.signed, test.expiry)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseMetadata(t *testing.T) {
	t.Parallel()
	const rest = "000afa00350002d6cb6a94f69de5e7697d2d4d6b553e0c"
	for _, version := range []byte{2, 3} {
		i := hexInt(t, "0"+string('0'+version)+rest)
		m, err := irma.ParseMetadata(i)
		if err != nil {
			t.Fatal(err)
		}
		if m.Version != version || m.SigningDate != 1699488000 {
			t.Errorf("got %+v", m)
		}
		if diff := cmp.Diff(i, m.Int()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	for name, i := range map[string]*irma.Int{
		"absent":          nil,
		"zero":            irma.NewInt(0),
		"short":           hexInt(t, rest),
		"long":            hexInt(t, "03"+rest+"00"),
		"version 1":       hexInt(t, "01"+rest),
		"version 4":       hexInt(t, "04"+rest),
		"big week number": hexInt(t, "03"+"01"+rest[2:]),
	} {
		if m, err := irma.ParseMetadata(i); err == nil {
			t.Errorf("%s: accepted as %+v", name, m)
		}
	}
}
