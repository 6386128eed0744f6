package requestor

import (
	"bufio"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// opened is sent when an event stream is open, before its events.
const opened irma.Status = ""

// stream sends the events at the URL, and returns when there will be no more, for
// whatever reason: readers then poll.
func stream(ctx context.Context, client *http.Client, url string, events chan<- irma.Status) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Cache-Control", "no-cache")
	resp, err := send(client, req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		return
	}
	deliver := func(status irma.Status) bool {
		select {
		case events <- status:
			return true
		case <-ctx.Done():
			return false
		}
	}
	if !deliver(opened) {
		return
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if status, ok := parseEvent(lines.Text()); ok && !deliver(status) {
			return
		}
	}
}

// parseEvent reads a line of an event stream. Statuses are short, so their events
// have one line of data; other events and comments have none that is a status.
func parseEvent(line string) (irma.Status, bool) {
	data, found := strings.CutPrefix(line, "data:")
	var status irma.Status
	if !found || json.Unmarshal([]byte(data), &status) != nil {
		return "", false
	}
	return status, position(status) > 0
}
