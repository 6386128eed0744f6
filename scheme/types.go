package scheme

import (
	"crypto/rsa"
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Scheme is a valid issuer scheme. Its fields must not be changed.
type Scheme struct {
	ID          irma.SchemeID
	URL         string // where newer versions are published
	Demo        bool   // keys are public and worthless
	Name        irma.TranslatedString
	Description irma.TranslatedString
	Languages   []string // in which translations are required

	KeyshareServer    string // empty unless Distributed
	KeyshareWebsite   string
	KeyshareAttribute irma.AttributeTypeID
	KeyshareKeys      map[int]*rsa.PublicKey // by number

	TimestampServer string    // for signatures; may be empty
	Timestamp       time.Time // when this version was signed
}

// Distributed reports whether wallets share their secret key with the scheme's
// keyshare server.
func (s *Scheme) Distributed() bool { return s.KeyshareServer != "" }

// Issuer is an issuer within a scheme. Its fields must not be changed.
type Issuer struct {
	ID              irma.IssuerID
	Name            irma.TranslatedString
	ContactAddress  string
	ContactEMail    string
	Languages       []string
	DeprecatedSince irma.Timestamp // without effect on sessions

	keys issuerKeys
}

// CredentialType describes a kind of credential. Its fields must not be
// changed.
type CredentialType struct {
	ID          irma.CredentialTypeID
	Name        irma.TranslatedString
	Description irma.TranslatedString
	IssueURL    irma.TranslatedString // where to obtain one
	Languages   []string
	Singleton   bool            // a wallet holds at most one
	Attributes  []AttributeType // in the order of the signature; never empty

	RevocationServers     []string // empty if the type does not support revocation
	RevocationUpdateCount uint     // events attached to session requests
	RevocationUpdateSpeed uint     // hours

	DeprecatedSince irma.Timestamp              // without effect on sessions
	Dependencies    [][][]irma.CredentialTypeID // the wallet suggests these first

	positions   map[string]int
	revocation  int
	randomblind []int
}

// AttributeType describes an attribute of a credential type. The ID of the
// revocation attribute is empty.
type AttributeType struct {
	ID           string
	Name         irma.TranslatedString
	Description  irma.TranslatedString
	Optional     bool // may be left out when issuing
	Randomblind  bool // value chosen by wallet and issuer together
	Revocation   bool // holds the revocation witness
	DisplayIndex *int
	DisplayHint  string
}

// defaultUpdateCount and defaultUpdateSpeed hold where a type with revocation
// says nothing (spec 10 §6).
const (
	defaultUpdateCount = 16
	defaultUpdateSpeed = 168
)

// index prepares the lookups below; it is called once, while loading.
func (t *CredentialType) index() {
	t.positions = make(map[string]int, len(t.Attributes))
	t.revocation = -1
	for i, attr := range t.Attributes {
		switch {
		case attr.Revocation:
			t.revocation = i
			continue
		case attr.Randomblind:
			t.randomblind = append(t.randomblind, i)
		}
		t.positions[attr.ID] = i
	}
}

// AttributePosition returns the place of the attribute with this id in
// Attributes. Its base in a signature is two further, after the secret key and
// the metadata. The revocation attribute has no id and is not found.
func (t *CredentialType) AttributePosition(id string) (int, bool) {
	i, ok := t.positions[id]
	return i, ok
}

// RevocationPosition returns the place of the revocation attribute in
// Attributes, or -1 if the type does not support revocation.
func (t *CredentialType) RevocationPosition() int { return t.revocation }

// RandomblindPositions returns the places of the random blind attributes in
// Attributes, in ascending order.
func (t *CredentialType) RandomblindPositions() []int { return slices.Clone(t.randomblind) }

// RandomblindIDs returns the list that wallets compare with their own. For a
// random blind attribute it holds the id of the attribute after it, if there is
// one: that is what existing wallets compute (spec 11 §4.2).
func (t *CredentialType) RandomblindIDs() []string {
	var ids []string
	for _, i := range t.randomblind {
		if i+1 < len(t.Attributes) {
			ids = append(ids, t.Attributes[i+1].ID)
		}
	}
	return ids
}
