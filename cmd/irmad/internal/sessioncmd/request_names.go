package sessioncmd

import (
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// checkAttribute refuses attributes that do not exist. Of schemes that are not
// here, the server knows.
func checkAttribute(set *scheme.Set, id irma.AttributeTypeID) error {
	unknown := cli.Usage("unknown attribute: " + string(id))
	if !id.Valid() {
		return unknown
	}
	if set.Scheme(id.CredentialType().Scheme()) == nil {
		return nil
	}
	typ := set.CredentialType(id.CredentialType())
	if typ == nil {
		unknown.Message += cli.DidYouMean(string(id.CredentialType()), installed.CredentialNames(set))
		return unknown
	}
	if id.IsCredential() {
		return nil
	}
	if _, found := typ.AttributePosition(id.Name()); !found {
		unknown.Message += cli.DidYouMean(string(id), installed.AttributeNames(typ))
		return unknown
	}
	return nil
}
