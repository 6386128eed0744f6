package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/examples/internal/visit"
	"github.com/irmad/irmaserver/irma"
)

// door opens the page, and returns what comes before the wait, and the rest.
func door(t *testing.T, patience time.Duration) (v *visit.Visit, page string, rest io.ReadCloser, leave func()) {
	t.Helper()
	v = visit.New(t, "/irma/", func(s *irmaserver.Server) http.Handler { return newHandler(s, patience) })
	v.Obtain(t, "ageLimits", "over12=yes", "over16=yes", "over18=yes", "over21=no")
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := v.Browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body := bufio.NewReader(resp.Body)
	for !strings.Contains(page, "</a>") {
		part, err := body.ReadString('>')
		if err != nil {
			t.Fatal(err)
		}
		page += part
	}
	return v, page, struct {
		io.Reader
		io.Closer
	}{body, resp.Body}, leave
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		patience time.Duration
		do       func(*visit.Visit, string)
		want     string
	}{
		"adult":    {patience, func(v *visit.Visit, page string) { v.Scan(t, page) }, "Come in!"},
		"declines": {patience, func(v *visit.Visit, page string) { v.Decline(t, page) }, "for adults"},
		"too slow": {100 * time.Millisecond, func(*visit.Visit, string) {}, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, page, rest, leave := door(t, tt.patience)
			defer leave()
			defer rest.Close()
			tt.do(v, page)
			text, err := io.ReadAll(rest)
			if err != nil {
				t.Fatal(err)
			}
			visit.Expect(t, string(text), tt.want)
		})
	}
}

// Who leaves is not waited for, and the app learns that.
func TestLeave(t *testing.T) {
	t.Parallel()
	v, page, rest, leave := door(t, patience)
	leave()
	defer rest.Close()
	url := visit.Pointer(t, page).URL
	for deadline := time.Now().Add(10 * time.Second); ; {
		resp, err := v.Browser.Get(url + "/status")
		if err != nil {
			t.Fatal(err)
		}
		status, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(status), string(irma.StatusCancelled)) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the session is %s", status)
		}
	}
}
