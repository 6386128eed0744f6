package main

import (
	"context"
	"os"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// TestReloadPanics has reloading panic, as there is nothing to reload: it goes on for
// the next time, and tells.
func TestReloadPanics(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.ErrorLevel)
	asked := make(chan os.Signal)
	r := &reloader{app: &app{log: zap.New(core)}, process: &process{reload: asked}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.run(ctx)
	}()
	asked <- os.Interrupt
	asked <- os.Interrupt // is taken once the first has been done
	stop()
	<-ended
	if lines := logs.FilterMessage("reloading panicked, what is in use stays").All(); len(lines) != 2 || lines[0].ContextMap()["errorVerbose"] == nil {
		t.Errorf("logged %+v", lines)
	}
}
