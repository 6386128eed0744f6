package transport_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// TestLargeBodies opens as many large bodies as are read at a time: one more is
// refused, small ones are not, and when the large ones end there is room again.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	h := transport.NewRequestor(transport.RequestorConfig{Signed: signed{}})
	large := strings.Repeat(" ", 100<<10)
	post := func(body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/session", body)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	var ends []*io.PipeWriter
	done := make(chan int)
	for range 16 {
		from, to := io.Pipe()
		ends = append(ends, to)
		go func() { done <- post(from).Code }()
		if _, err := io.WriteString(to, large); err != nil {
			t.Fatal(err)
		}
	}
	if got := post(strings.NewReader(large)); got.Code != irma.ErrUnavailable.Status {
		t.Errorf("one more: %d %s", got.Code, got.Body)
	}
	if got := post(strings.NewReader("{}")); got.Code != http.StatusBadRequest {
		t.Errorf("small: %d %s", got.Code, got.Body)
	}
	for _, to := range ends {
		if err := to.Close(); err != nil {
			t.Error(err)
		}
		if code := <-done; code != http.StatusBadRequest {
			t.Errorf("large: %d", code)
		}
	}
	if got := post(strings.NewReader(large)); got.Code != http.StatusBadRequest {
		t.Errorf("afterwards: %d %s", got.Code, got.Body)
	}
}
