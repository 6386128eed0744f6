package scheme

import (
	"encoding/json"
	"fmt"

	"github.com/irmad/irmaserver/irma"
)

// Versions of description files that are read.
const (
	minSchemeVersion  = 7
	minContentVersion = 4
)

// Values of SchemeType; an empty one means issuer.
const (
	typeIssuer    = "issuer"
	typeRequestor = "requestor"
)

// parseScheme reads the description.xml of a scheme.
func parseScheme(data []byte) (*schemeXML, error) {
	raw, err := unmarshal[schemeXML](data)
	if err != nil {
		return nil, fail(ParsingError, err)
	}
	switch raw.Type {
	case "", typeIssuer, typeRequestor:
	default:
		return nil, failf(ParsingError, "unknown scheme type %.40q", raw.Type)
	}
	if raw.Version < minSchemeVersion && raw.Type != typeRequestor {
		return nil, fmt.Errorf("scheme has version %d, at least %d is needed", raw.Version, minSchemeVersion)
	}
	return raw, nil
}

func parseRequestor(data []byte) (*requestorJSON, error) {
	raw := new(requestorJSON)
	if err := json.Unmarshal(data, raw); err != nil {
		return nil, fail(ParsingError, err)
	}
	if raw.Type != typeRequestor {
		return nil, failf(ParsingError, "scheme type in %s is %.40q", jsonDescriptionFile, raw.Type)
	}
	return raw, nil
}

func (raw *schemeXML) scheme() *Scheme {
	return &Scheme{
		ID:                irma.SchemeID(raw.ID),
		URL:               raw.URL,
		Demo:              bool(raw.Demo),
		Name:              irma.TranslatedString(raw.Name),
		Description:       irma.TranslatedString(raw.Description),
		Languages:         raw.Languages,
		KeyshareServer:    raw.KeyshareServer,
		KeyshareWebsite:   raw.KeyshareWebsite,
		KeyshareAttribute: irma.AttributeTypeID(raw.KeyshareAttribute),
		TimestampServer:   raw.TimestampServer,
	}
}

// parseIssuer reads the description of the issuer in folder dir.
func parseIssuer(data []byte, scheme irma.SchemeID, dir string) (*Issuer, error) {
	raw, err := unmarshal[issuerXML](data)
	if err != nil {
		return nil, err
	}
	switch {
	case raw.Version < minContentVersion:
		return nil, fmt.Errorf("version %d, at least %d is needed", raw.Version, minContentVersion)
	case raw.ID != dir:
		return nil, fmt.Errorf("ID is %.80q", raw.ID)
	case raw.SchemeID != string(scheme):
		return nil, fmt.Errorf("SchemeManager is %.80q", raw.SchemeID)
	}
	return &Issuer{
		ID:              irma.IssuerID(string(scheme) + "." + dir),
		Name:            irma.TranslatedString(raw.Name),
		ContactAddress:  raw.ContactAddress,
		ContactEMail:    raw.ContactEMail,
		Languages:       raw.Languages,
		DeprecatedSince: irma.Timestamp(raw.DeprecatedSince),
	}, nil
}

// parseCredentialType reads the description of the credential type in folder
// dir of the issuer.
func parseCredentialType(data []byte, issuer irma.IssuerID, dir string) (*CredentialType, error) {
	raw, err := unmarshal[credentialXML](data)
	if err != nil {
		return nil, err
	}
	switch {
	case raw.Version < minContentVersion:
		return nil, fmt.Errorf("version %d, at least %d is needed", raw.Version, minContentVersion)
	case raw.ID != dir:
		return nil, fmt.Errorf("CredentialID is %.80q", raw.ID)
	case raw.IssuerID != issuer.Name():
		return nil, fmt.Errorf("IssuerID is %.80q", raw.IssuerID)
	case raw.SchemeID != string(issuer.Scheme()):
		return nil, fmt.Errorf("SchemeManager is %.80q", raw.SchemeID)
	}
	t := raw.credentialType(irma.CredentialTypeID(string(issuer) + "." + dir))
	if err := checkAttributes(t.Attributes); err != nil {
		return nil, err
	}
	t.index()
	return t, nil
}

func (raw *credentialXML) credentialType(id irma.CredentialTypeID) *CredentialType {
	t := &CredentialType{
		ID:                    id,
		Name:                  irma.TranslatedString(raw.Name),
		Description:           irma.TranslatedString(raw.Description),
		IssueURL:              irma.TranslatedString(raw.IssueURL),
		Languages:             raw.Languages,
		Singleton:             bool(raw.Singleton),
		RevocationServers:     raw.RevocationServers,
		RevocationUpdateCount: raw.RevocationUpdateCount,
		RevocationUpdateSpeed: raw.RevocationUpdateSpeed,
		DeprecatedSince:       irma.Timestamp(raw.DeprecatedSince),
		Dependencies:          raw.dependencies(),
		Attributes:            make([]AttributeType, len(raw.Attributes)),
	}
	for i := range raw.Attributes {
		t.Attributes[i] = raw.Attributes[i].attributeType()
	}
	if t.RevocationUpdateCount == 0 {
		t.RevocationUpdateCount = defaultUpdateCount
	}
	if t.RevocationUpdateSpeed == 0 {
		t.RevocationUpdateSpeed = defaultUpdateSpeed
	}
	return t
}

func (raw *attributeXML) attributeType() AttributeType {
	return AttributeType{
		ID:           raw.ID,
		Name:         irma.TranslatedString(raw.Name),
		Description:  irma.TranslatedString(raw.Description),
		Optional:     raw.Optional == "true",
		Randomblind:  bool(raw.Randomblind),
		Revocation:   bool(raw.Revocation),
		DisplayIndex: raw.DisplayIndex,
		DisplayHint:  raw.DisplayHint,
	}
}

func (raw *credentialXML) dependencies() [][][]irma.CredentialTypeID {
	var out [][][]irma.CredentialTypeID
	for _, or := range raw.Dependencies {
		var discon [][]irma.CredentialTypeID
		for _, and := range or.And {
			var con []irma.CredentialTypeID
			for _, id := range and.Types {
				con = append(con, irma.CredentialTypeID(id))
			}
			discon = append(discon, con)
		}
		out = append(out, discon)
	}
	return out
}
