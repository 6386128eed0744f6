package sessioncmd

import (
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// credentials returns what --issue asks to issue.
func (f *requestFlags) credentials(set *scheme.Set) ([]irma.CredentialRequest, error) {
	var out []irma.CredentialRequest
	revocable := false
	for _, arg := range f.issue {
		name, values, found := strings.Cut(arg, "=")
		if !found || strings.Contains(values, "=") {
			return nil, cli.Usage("--issue argument must contain exactly 1 = sign")
		}
		typ := set.CredentialType(irma.CredentialTypeID(name))
		if typ == nil {
			return nil, cli.Usage("unknown credential type: " + name + cli.DidYouMean(name, installed.CredentialNames(set)))
		}
		credential, err := credential(typ, strings.Split(values, ","))
		if err != nil {
			return nil, err
		}
		if typ.RevocationPosition() >= 0 {
			revocable = true
			credential.RevocationKey = f.revocationKey
			if f.revocationKey == "" {
				return nil, cli.Usage("revocationKey required for " + name)
			}
		}
		out = append(out, credential)
	}
	if f.revocationKey != "" && !revocable {
		return nil, cli.Usage("revocation key specified but no credential uses revocation")
	}
	return out, nil
}

// credential gives the values to the attributes in the order of the scheme.
// Nothing, for an optional attribute, leaves it out.
func credential(typ *scheme.CredentialType, values []string) (irma.CredentialRequest, error) {
	var names []string
	optional := map[string]bool{}
	for _, attr := range typ.Attributes {
		if !attr.Revocation && !attr.Randomblind {
			names = append(names, attr.ID)
			optional[attr.ID] = attr.Optional
		}
	}
	if len(values) != len(names) {
		return irma.CredentialRequest{}, cli.Usage(fmt.Sprintf("%d attributes required but %d provided for %s: %s",
			len(names), len(values), typ.ID, strings.Join(names, ",")))
	}
	out := irma.CredentialRequest{CredentialTypeID: typ.ID, Attributes: map[string]string{}}
	for i, name := range names {
		if values[i] != "" || !optional[name] {
			out.Attributes[name] = values[i]
		}
	}
	return out, nil
}
