package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// walletReport tells how a session and those chained to it went.
type walletReport struct {
	Success  bool            `json:"success"`
	Error    string          `json:"error,omitempty"`
	Sessions []sessionReport `json:"sessions"`
}

type sessionReport struct {
	Action      irma.Action         `json:"action"`
	ProofStatus irma.ProofStatus    `json:"proofStatus,omitempty"` // the server's verdict
	Disclosed   []disclosedValue    `json:"disclosed,omitempty"`
	Issued      []credentialReport  `json:"issued,omitempty"`
	Signature   *irma.SignedMessage `json:"signature,omitempty"`
}

type disclosedValue struct {
	ID    irma.AttributeTypeID `json:"id"`
	Value *string              `json:"value"` // null for an absent attribute
}

// newReport combines the outcome with the options that were chosen in each of
// its sessions.
func newReport(outcome *wallet.Outcome, chosen [][]wallet.Option, failure error) *walletReport {
	r := &walletReport{Success: failure == nil}
	if failure != nil {
		r.Error = failure.Error()
	}
	for o := outcome; o != nil; o = o.Next {
		s := sessionReport{Action: o.Action, ProofStatus: o.ProofStatus, Signature: o.Signature}
		if i := len(r.Sessions); i < len(chosen) && o.ProofStatus != "" {
			s.Disclosed = disclosedValues(chosen[i])
		}
		for _, cred := range o.Issued {
			s.Issued = append(s.Issued, newCredentialReport(cred, true))
		}
		r.Sessions = append(r.Sessions, s)
	}
	return r
}

func disclosedValues(options []wallet.Option) []disclosedValue {
	var out []disclosedValue
	for _, option := range options {
		for _, attr := range option.Attributes {
			out = append(out, disclosedValue{attr.ID, attr.Value})
		}
	}
	return out
}

// report prints what happened.
func (f *walletFlags) report(w io.Writer, r *walletReport) error {
	if f.json {
		return json.NewEncoder(w).Encode(r)
	}
	for _, s := range r.Sessions {
		fmt.Fprintf(w, "%s: %s\n", s.Action, s.verdict())
		for _, attr := range s.Disclosed {
			fmt.Fprintf(w, "  disclosed %s=%s\n", attr.ID, describeValue(attr.Value))
		}
		if s.Signature != nil {
			fmt.Fprintf(w, "  signed %q\n", s.Signature.Message)
		}
		for _, cred := range s.Issued {
			fmt.Fprint(w, "  received ")
			cred.print(w, "    ")
		}
	}
	return nil
}

func (s *sessionReport) verdict() string {
	if s.ProofStatus == "" {
		return "not done"
	}
	return string(s.ProofStatus)
}

func describeValue(value *string) string {
	if value == nil {
		return "(absent)"
	}
	return strconv.Quote(*value)
}
