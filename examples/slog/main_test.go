package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/examples/internal/visit"
)

// What zap is told comes out of slog.
func TestCore(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	logger := zap.New(core{handler}).Named("callback").With(zap.String("service", "shop"))
	logger.Debug("not enabled")
	logger.Info("posted", zap.Int("b", 2), zap.Duration("a", time.Second), zap.Error(errors.New("late")), zap.Strings("list", []string{"x", "y"}))
	logger.Warn("slow")
	logger.Error("broken", zap.Bool("yes", true))
	want := `level=INFO msg=posted service=shop logger=callback b=2 a=1s error=late list="[x y]"
level=WARN msg=slow service=shop logger=callback
level=ERROR msg=broken service=shop logger=callback yes=true
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer                  // locked by the handler
	t.Run("session", func(t *testing.T) { // whose server has stopped afterwards
		v := visit.New(t, "/irma/", func(s *irmaserver.Server) http.Handler { return s.Handler() }, func(cfg *irmaserver.Config) {
			cfg.Logger = zap.New(core{slog.NewJSONHandler(&out, nil)})
		})
		v.Obtain(t, "root", "bsn=999999990")
	})
	for line := range strings.Lines(out.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["level"] != "INFO" {
			t.Errorf("line %s: %v", line, err)
		}
	}
	if !strings.Contains(out.String(), "DONE") {
		t.Errorf("log:\n%s", &out)
	}
}
