package transport

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// TestRoom reads large bodies where there is little room left: one more than fits is
// refused, small ones are not, and all of the room is given back, however reading ends.
func TestRoom(t *testing.T) {
	t.Parallel()
	m := newMux(nil)
	if !m.large.take(largeRoom - 3*smallBody) {
		t.Fatal("no room at first")
	}
	large := strings.Repeat("x", smallBody)
	from, to := io.Pipe()
	first := make(chan int)
	go func() {
		body, _ := m.readAll(from, -1)
		first <- len(body)
	}()
	for range 2 { // of which the second takes all of the room
		if _, err := io.WriteString(to, large); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(to, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.readAll(strings.NewReader(large), -1); !errors.Is(err, errNoRoom) {
		t.Errorf("one more: %v", err)
	}
	if body, err := m.readAll(strings.NewReader(large[1:]), -1); err != nil || len(body) != smallBody-1 {
		t.Errorf("small: %d bytes, %v", len(body), err)
	}
	_ = to.Close()
	if got := <-first; got != 2*smallBody+1 {
		t.Errorf("first: %d bytes", got)
	}
	for name, from := range map[string]io.Reader{
		"too large": strings.NewReader(large + large + large + large),
		"broken":    io.MultiReader(strings.NewReader(large+"x"), failing{}),
		"complete":  strings.NewReader(large + large),
	} {
		if _, err := m.readAll(from, -1); (err == nil) != (name == "complete") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := m.large.left.Load(); left != 3*smallBody {
		t.Errorf("%d bytes of room are left, want %d", left, 3*smallBody)
	}
}

type failing struct{}

// Read implements io.Reader.
func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }
