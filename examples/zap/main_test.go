package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/examples/internal/visit"
)

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer // locked by the logger
	var problems atomic.Int64
	logger := newLogger(&out, zap.DebugLevel, &problems)
	t.Run("session", func(t *testing.T) { // whose server has stopped afterwards
		v := visit.New(t, "/irma/", func(s *irmaserver.Server) http.Handler { return s.Handler() }, func(cfg *irmaserver.Config) { cfg.Logger = logger })
		v.Obtain(t, "root", "bsn=999999990")
	})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, line := range lines {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["service"] != "shop" || fields["msg"] == "" {
			t.Errorf("line %s: %v", line, err)
		}
	}
	if !strings.Contains(out.String(), "DONE") || strings.Contains(out.String(), "999999990") || problems.Load() != 0 {
		t.Errorf("%d problems in:\n%s", problems.Load(), &out)
	}
	logger.Warn("a problem")
	if problems.Load() != 1 {
		t.Errorf("%d problems after a warning", problems.Load())
	}
}
