package irmaserver

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/irmad/irmaserver/irma"
)

// storedRequest is a session request as it is kept: with what the wallet has
// proven in the sessions before this one of a chain, and must prove again.
type storedRequest struct {
	irma.ExtendedRequest
	Implicit irma.ConDisCon `json:"implicit,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (r *storedRequest) MarshalJSON() ([]byte, error) {
	out, err := r.ExtendedRequest.MarshalJSON()
	if err != nil || len(r.Implicit) == 0 {
		return out, err
	}
	implicit, err := json.Marshal(r.Implicit)
	out = append(out[:len(out)-1], `,"implicit":`...)
	return append(append(out, implicit...), '}'), err
}

// stored decodes the request of the session.
func (r *record) stored() (*storedRequest, error) {
	var out storedRequest
	if err := json.Unmarshal(r.request, &out); err != nil {
		return nil, fmt.Errorf("decoding stored session request: %w", err)
	}
	return &out, nil
}

// effective returns the request that the wallet's answer must satisfy.
func (r *storedRequest) effective() *irma.SessionRequest {
	if len(r.Implicit) == 0 {
		return r.Request
	}
	out := *r.Request
	out.Disclose = slices.Concat(out.Disclose, r.Implicit)
	return &out
}

// chains reports whether the session may have a follow-up.
func (r *storedRequest) chains() bool { return r.NextSession != nil && r.NextSession.URL != "" }
