package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

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

// credentialReport is a credential in a wallet.
type credentialReport struct {
	ID         string                `json:"id"`
	Type       irma.CredentialTypeID `json:"type"`
	Issued     time.Time             `json:"issued"`
	Expires    time.Time             `json:"expires"`
	Attributes map[string]*string    `json:"attributes,omitempty"`
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
		if i := len(r.Sessions); i < len(chosen) {
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

func newCredentialReport(cred wallet.Credential, attributes bool) credentialReport {
	out := credentialReport{ID: cred.ID, Type: cred.Type, Issued: cred.Issued.Time().UTC(), Expires: cred.Expires.Time().UTC()}
	if attributes {
		out.Attributes = cred.Attributes
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

func (c *credentialReport) print(w io.Writer, indent string) {
	fmt.Fprintf(w, "%s, expires %s\n", c.Type, c.Expires.Format(time.DateOnly))
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		fmt.Fprintf(w, "%s%s=%s\n", indent, name, describeValue(c.Attributes[name]))
	}
}

func describeValue(value *string) string {
	if value == nil {
		return "(absent)"
	}
	return strconv.Quote(*value)
}

// listCredentials prints what is in a wallet.
func (f *walletFlags) listCredentials(p *process, attributes bool) error {
	if f.file == "" {
		return &usageError{"wallet list and show need --file"}
	}
	if _, err := os.Stat(f.file); err != nil {
		return fmt.Errorf("opening wallet: %w", err)
	}
	w, _, err := f.open(p, wallet.Config{})
	if err != nil {
		return err
	}
	reports := []credentialReport{}
	for _, cred := range w.Credentials() {
		reports = append(reports, newCredentialReport(cred, attributes))
	}
	if f.json {
		return json.NewEncoder(p.stdout).Encode(reports)
	}
	for _, r := range reports {
		r.print(p.stdout, "  ")
	}
	return nil
}
