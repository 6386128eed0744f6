package transport_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// broken is a stream with a mistake.
type broken struct{}

func (broken) Next(context.Context) (*irma.FrontendStatus, error) { panic("broken") }

// TestDetachedPanic has a stream panic after its handler has returned: the stream ends,
// and the program goes on.
func TestDetachedPanic(t *testing.T) {
	t.Parallel()
	core, logged := observer.New(zap.ErrorLevel)
	streams := transport.NewStreams()
	server := httptest.NewServer(streams.Wrap(transport.NewRequestor(transport.RequestorConfig{
		Sessions: sessions{engine: engine{stream: broken{}}}, Signed: signed{}, Logger: zap.New(core),
	})))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/session/"+token+"/statusevents", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if string(text) != "event: open\n\n" || err == nil {
		t.Errorf("got %q, %v; want the beginning of a stream that is cut off", text, err)
	}
	if err := streams.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if got := logged.FilterMessage("event stream panicked").Len(); got != 1 {
		t.Errorf("%d lines about the panic", got)
	}
}
