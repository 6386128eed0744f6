package cli

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatusLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &StatusLine{w: &out, terminal: true}
	s.Show("%d of 2", 0)
	s.Show("%d of 2", 1) // too soon to see
	s.Say("done")
	s.End()
	if diff := cmp.Diff("\r\x1b[K0 of 2\r\x1b[Kdone\n", out.String()); diff != "" {
		t.Errorf("on a terminal (-want +got):\n%s", diff)
	}
	out.Reset()
	s = NewStatusLine(&out)
	s.Show("0 of 2")
	s.Say("done")
	s.End()
	if diff := cmp.Diff("done\n", out.String()); diff != "" {
		t.Errorf("in a file (-want +got):\n%s", diff)
	}
}
