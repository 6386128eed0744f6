package interop_test

import (
	"bytes"
	"reflect"
	"testing"
	"unsafe"

	"github.com/privacybydesign/irmago/irma"
)

// openStorage opens a wallet's storage in a fresh directory and closes it when
// the test ends. wrap is irmaclient.NewIrmaStorage.
//
// The storage type is internal to the wallet's module. The public way to get
// one also opens a database that needs a C library wherever these tests run,
// so the type is inferred from wrap, and its two settings are made by
// reflection. Both are checked, and the module version is fixed in go.mod.
func openStorage[T, S any, P interface {
	*T
	Open() error
	Close() error
}](t *testing.T, wrap func(P, *irma.Configuration) S, conf *irma.Configuration) S {
	t.Helper()
	storage := P(new(T))
	set(t, storage, "storagePath", t.TempDir())
	set(t, storage, "encryptionMiddleware", plaintext{})
	if err := storage.Open(); err != nil {
		t.Fatalf("opening the wallet's storage: %v", err)
	}
	t.Cleanup(func() {
		if err := storage.Close(); err != nil {
			t.Errorf("closing the wallet's storage: %v", err)
		}
	})
	return wrap(storage, conf)
}

// set gives the named field of the struct that s points to a value.
func set(t *testing.T, s any, name string, value any) {
	t.Helper()
	field := reflect.ValueOf(s).Elem().FieldByName(name)
	if !field.IsValid() || !reflect.TypeOf(value).AssignableTo(field.Type()) {
		t.Fatalf("the wallet's storage has no field %s for a %T", name, value)
	}
	settable := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
	settable.Set(reflect.ValueOf(value))
}

// plaintext stores test data as it is.
type plaintext struct{}

func (plaintext) Encrypt(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
func (plaintext) Decrypt(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
