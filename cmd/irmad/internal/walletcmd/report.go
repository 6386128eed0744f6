package walletcmd

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
)

// report prints what happened.
func (f *walletFlags) report(w io.Writer, r *walletapi.Report) error {
	if f.json {
		return json.NewEncoder(w).Encode(r)
	}
	for _, s := range r.Sessions {
		fmt.Fprintf(w, "%s: %s\n", s.Action, verdict(&s))
		for _, attr := range s.Disclosed {
			fmt.Fprintf(w, "  disclosed %s=%s\n", attr.ID, DescribeValue(attr.Value))
		}
		if s.Signature != nil {
			fmt.Fprintf(w, "  signed %q\n", s.Signature.Message)
		}
		for _, cred := range s.Issued {
			fmt.Fprint(w, "  received ")
			printCredential(w, &cred, "    ")
		}
	}
	return nil
}

func verdict(s *walletapi.Session) string {
	if s.ProofStatus == "" {
		return "not done"
	}
	return string(s.ProofStatus)
}

// DescribeValue returns the value of an attribute for people; nil is one that is absent.
func DescribeValue(value *string) string {
	if value == nil {
		return "(absent)"
	}
	return strconv.Quote(*value)
}

func printCredential(w io.Writer, c *walletapi.Credential, indent string) {
	fmt.Fprintf(w, "%s, expires %s\n", c.Type, c.Expires.Format(time.DateOnly))
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		fmt.Fprintf(w, "%s%s=%s\n", indent, name, DescribeValue(c.Attributes[name]))
	}
}
