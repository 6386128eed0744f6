package schemecmd

import (
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// schemeList is what there is.
type schemeList []schemeLine

type schemeLine struct {
	ID          string                `json:"id"`
	Type        string                `json:"type"` // issuer or requestor
	Name        irma.TranslatedString `json:"name,omitempty"`
	Demo        bool                  `json:"demo"`
	Version     time.Time             `json:"version"` // when it was signed
	URL         string                `json:"url,omitempty"`
	Issuers     int                   `json:"issuers,omitempty"`
	Credentials int                   `json:"credentials,omitempty"`
	Requestors  int                   `json:"requestors,omitempty"`
}

func listSchemes(set *scheme.Set) schemeList {
	list := schemeList{}
	for s := range set.Schemes() {
		line := schemeLine{ID: string(s.ID), Type: "issuer", Name: s.Name, Demo: s.Demo, Version: s.Timestamp.UTC(), URL: s.URL}
		for issuer := range set.Issuers() {
			if issuer.ID.Scheme() == s.ID {
				line.Issuers++
			}
		}
		for typ := range set.CredentialTypes() {
			if typ.ID.Scheme() == s.ID {
				line.Credentials++
			}
		}
		list = append(list, line)
	}
	for s := range set.RequestorSchemes() {
		list = append(list, schemeLine{
			ID: string(s.ID), Type: "requestor", Demo: s.Demo, Version: s.Timestamp.UTC(), URL: s.URL, Requestors: len(s.Requestors),
		})
	}
	return list
}

type shownScheme struct {
	schemeLine
	Description     irma.TranslatedString `json:"description,omitempty"`
	KeyshareServer  string                `json:"keyshareServer,omitempty"`
	TimestampServer string                `json:"timestampServer,omitempty"`
	IssuerList      []named               `json:"issuerList"`
}

// named is something in a list.
type named struct {
	ID   string                `json:"id"`
	Name irma.TranslatedString `json:"name"`
}

func describeScheme(set *scheme.Set, s *scheme.Scheme) *shownScheme {
	list := listSchemes(set)
	i := slices.IndexFunc(list, func(l schemeLine) bool { return l.ID == string(s.ID) })
	out := &shownScheme{list[i], s.Description, s.KeyshareServer, s.TimestampServer, []named{}}
	for issuer := range set.Issuers() {
		if issuer.ID.Scheme() == s.ID {
			out.IssuerList = append(out.IssuerList, named{string(issuer.ID), issuer.Name})
		}
	}
	return out
}

type shownIssuer struct {
	named
	Contact         string         `json:"contact,omitempty"`
	DeprecatedSince irma.Timestamp `json:"deprecatedSince,omitempty"`
	Keys            []shownKey     `json:"keys"`
	CredentialList  []named        `json:"credentialList"`
}

type shownKey struct {
	Counter    uint      `json:"counter"`
	Bits       int       `json:"bits,omitempty"`
	Attributes int       `json:"attributes,omitempty"` // that it can sign
	Expires    time.Time `json:"expires,omitzero"`
	Revocation bool      `json:"revocation"`
	Private    bool      `json:"private"` // the private key is here
	Error      string    `json:"error,omitempty"`
}

func describeIssuer(set *scheme.Set, issuer *scheme.Issuer) *shownIssuer {
	out := &shownIssuer{
		named: named{string(issuer.ID), issuer.Name}, Contact: issuer.ContactEMail,
		DeprecatedSince: issuer.DeprecatedSince, Keys: []shownKey{}, CredentialList: []named{},
	}
	for _, counter := range set.PublicKeyCounters(issuer.ID) {
		out.Keys = append(out.Keys, describeKey(set, issuer.ID, counter))
	}
	for typ := range set.CredentialTypes() {
		if typ.ID.Issuer() == issuer.ID {
			out.CredentialList = append(out.CredentialList, named{string(typ.ID), typ.Name})
		}
	}
	return out
}

// otherBases of a key are for the secret key and the metadata.
const otherBases = 2

func describeKey(set *scheme.Set, id irma.IssuerID, counter uint) shownKey {
	out := shownKey{Counter: counter}
	key, err := set.PublicKey(id, counter)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.Bits, out.Attributes = key.N.BitLen(), len(key.R)-otherBases
	out.Expires, out.Revocation = time.Unix(key.ExpiryDate, 0).UTC(), key.RevocationSupported()
	_, err = set.PrivateKey(id, counter)
	out.Private = err == nil
	return out
}

type shownCredential struct {
	named
	Description     irma.TranslatedString `json:"description,omitempty"`
	Issuer          named                 `json:"issuer"`
	IssueURL        irma.TranslatedString `json:"issueURL,omitempty"`
	Singleton       bool                  `json:"singleton"`
	Revocation      bool                  `json:"revocation"`
	DeprecatedSince irma.Timestamp        `json:"deprecatedSince,omitempty"`
	Attributes      []shownAttribute      `json:"attributes"`
}

func describeCredential(set *scheme.Set, typ *scheme.CredentialType) *shownCredential {
	out := &shownCredential{
		named: named{string(typ.ID), typ.Name}, Description: typ.Description, IssueURL: typ.IssueURL, Singleton: typ.Singleton,
		Revocation: typ.RevocationPosition() >= 0, DeprecatedSince: typ.DeprecatedSince, Attributes: []shownAttribute{},
	}
	if issuer := set.Issuer(typ.ID.Issuer()); issuer != nil {
		out.Issuer = named{string(issuer.ID), issuer.Name}
	}
	for i := range typ.Attributes {
		if attr := &typ.Attributes[i]; !attr.Revocation {
			out.Attributes = append(out.Attributes, *describeAttribute(typ, attr))
		}
	}
	return out
}

type shownAttribute struct {
	named
	Description irma.TranslatedString `json:"description,omitempty"`
	Optional    bool                  `json:"optional"`
	Randomblind bool                  `json:"randomblind"`
	DisplayHint string                `json:"displayHint,omitempty"`
}

func describeAttribute(typ *scheme.CredentialType, attr *scheme.AttributeType) *shownAttribute {
	return &shownAttribute{
		named{string(typ.ID.Attribute(attr.ID)), attr.Name}, attr.Description, attr.Optional, attr.Randomblind, attr.DisplayHint,
	}
}

type shownRequestorScheme struct {
	schemeLine
	RequestorList []named `json:"requestorList"`
}

func describeRequestorScheme(s *scheme.RequestorScheme) *shownRequestorScheme {
	out := &shownRequestorScheme{schemeLine{
		ID: string(s.ID), Type: "requestor", Demo: s.Demo, Version: s.Timestamp.UTC(), URL: s.URL, Requestors: len(s.Requestors),
	}, []named{}}
	for _, r := range s.Requestors {
		out.RequestorList = append(out.RequestorList, named{r.ID, r.Name})
	}
	return out
}

type shownRequestor struct {
	named
	Industry   irma.TranslatedString `json:"industry,omitempty"`
	Hostnames  []string              `json:"hostnames"`
	Logo       string                `json:"logo,omitempty"` // file in the scheme
	ValidUntil irma.Timestamp        `json:"validUntil,omitempty"`
	Verified   bool                  `json:"verified"`
	Wizards    []named               `json:"wizards"`
}

func describeRequestor(r *scheme.Requestor) *shownRequestor {
	out := &shownRequestor{
		named: named{r.ID, r.Name}, Industry: r.Industry, Hostnames: append([]string{}, r.Hostnames...), Logo: r.Logo,
		ValidUntil: r.ValidUntil, Verified: !r.Unverified, Wizards: []named{},
	}
	for _, w := range r.Wizards {
		out.Wizards = append(out.Wizards, named{w.ID, w.Title})
	}
	return out
}
