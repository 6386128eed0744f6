package scheme

import "github.com/irmad/irmaserver/scheme/internal/plainxml"

func (s *schemeXML) readPlain(r *plainxml.Reader) {
	s.XMLName, s.Version = readRoot(r, "", "SchemeManager"), readVersion(r)
	for name := range r.Children() {
		switch string(name) {
		case "Id":
			s.ID = r.Text()
		case "Url":
			s.URL = r.Text()
		case "Demo":
			s.Demo.readPlain(r, r.Text())
		case "Name":
			s.Name = readTranslations(r)
		case "Description":
			s.Description = readTranslations(r)
		case "KeyshareServer":
			s.KeyshareServer = r.Text()
		case "KeyshareWebsite":
			s.KeyshareWebsite = r.Text()
		case "KeyshareAttribute":
			s.KeyshareAttribute = r.Text()
		case "TimestampServer":
			s.TimestampServer = r.Text()
		case "SchemeType":
			s.Type = r.Text()
		case "Languages":
			s.Languages = texts(r, s.Languages, "Language")
		}
	}
}

func (i *issuerXML) readPlain(r *plainxml.Reader) {
	i.Version = readVersion(r)
	for name := range r.Children() {
		switch string(name) {
		case "ID":
			i.ID = r.Text()
		case "Name":
			i.Name = readTranslations(r)
		case "SchemeManager":
			i.SchemeID = r.Text()
		case "ContactAddress":
			i.ContactAddress = r.Text()
		case "ContactEMail":
			i.ContactEMail = r.Text()
		case "DeprecatedSince":
			i.DeprecatedSince.readPlain(r)
		case "Languages":
			i.Languages = texts(r, i.Languages, "Language")
		}
	}
}

func (c *credentialXML) readPlain(r *plainxml.Reader) {
	c.XMLName, c.Version = readRoot(r, "", "IssueSpecification"), readVersion(r)
	for name := range r.Children() {
		switch string(name) {
		case "CredentialID":
			c.ID = r.Text()
		case "IssuerID":
			c.IssuerID = r.Text()
		case "SchemeManager":
			c.SchemeID = r.Text()
		case "Name":
			c.Name = readTranslations(r)
		case "Description":
			c.Description = readTranslations(r)
		case "IssueURL":
			c.IssueURL = readTranslations(r)
		case "Attributes":
			c.readAttributes(r)
		default:
			c.readRare(r, string(name))
		}
	}
}

// readRare reads what few credential types have.
func (c *credentialXML) readRare(r *plainxml.Reader, name string) {
	switch name {
	case "ShouldBeSingleton":
		c.Singleton.readPlain(r, r.Text())
	case "RevocationServers":
		c.RevocationServers = texts(r, c.RevocationServers, "RevocationServer")
	case "RevocationUpdateCount":
		c.RevocationUpdateCount = readUint(r)
	case "RevocationUpdateSpeed":
		c.RevocationUpdateSpeed = readUint(r)
	case "DeprecatedSince":
		c.DeprecatedSince.readPlain(r)
	case "Dependencies":
		c.readDependencies(r)
	case "Languages":
		c.Languages = texts(r, c.Languages, "Language")
	}
}

func (c *credentialXML) readDependencies(r *plainxml.Reader) {
	for range named(r, "Or") {
		var or orXML
		for range named(r, "And") {
			var and andXML
			and.Types = texts(r, nil, "CredentialType")
			or.And = append(or.And, and)
		}
		c.Dependencies = append(c.Dependencies, or)
	}
}

func (c *credentialXML) readAttributes(r *plainxml.Reader) {
	for range named(r, "Attribute") {
		var a attributeXML
		a.readPlain(r)
		c.Attributes = append(c.Attributes, a)
	}
}

func (a *attributeXML) readPlain(r *plainxml.Reader) {
	a.ID, _ = r.Attr("id")
	a.Optional, _ = r.Attr("optional")
	if text, found := r.Attr("randomblind"); found {
		a.Randomblind.readPlain(r, text)
	}
	if text, found := r.Attr("revocation"); found {
		a.Revocation.readPlain(r, text)
	}
	if text, found := r.Attr("displayIndex"); found {
		index := readInt(r, text)
		a.DisplayIndex = &index
	}
	a.DisplayHint, _ = r.Attr("displayHint")
	for name := range r.Children() {
		switch string(name) {
		case "Name":
			a.Name = readTranslations(r)
		case "Description":
			a.Description = readTranslations(r)
		}
	}
}
