package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// demoRequestor is an application that uses a server over HTTP.
type demoRequestor struct {
	url    string // ends in a slash
	client *http.Client
}

// session starts a session, lets the wallet do it and returns its result, which
// is an error unless the session succeeded.
func (r *demoRequestor) session(ctx context.Context, request *irma.SessionRequest, w *wallet.Wallet, show *narrator) (*irma.SessionResult, error) {
	var session irma.SessionPackage
	if err := r.call(ctx, http.MethodPost, "session", request, &session); err != nil {
		return nil, err
	}
	show.say("\nThe wallet follows the session pointer, and its user agrees to what it shows.")
	if _, err := w.Perform(ctx, session.SessionPtr); err != nil {
		return nil, fmt.Errorf("wallet: %w", err)
	}
	show.say("\nThe requestor asks how it went, with the token that only it has.")
	result := new(irma.SessionResult)
	if err := r.call(ctx, http.MethodGet, "session/"+string(session.Token)+"/result", nil, result); err != nil {
		return nil, err
	}
	if result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
		return nil, fmt.Errorf("session ended as %s with proof status %q", result.Status, result.ProofStatus)
	}
	return result, nil
}

// call makes a request to the server and decodes the answer.
func (r *demoRequestor) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encoding request: %w", err)
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("server answered with HTTP status %s", resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
