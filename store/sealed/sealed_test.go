package sealed_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/store/sealed"
	"github.com/irmad/irmaserver/store/storetest"
)

// newKey returns a key of 32 equal bytes.
func newKey(t testing.TB, b byte) sealed.Key {
	t.Helper()
	key, err := sealed.NewKey(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// seal returns a store that seals what inner keeps.
func seal(t testing.TB, inner store.Store, keys ...sealed.Key) *sealed.Store {
	t.Helper()
	s, err := sealed.New(inner, sealed.Config{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("one key", func(t *testing.T) {
		t.Parallel()
		storetest.RunVirtual(t, func(t *testing.T) store.Store {
			return seal(t, memory.New(memory.Config{}), newKey(t, 1))
		})
	})
	t.Run("three keys", func(t *testing.T) {
		t.Parallel()
		storetest.RunVirtual(t, func(t *testing.T) store.Store {
			return seal(t, memory.New(memory.Config{}), newKey(t, 1), newKey(t, 2), newKey(t, 3))
		})
	})
}

// spy is a store that remembers what it was given.
type spy struct {
	store.Store
	mu    sync.Mutex // guards names and seen
	names []string
	seen  [][]byte
}

func newSpy() *spy { return &spy{Store: memory.New(memory.Config{})} }

func (s *spy) Create(ctx context.Context, key string, rec store.Record) error {
	s.note(key, rec)
	return s.Store.Create(ctx, key, rec)
}

func (s *spy) Swap(ctx context.Context, key string, rec store.Record) error {
	s.note(key, rec)
	return s.Store.Swap(ctx, key, rec)
}

func (s *spy) note(key string, rec store.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names, s.seen = append(s.names, key), append(s.seen, []byte(key), rec.Data)
}

const token = "KzxuWKwL5KGLKr4uerws"

// TestNothingReadable looks for what was stored in what the other store got.
func TestNothingReadable(t *testing.T) {
	t.Parallel()
	inner := newSpy()
	s := seal(t, inner, newKey(t, 1))
	secret := strings.Repeat("Alice lives here. ", 10)
	must(t, s.Create(t.Context(), token, store.Record{Data: []byte(secret)}))
	must(t, s.Swap(t.Context(), token, store.Record{Data: []byte(secret), Revision: 1}))
	var pieces [][]byte
	for i := range len(token) - 4 {
		pieces = append(pieces, []byte(token[i:i+4]))
	}
	pieces = append(pieces, []byte("Alice"), []byte("lives"), bytes.Repeat([]byte{1}, 4))
	for _, seen := range inner.seen {
		for _, piece := range pieces {
			if bytes.Contains(seen, piece) {
				t.Errorf("the other store sees %q in %q", piece, seen)
			}
		}
	}
	if inner.names[0] != inner.names[1] || len(inner.names[0]) != 48 {
		t.Errorf("names %q", inner.names)
	}
	if bytes.Equal(inner.seen[1], inner.seen[3]) {
		t.Error("the same data look the same in two revisions")
	}
	if got := len(inner.seen[1]) - len(secret); got != 33 {
		t.Errorf("sealing takes %d bytes, want 33", got)
	}
}

// TestTampering lets somebody who can write to the other store change records.
func TestTampering(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(a, b *store.Record) // a becomes what is found
		want   error
	}{
		"nothing":       {func(*store.Record, *store.Record) {}, nil},
		"other record":  {func(a, b *store.Record) { a.Data = b.Data }, sealed.ErrDamaged},
		"later":         {func(a, _ *store.Record) { a.Revision += 5 }, sealed.ErrDamaged},
		"bit":           {func(a, _ *store.Record) { a.Data[len(a.Data)/2] ^= 1 }, sealed.ErrDamaged},
		"tag":           {func(a, _ *store.Record) { a.Data[len(a.Data)-1] ^= 1 }, sealed.ErrDamaged},
		"nonce":         {func(a, _ *store.Record) { a.Data[5] ^= 1 }, sealed.ErrDamaged},
		"key ID":        {func(a, _ *store.Record) { a.Data[1] ^= 1 }, sealed.ErrKey},
		"version":       {func(a, _ *store.Record) { a.Data[0]++ }, sealed.ErrDamaged},
		"plain":         {func(a, _ *store.Record) { a.Data = []byte("plain") }, sealed.ErrDamaged},
		"empty":         {func(a, _ *store.Record) { a.Data = nil }, sealed.ErrDamaged},
		"header":        {func(a, _ *store.Record) { a.Data = a.Data[:5] }, sealed.ErrDamaged},
		"cut off":       {func(a, _ *store.Record) { a.Data = a.Data[:20] }, sealed.ErrDamaged},
		"something new": {func(a, _ *store.Record) { a.Data = append(a.Data, 0) }, sealed.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner := newSpy()
			s := seal(t, inner, newKey(t, 1))
			must(t, s.Create(t.Context(), "a", store.Record{Data: []byte("data of a")}))
			must(t, s.Create(t.Context(), "b", store.Record{Data: []byte("data of b")}))
			a, err := inner.Load(t.Context(), inner.names[0])
			must(t, err)
			b, err := inner.Load(t.Context(), inner.names[1])
			must(t, err)
			tt.change(&a, &b)
			rec, err := seal(t, found{inner, a}, newKey(t, 1)).Load(t.Context(), "a")
			if !errors.Is(err, tt.want) || err == nil && string(rec.Data) != "data of a" {
				t.Errorf("loaded %q, %v; want error %v", rec.Data, err, tt.want)
			}
		})
	}
}

// found is a store in which any key has this record.
type found struct {
	store.Store
	rec store.Record
}

func (f found) Load(context.Context, string) (store.Record, error) { return f.rec, nil }

// TestRotation follows a record through the replacement of a key, on two servers
// that are not always at the same step.
func TestRotation(t *testing.T) {
	t.Parallel()
	inner := newSpy()
	one, two := newKey(t, 1), newKey(t, 2)
	before := seal(t, inner, one)
	both := seal(t, inner, one, two)
	turned := seal(t, inner, two, one)
	after := seal(t, inner, two)
	now := time.Now()

	must(t, before.Create(t.Context(), "old", store.Record{Data: []byte("1"), Due: now}))
	must(t, turned.Create(t.Context(), "new", store.Record{Data: []byte("1"), Due: now}))
	for revision, s := range []*sealed.Store{both, turned, both, turned} {
		for _, key := range []string{"old", "new"} {
			rec, err := s.Load(t.Context(), key)
			if err != nil || rec.Revision != uint64(revision+1) {
				t.Fatalf("%s: revision %d, %v; want %d", key, rec.Revision, err, revision+1)
			}
			must(t, s.Swap(t.Context(), key, rec))
			if err := s.Create(t.Context(), key, rec); !errors.Is(err, store.ErrExists) {
				t.Errorf("creating %s again: %v", key, err)
			}
			if rec, err = s.Watch(t.Context(), key, rec.Revision); err != nil || string(rec.Data) != "1" {
				t.Errorf("watching %s: %q, %v", key, rec.Data, err)
			}
		}
	}
	if _, err := after.Load(t.Context(), "old"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("loading what an old key has named: %v", err)
	}
	if rec, err := after.Load(t.Context(), "new"); err != nil || string(rec.Data) != "1" {
		t.Errorf("loading with the new key: %q, %v", rec.Data, err)
	}
	keys, _, err := after.Due(t.Context(), now.Add(time.Minute), 10)
	if err != nil || len(keys) != 1 || keys[0] != "new" {
		t.Errorf("Due with the new key: %q, %v", keys, err)
	}
	if _, err := seal(t, inner, newKey(t, 3)).Load(t.Context(), "new"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("loading with another key: %v", err)
	}
}

// TestForeign puts records into the other store that no key has named.
func TestForeign(t *testing.T) {
	t.Parallel()
	inner := memory.New(memory.Config{})
	now := time.Now()
	for _, name := range []string{"plain", token, "", "AAAA", strings.Repeat("A", 48)} {
		must(t, inner.Create(t.Context(), name, store.Record{Data: []byte("plain"), Due: now}))
	}
	s := seal(t, inner, newKey(t, 1))
	if keys, next, err := s.Due(t.Context(), now.Add(time.Minute), 10); !errors.Is(err, sealed.ErrKey) || len(keys) > 0 || next.IsZero() {
		t.Errorf("Due: %q, %v, %v", keys, next, err)
	}
	if _, err := s.Load(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("loading what is not sealed: %v", err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32))
	for text, want := range map[string]string{
		good:                                ``,
		strings.TrimRight(good, "=") + "\n": ``,
		strings.NewReplacer("+", "-", "/", "_").Replace(good): ``,
		"":         "a key has 0 bytes, want 32",
		"c2VzYW1l": "a key has 6 bytes, want 32",
		"sesame!":  "a key is not in base64",
	} {
		key, err := sealed.ParseKey(text)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: error %v, want %q", text, err, want)
		case err != nil && strings.Contains(err.Error(), "sesame"):
			t.Errorf("the error quotes the key: %v", err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
			if shown := fmt.Sprintf(verb, key); shown != "store key" {
				t.Errorf("%s shows %s", verb, shown)
			}
		}
	}
	one := newKey(t, 1)
	for name, keys := range map[string][]sealed.Key{"none": nil, "empty": {{}}, "twice": {one, newKey(t, 2), one}, "too many": make([]sealed.Key, 9)} {
		if _, err := sealed.New(memory.New(memory.Config{}), sealed.Config{Keys: keys}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// sampleName and sampleData are what a record of this token became at revision 1:
// stores of today must be readable tomorrow.
const (
	sampleName = "L5Duo9NfD7Nu_XSY1mCqRl3QA2vXvnxd9KN2aO6uPZjHqAD0"
	sampleData = "01d2fbe6e6274c440d6b08aedbf6a44cd371e32642a3b0622f82951f294766bcb2963c2f91"
)

// FuzzOpen opens and reads the names of what it finds.
func FuzzOpen(f *testing.F) {
	inner := memory.New(memory.Config{})
	original, err := hex.DecodeString(sampleData)
	must(f, err)
	f.Add(sampleName, original, uint64(1))
	f.Add("name", []byte{1, 2, 3, 4, 5}, uint64(2))
	f.Fuzz(func(t *testing.T, name string, data []byte, revision uint64) {
		rec, err := seal(t, found{inner, store.Record{Data: data, Revision: revision}}, newKey(t, 1)).Load(t.Context(), token)
		if isIt := bytes.Equal(data, original) && revision == 1; isIt != (err == nil) {
			t.Errorf("opened %q, %v", rec.Data, err)
		}
		due := memory.New(memory.Config{})
		must(t, due.Create(t.Context(), name, store.Record{Due: time.Now()}))
		keys, _, err := seal(t, due, newKey(t, 1)).Due(t.Context(), time.Now().Add(time.Minute), 1)
		if isIt := name == sampleName; isIt != (err == nil) || isIt && keys[0] != token {
			t.Errorf("name %q is of %q, %v", name, keys, err)
		}
	})
}

// nothing is a store that does nothing.
type nothing struct {
	store.Store
	rec store.Record
}

func (n *nothing) Swap(_ context.Context, _ string, rec store.Record) error {
	n.rec = store.Record{Data: rec.Data, Revision: rec.Revision + 1}
	return nil
}
func (n *nothing) Load(context.Context, string) (store.Record, error) { return n.rec, nil }

// BenchmarkSeal measures what sealing adds to a Swap and a Load of a session.
func BenchmarkSeal(b *testing.B) {
	s := seal(b, new(nothing), newKey(b, 1))
	data := make([]byte, 700)
	b.ReportAllocs()
	for b.Loop() {
		must(b, s.Swap(context.Background(), token, store.Record{Data: data}))
		if _, err := s.Load(context.Background(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
