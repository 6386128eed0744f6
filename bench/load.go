package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/bench/internal/target"
)

// client sends requests as requestors, frontends and wallets do.
var client = &http.Client{
	Transport: &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true},
	Timeout:   time.Minute,
}

// exchange sends a request and returns the answer, which must be 200.
func exchange(ctx context.Context, method, url string, body []byte, headers map[string]string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.300s", method, url, response.Status, content)
	}
	return content, err
}

var (
	asRequestor = map[string]string{"Content-Type": "application/json"}
	asWallet    = map[string]string{
		"Content-Type": "application/json", "Authorization": "wallet",
		"X-IRMA-MinProtocolVersion": "2.8", "X-IRMA-MaxProtocolVersion": "2.8",
	}
)

// session is a session of a requestor and a wallet.
type session struct {
	Token      string `json:"token"`
	SessionPtr struct {
		URL string `json:"u"`
	} `json:"sessionPtr"`

	proofs []byte
}

// start starts a session.
func start(ctx context.Context, s *target.Server, request []byte) (*session, error) {
	answer, err := exchange(ctx, http.MethodPost, s.URL+"/session", request, asRequestor)
	if err != nil {
		return nil, err
	}
	out := new(session)
	if err := json.Unmarshal(answer, out); err != nil {
		return nil, fmt.Errorf("session package: %w", err)
	}
	return out, nil
}

// connect sends the wallet's first request and makes the proofs.
func (x *session) connect(ctx context.Context, p *prove.Prover) error {
	hello, err := exchange(ctx, http.MethodGet, x.SessionPtr.URL, nil, asWallet)
	if err != nil {
		return err
	}
	x.proofs, err = p.Answer(hello)
	return err
}

// post sends the wallet's proofs.
func (x *session) post(ctx context.Context, p *prove.Prover) error {
	answer, err := exchange(ctx, http.MethodPost, x.SessionPtr.URL+p.Path(), x.proofs, asWallet)
	if err == nil && !bytes.Contains(answer, []byte(`"VALID"`)) {
		err = fmt.Errorf("the proofs were not found valid: %.300s", answer)
	}
	return err
}

// poll asks for the status as a requestor does.
func (x *session) poll(ctx context.Context, s *target.Server) error {
	_, err := exchange(ctx, http.MethodGet, s.URL+"/session/"+x.Token+"/status", nil, nil)
	return err
}

// result asks for the result, as a requestor does at the end.
func (x *session) result(ctx context.Context, s *target.Server) error {
	answer, err := exchange(ctx, http.MethodGet, s.URL+"/session/"+x.Token+"/result", nil, nil)
	if err == nil && !bytes.Contains(answer, []byte(`"VALID"`)) {
		err = fmt.Errorf("result: %.300s", answer)
	}
	return err
}

// load is what a phase of requests took.
type load struct {
	latencies []float64 // seconds
	wall      time.Duration
	cpu       time.Duration // of the server
}

// perSecond returns the throughput.
func (l *load) perSecond() float64 { return float64(len(l.latencies)) / l.wall.Seconds() }

// cpuEach returns the server's processor time per request in seconds.
func (l *load) cpuEach() float64 { return l.cpu.Seconds() / float64(len(l.latencies)) }

// run calls f n times, as many at once as told, and measures the server
// meanwhile. The first error ends it.
func run(ctx context.Context, s *target.Server, n, atOnce int, f func(ctx context.Context, i int) error) (*load, error) {
	before, err := s.CPU()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := &load{latencies: make([]float64, n)}
	began := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				sent := time.Now()
				if err := f(ctx, i); err != nil {
					cancel(err)
				}
				out.latencies[i] = time.Since(sent).Seconds()
			}
		})
	}
	all.Wait()
	out.wall = time.Since(began)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	after, err := s.CPU()
	out.cpu = after - before
	return out, err
}
