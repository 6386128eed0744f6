package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

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

// credentialReport is a credential in a wallet.
type credentialReport struct {
	ID         string                `json:"id"`
	Type       irma.CredentialTypeID `json:"type"`
	Issued     time.Time             `json:"issued"`
	Expires    time.Time             `json:"expires"`
	Attributes map[string]*string    `json:"attributes,omitempty"`
}

func newCredentialReport(cred wallet.Credential, attributes bool) credentialReport {
	out := credentialReport{ID: cred.ID, Type: cred.Type, Issued: cred.Issued.Time().UTC(), Expires: cred.Expires.Time().UTC()}
	if attributes {
		out.Attributes = cred.Attributes
	}
	return out
}

func (c *credentialReport) print(w io.Writer, indent string) {
	fmt.Fprintf(w, "%s, expires %s\n", c.Type, c.Expires.Format(time.DateOnly))
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		fmt.Fprintf(w, "%s%s=%s\n", indent, name, describeValue(c.Attributes[name]))
	}
}
