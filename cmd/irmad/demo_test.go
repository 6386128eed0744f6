package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// TestDemoFails is about a demo that cannot finish: the exit status says so.
func TestDemoFails(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, &process{Process: cli.Process{Args: []string{"demo"}, Stdout: &stdout, Stderr: &stderr}}); code != cli.ExitFailed {
		t.Errorf("exit status %d, want %d", code, cli.ExitFailed)
	}
	if strings.Contains(stdout.String(), "Verified") || stderr.Len() == 0 {
		t.Errorf("wrote %s\nand %s", &stdout, &stderr)
	}
}

// TestDemoSession is about sessions that do not end well.
func TestDemoSession(t *testing.T) {
	t.Parallel()
	show := &narrator{w: new(bytes.Buffer)}
	a, listener, err := newDemo(t.Context(), show)
	must(t, err)
	web := httptest.NewUnstartedServer(a.endpoints[0].Handler)
	must(t, web.Listener.Close())
	web.Listener = listener
	web.Start()
	defer web.Close()
	defer func() { must(t, a.close()) }()
	w, err := wallet.New(a.schemes.Current(), wallet.Config{})
	must(t, err)
	r := &demoRequestor{url: web.URL + "/", client: http.DefaultClient}
	for name, tt := range map[string]struct{ attr, want string }{
		"nothing to disclose": {string(demoAttribute), "wallet lacks requested attributes"},
		"unknown attribute":   {"irmad-demo.gov.ageLimits.over99", "400 Bad Request"},
	} {
		request := irma.NewDisclosureRequest(irma.AttributeTypeID(tt.attr))
		if _, err := r.session(t.Context(), request, w, show); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q", name, err, tt.want)
		}
	}
}

func TestDisclosed(t *testing.T) {
	t.Parallel()
	yes := "yes"
	attr := func(id irma.AttributeTypeID, value *string) [][]*irma.DisclosedAttribute {
		return [][]*irma.DisclosedAttribute{{{Identifier: id, RawValue: value}}}
	}
	for name, tt := range map[string]struct {
		disclosed [][]*irma.DisclosedAttribute
		want      string
	}{
		"right":   {attr(demoAttribute, &yes), "yes"},
		"none":    {nil, ""},
		"absent":  {attr(demoAttribute, nil), ""},
		"another": {attr("irmad-demo.gov.ageLimits.over12", &yes), ""},
		"empty":   {[][]*irma.DisclosedAttribute{{}}, ""},
	} {
		got, err := disclosed(&irma.SessionResult{Disclosed: tt.disclosed})
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, tt.want)
		}
	}
}
