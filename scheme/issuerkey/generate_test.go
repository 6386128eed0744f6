package issuerkey_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/keyproof"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/issuerkey"
)

var expiry = time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC)

// generated is one key for all tests that only look at it.
var generated = sync.OnceValues(func() (*issuerkey.Pair, error) {
	return issuerkey.Generate(context.Background(), issuerkey.Config{Bits: 1024, Attributes: 3, Counter: 7, Expiry: expiry})
})

func pair(tb testing.TB) *issuerkey.Pair {
	tb.Helper()
	k, err := generated()
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// change returns a copy of the key pair to spoil.
func change(tb testing.TB, spoil func(*issuerkey.Pair)) *issuerkey.Pair {
	tb.Helper()
	k := pair(tb)
	public, private := *k.Public, *k.Private
	public.R = append([]*big.Int{}, public.R...)
	out := &issuerkey.Pair{Public: &public, Private: &private}
	spoil(out)
	return out
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	var found []int
	k, err := issuerkey.Generate(t.Context(), issuerkey.Config{Bits: 1024, Expiry: expiry, Progress: func(p issuerkey.Progress) {
		if len(found) == 0 || found[len(found)-1] != p.Found {
			found = append(found, p.Found)
		}
		if p.Tested < 0 || p.Expected < 100 || p.Expected > 10_000 {
			t.Errorf("progress %+v", p)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 1, 2}, found); diff != "" {
		t.Errorf("primes found (-want +got):\n%s", diff)
	}
	if err := k.Check(); err != nil {
		t.Error(err)
	}
	switch {
	case k.Public.N.BitLen() != 1024, k.Private.P.BitLen() != 512, k.Private.Q.BitLen() != 512:
		t.Errorf("%d bits of %d and %d", k.Public.N.BitLen(), k.Private.P.BitLen(), k.Private.Q.BitLen())
	case len(k.Public.R) != issuerkey.DefaultAttributes+2:
		t.Errorf("%d bases", len(k.Public.R))
	case k.Public.ExpiryDate != expiry.Unix():
		t.Errorf("expires at %d", k.Public.ExpiryDate)
	case !k.Public.RevocationSupported() || !k.Private.RevocationSupported():
		t.Error("revocation is not supported")
	case !keyproof.CanProve(k.Private.PPrime, k.Private.QPrime):
		t.Error("it cannot be proved that the key is well formed")
	case k.Public.N.Cmp(pair(t).Public.N) == 0:
		t.Error("the same key twice")
	}
}

func TestGenerateBadConfig(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]issuerkey.Config{
		"not 1000":         {Bits: 1000, Expiry: expiry},
		"attributes -1":    {Bits: 1024, Attributes: -1, Expiry: expiry},
		"attributes 1001":  {Bits: 1024, Attributes: 1001, Expiry: expiry},
		"counter 65536":    {Bits: 1024, Counter: 65536, Expiry: expiry},
		"no expiry date":   {Bits: 1024},
		"context canceled": {Bits: 4096, Expiry: expiry},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cfg.Progress = func(issuerkey.Progress) { cancel() } // only the last gets there
		if _, err := issuerkey.Generate(ctx, cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got error %v, want %q", cfg, err, want)
		}
		cancel()
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := pair(t).Check(); err != nil {
		t.Fatal(err)
	}
	add := func(x *big.Int) *big.Int { return new(big.Int).Add(x, big.NewInt(1)) }
	minus := func(k *issuerkey.Pair, x *big.Int) *big.Int { return new(big.Int).Sub(k.Public.N, x) }
	for want, spoil := range map[string]func(*issuerkey.Pair){
		"counters":              func(k *issuerkey.Pair) { k.Public.Counter++ },
		"do not belong":         func(k *issuerkey.Pair) { k.Private.PPrime = add(k.Private.PPrime) },
		"only one of":           func(k *issuerkey.Pair) { k.Private.ECDSAString = "" },
		"S does not generate":   func(k *issuerkey.Pair) { k.Public.S = minus(k, big.NewInt(4)) }, // -4 is not a square modulo p and q that are 3 modulo 4
		"Z does not generate":   func(k *issuerkey.Pair) { k.Public.Z = big.NewInt(1) },
		"G does not generate":   func(k *issuerkey.Pair) { k.Public.G = minus(k, k.Public.G) },
		"H does not generate":   func(k *issuerkey.Pair) { k.Public.H = minus(k, k.Public.H) },
		"base 2 does not gener": func(k *issuerkey.Pair) { k.Public.R[2] = minus(k, k.Public.R[2]) },
	} {
		if err := change(t, spoil).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

func TestWriteFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	public, private := filepath.Join(dir, "PublicKeys", "7.xml"), filepath.Join(dir, "PrivateKeys", "7.xml")
	if err := pair(t).WriteFiles(public, private, false); err != nil {
		t.Fatal(err)
	}
	pk, sk := read(t, public), read(t, private)
	if err := scheme.CheckKeyPair(pk, sk); err != nil {
		t.Error(err)
	}
	for file, mode := range map[string]fs.FileMode{public: 0o644, private: 0o600} {
		if info, err := os.Stat(file); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
	other := change(t, func(k *issuerkey.Pair) { k.Public.Counter = 8 })
	if err := other.WriteFiles(public, private, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing over a key: %v", err)
	}
	if diff := cmp.Diff(string(sk), string(read(t, private))); diff != "" {
		t.Error("the private key was written over")
	}
	if err := os.Remove(private); err != nil {
		t.Fatal(err)
	}
	if err := other.WriteFiles(public, private, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing over a public key: %v", err)
	}
	if _, err := os.Stat(private); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a private key was left without its public key")
	}
	if err := os.WriteFile(private+".new", []byte("of a program that was stopped"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := other.WriteFiles(public, private, true); err != nil {
		t.Fatal(err)
	}
	if string(read(t, public)) == string(pk) || string(read(t, private)) != string(sk) {
		t.Error("the files were not replaced")
	}
	if entries, err := os.ReadDir(filepath.Dir(private)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func read(tb testing.TB, file string) []byte {
	tb.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// BenchmarkGenerate makes keys. A single one says little: it is a matter of luck.
func BenchmarkGenerate(b *testing.B) {
	for name, bits := range map[string]int{"1024": 1024, "2048": 2048} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := issuerkey.Generate(b.Context(), issuerkey.Config{Bits: bits, Expiry: expiry}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
