package target

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

//go:embed profiler.go.txt
var profiler []byte

// BuildProfiled builds irmad as Build does, with a profiler: irmad itself has none.
func BuildProfiled(ctx context.Context, dir string) (*Kind, error) {
	kind := irmadKind(ctx, dir)
	kind.profiled = true
	source, err := filepath.Abs("../cmd/irmad/profiler.go")
	if err != nil {
		return nil, err
	}
	added, overlay := filepath.Join(dir, "profiler.go"), filepath.Join(dir, "overlay.json")
	content, err := json.Marshal(map[string]any{"Replace": map[string]string{source: added}})
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{added: profiler, overlay: content} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	return kind, build(ctx, "..", "-overlay", overlay, "-o", kind.binary, "./cmd/irmad")
}

// CPUProfile returns what the server spends its processor time on from now on, in
// pprof's format. The server must be of a kind from BuildProfiled.
func (s *Server) CPUProfile(ctx context.Context, length time.Duration) ([]byte, error) {
	return s.askProfiler(ctx, fmt.Sprintf("profile?seconds=%d", int(length.Seconds())))
}

// Allocations is what a server has allocated since its start.
type Allocations struct{ Objects, Bytes int64 }

// Allocations returns what the server has allocated. It must be of a kind from
// BuildProfiled.
func (s *Server) Allocations(ctx context.Context) (Allocations, error) {
	var out Allocations
	content, err := s.askProfiler(ctx, "allocs?debug=1")
	for line := range bytes.Lines(content) {
		for name, value := range map[string]*int64{"Mallocs": &out.Objects, "TotalAlloc": &out.Bytes} {
			_, _ = fmt.Sscanf(string(line), "# "+name+" = %d", value)
		}
	}
	if err == nil && (out.Objects == 0 || out.Bytes == 0) {
		err = errors.New("the profiler does not tell what was allocated")
	}
	return out, err
}

func (s *Server) askProfiler(ctx context.Context, what string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.profiler+"/debug/pprof/"+what, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("profiler: %s: %.300s", response.Status, content)
	}
	return content, err
}
