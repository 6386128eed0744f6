package scheme

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// The description files (spec 10 §4 to §6) as they are in XML. Elements that do
// not matter to a server are left out, and skipped when reading.

type schemeXML struct {
	XMLName           xml.Name     `xml:"SchemeManager"`
	Version           int          `xml:"version,attr"`
	ID                string       `xml:"Id"`
	URL               string       `xml:"Url"`
	Demo              boolean      `xml:"Demo"`
	Name              translations `xml:"Name"`
	Description       translations `xml:"Description"`
	KeyshareServer    string       `xml:"KeyshareServer"`
	KeyshareWebsite   string       `xml:"KeyshareWebsite"`
	KeyshareAttribute string       `xml:"KeyshareAttribute"`
	TimestampServer   string       `xml:"TimestampServer"`
	Type              string       `xml:"SchemeType"`
	Languages         []string     `xml:"Languages>Language"`
}

type issuerXML struct {
	Version         int          `xml:"version,attr"`
	ID              string       `xml:"ID"`
	Name            translations `xml:"Name"`
	SchemeID        string       `xml:"SchemeManager"`
	ContactAddress  string       `xml:"ContactAddress"`
	ContactEMail    string       `xml:"ContactEMail"`
	DeprecatedSince seconds      `xml:"DeprecatedSince"`
	Languages       []string     `xml:"Languages>Language"`
}

type credentialXML struct {
	XMLName               xml.Name       `xml:"IssueSpecification"`
	Version               int            `xml:"version,attr"`
	ID                    string         `xml:"CredentialID"`
	IssuerID              string         `xml:"IssuerID"`
	SchemeID              string         `xml:"SchemeManager"`
	Name                  translations   `xml:"Name"`
	Description           translations   `xml:"Description"`
	IssueURL              translations   `xml:"IssueURL"`
	Singleton             boolean        `xml:"ShouldBeSingleton"`
	Attributes            []attributeXML `xml:"Attributes>Attribute"`
	RevocationServers     []string       `xml:"RevocationServers>RevocationServer"`
	RevocationUpdateCount uint           `xml:"RevocationUpdateCount"`
	RevocationUpdateSpeed uint           `xml:"RevocationUpdateSpeed"`
	DeprecatedSince       seconds        `xml:"DeprecatedSince"`
	Dependencies          []orXML        `xml:"Dependencies>Or"`
	Languages             []string       `xml:"Languages>Language"`
}

type orXML struct {
	And []andXML `xml:"And"`
}

type andXML struct {
	Types []string `xml:"CredentialType"`
}

type attributeXML struct {
	ID           string       `xml:"id,attr"`
	Optional     string       `xml:"optional,attr"`
	Randomblind  boolean      `xml:"randomblind,attr"`
	Revocation   boolean      `xml:"revocation,attr"`
	DisplayIndex *int         `xml:"displayIndex,attr"`
	DisplayHint  string       `xml:"displayHint,attr"`
	Name         translations `xml:"Name"`
	Description  translations `xml:"Description"`
}

// boolean is read as strconv.ParseBool does, with surrounding space ignored and
// nothing meaning false.
type boolean bool

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *boolean) UnmarshalText(text []byte) error {
	trimmed := strings.TrimSpace(string(text))
	if trimmed == "" {
		*b = false
		return nil
	}
	value, err := strconv.ParseBool(trimmed)
	if err != nil {
		return fmt.Errorf("%.20q is not a boolean", trimmed)
	}
	*b = boolean(value)
	return nil
}

// seconds is a moment in Unix seconds; nothing means absent.
type seconds irma.Timestamp

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *seconds) UnmarshalText(text []byte) error {
	trimmed := strings.TrimSpace(string(text))
	if trimmed == "" {
		*s = 0
		return nil
	}
	value, err := strconv.ParseInt(trimmed, 10, 64)
	if err != nil {
		return fmt.Errorf("%.20q is not a time in seconds", trimmed)
	}
	*s = seconds(value)
	return nil
}

// translations has a child element per language.
type translations irma.TranslatedString

// UnmarshalXML implements xml.Unmarshaler.
func (t *translations) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	out := translations{}
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			*t = out
			return nil
		case xml.StartElement:
			text, err := elementText(d)
			if err != nil {
				return err
			}
			out[token.Name.Local] = text
		}
	}
}

// elementText returns the text directly inside the element that was just opened.
func elementText(d *xml.Decoder) (string, error) {
	var text []byte
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			text = append(text, token...)
		case xml.StartElement:
			if err := d.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return string(text), nil
		}
	}
}
