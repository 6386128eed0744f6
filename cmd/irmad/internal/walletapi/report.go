package walletapi

import (
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// Report tells how a session and those chained to it went.
type Report struct {
	Success  bool      `json:"success"`
	Error    string    `json:"error,omitempty"`
	Sessions []Session `json:"sessions"`
}

// Session is one session of a Report.
type Session struct {
	Action      irma.Action         `json:"action"`
	ProofStatus irma.ProofStatus    `json:"proofStatus,omitempty"` // the server's verdict
	Disclosed   []Disclosed         `json:"disclosed,omitempty"`
	Issued      []Credential        `json:"issued,omitempty"`
	Signature   *irma.SignedMessage `json:"signature,omitempty"`
}

// Disclosed is an attribute that the wallet has shown.
type Disclosed struct {
	ID    irma.AttributeTypeID `json:"id"`
	Value *string              `json:"value"` // null for an absent attribute
}

// Credential is a credential in a wallet.
type Credential struct {
	ID         string                `json:"id"`
	Type       irma.CredentialTypeID `json:"type"`
	Issued     time.Time             `json:"issued"`
	Expires    time.Time             `json:"expires"`
	Attributes map[string]*string    `json:"attributes,omitempty"` // null for an absent one
}

// NewCredential describes a credential, with or without its attributes.
func NewCredential(cred wallet.Credential, attributes bool) Credential {
	out := Credential{ID: cred.ID, Type: cred.Type, Issued: cred.Issued.Time().UTC(), Expires: cred.Expires.Time().UTC()}
	if attributes {
		out.Attributes = cred.Attributes
	}
	return out
}

// newReport combines the outcome with the options that were chosen in each of
// its sessions.
func newReport(outcome *wallet.Outcome, chosen [][]wallet.Option, failure error) *Report {
	r := &Report{Success: failure == nil, Sessions: []Session{}}
	if failure != nil {
		r.Error = failure.Error()
	}
	for o := outcome; o != nil; o = o.Next {
		s := Session{Action: o.Action, ProofStatus: o.ProofStatus, Signature: o.Signature}
		if i := len(r.Sessions); i < len(chosen) && o.ProofStatus != "" {
			s.Disclosed = disclosedValues(chosen[i])
		}
		for _, cred := range o.Issued {
			s.Issued = append(s.Issued, NewCredential(cred, true))
		}
		r.Sessions = append(r.Sessions, s)
	}
	return r
}

func disclosedValues(options []wallet.Option) []Disclosed {
	var out []Disclosed
	for _, option := range options {
		for _, attr := range option.Attributes {
			out = append(out, Disclosed{attr.ID, attr.Value})
		}
	}
	return out
}
