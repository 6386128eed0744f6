package caught_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/internal/caught"
)

func TestDo(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	if err := caught.Do(func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("an error becomes %v", err)
	}
	if err := caught.Do(func() error { return nil }); err != nil {
		t.Errorf("success becomes %v", err)
	}
	err := caught.Do(func() error { panic(http.ErrAbortHandler) })
	if p := (*caught.Panic)(nil); !errors.As(err, &p) || !errors.Is(err, http.ErrAbortHandler) {
		t.Errorf("a panic becomes %v", err)
	}
	again := caught.Do(func() error { panic(err) })
	if again != err { //nolint:errorlint // the same, not one around it
		t.Errorf("a panic passed on becomes %v", again)
	}
	var none []int
	err = caught.Do(func() error { none[len(none)]++; return nil })
	if short, long := fmt.Sprint(err), fmt.Sprintf("%+v", err); !strings.Contains(short, "out of range") || strings.Contains(short, "\n") || !strings.Contains(long, "caught_test.go:") {
		t.Errorf("a panic says %q and %q", short, long)
	}
}

// TestText tells what was wrong, and neither tokens nor what is inside of values.
func TestText(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		value any
		want  string
	}{
		{"no such bucket", "no such bucket"},
		{errors.New("key fKHRBMd8gETyNGkJPSzl: broken"), "key :token: broken"},
		{fmt.Sprintf("%q", []string{"fKHRBMd8gETyNGkJPSzl"}), `[":token"]`},
		{strings.Repeat("x", 21), strings.Repeat("x", 21)},
		{struct{ Secret string }{"s3cret"}, "struct { Secret string }"},
		{[]byte("s3cret"), "[]uint8"},
		{7, "int"},
	} {
		if got := caught.Text(row.value); got != row.want {
			t.Errorf("%#v: got %q, want %q", row.value, got, row.want)
		}
	}
}
