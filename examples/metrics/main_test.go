package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/examples/internal/visit"
	"github.com/irmad/irmaserver/irma"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := new(metrics)
	v := visit.New(t, "/irma/", func(s *irmaserver.Server) http.Handler { return s.Handler() }, func(cfg *irmaserver.Config) { cfg.Observer = m })
	v.Obtain(t, "root", "bsn=999999990")
	request := irma.NewDisclosureRequest("irmad-demo.gov.root.bsn")
	for range 2 {
		if _, err := v.Server.StartSession(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	cancelled, err := v.Server.StartSession(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Server.CancelSession(t.Context(), cancelled.Token); err != nil {
		t.Fatal(err)
	}
	for _, event := range []irmaserver.CallbackEvent{{Delivered: true}, {Status: 500}, {Abandoned: true}} {
		m.Callback(event)
	}
	m.Crypto(irmaserver.CryptoEvent{Kind: irma.Disclosing, Failed: true, Shed: true})

	var got struct {
		Sessions, Callbacks map[string]int
		Live, Shed          int
		Computing           map[string]float64
		Busy                irmaserver.CryptoStats
	}
	if err := json.Unmarshal([]byte(m.vars(v.Server).String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Computing["issuing"] <= 0 {
		t.Errorf("computing took %v", got.Computing)
	}
	got.Computing = nil
	want := got
	want.Sessions = map[string]int{"issuing DONE VALID": 1, "disclosing CANCELLED": 1}
	want.Callbacks = map[string]int{"delivered": 1, "failed": 1, "abandoned": 1}
	want.Live, want.Shed = 2, 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}
