package endpoint

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// deadlines is a writer that notes its read deadline.
type deadlines struct {
	http.ResponseWriter
	read time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read = t
	return nil
}

// dripping gives a byte after each pause.
type dripping struct {
	pause time.Duration
	left  int
}

func (d *dripping) Read(buffer []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(d.pause)
	d.left--
	buffer[0] = 'x'
	return 1, nil
}

func (d *dripping) Close() error { return nil }

// TestPatience reads bodies that arrive slowly. The clock is not the real one.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pause time.Duration
		bytes int
		cut   bool // the deadline passes before the end
	}{
		"fast":       {time.Millisecond, 100, false},
		"slow phone": {20 * time.Second, 5, false},
		"pause":      {bodyPause + time.Second, 1, true},
		"too long":   {20 * time.Second, 7, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, cut := &deadlines{}, false
				handler := bePatient(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					buffer := make([]byte, 10)
					for {
						_, err := r.Body.Read(buffer)
						if err != nil {
							return
						}
						cut = cut || time.Now().After(w.read)
					}
				}))
				deadline := w.read
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
				if err != nil {
					t.Fatal(err)
				}
				body := &noting{dripping: dripping{tt.pause, tt.bytes}, w: w, cut: &cut}
				r.Body = body
				handler.ServeHTTP(w, r)
				if cut != tt.cut {
					t.Errorf("cut off: %v, want %v", cut, tt.cut)
				}
				if w.read != deadline {
					t.Errorf("after the body there is a deadline: %s", w.read)
				}
			})
		})
	}
}

// noting notes whether bytes arrive after the deadline.
type noting struct {
	dripping
	w   *deadlines
	cut *bool
}

func (n *noting) Read(buffer []byte) (int, error) {
	before := n.w.read
	count, err := n.dripping.Read(buffer)
	*n.cut = *n.cut || count > 0 && time.Now().After(before)
	return count, err
}
