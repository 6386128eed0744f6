package scheme

import (
	"crypto/rsa"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// kind tells what a signed file is.
type kind int

const (
	otherFile kind = iota
	keyshareKeyFile
	issuerFile
	credentialFile
	issuerKeyFile
)

// location is what the path of a signed file says about it.
type location struct {
	kind    kind
	issuer  string
	name    string // of the credential type
	counter uint   // of the key
}

func locate(file string) location {
	parts := strings.Split(file, "/")
	switch {
	case len(parts) == 1:
		if n, ok := numbered(file, "kss-", ".pem"); ok {
			return location{kind: keyshareKeyFile, counter: n}
		}
	case len(parts) == 2 && parts[1] == descriptionFile:
		return location{kind: issuerFile, issuer: parts[0]}
	case len(parts) == 3 && parts[1] == "PublicKeys":
		if n, ok := numbered(parts[2], "", ".xml"); ok {
			return location{kind: issuerKeyFile, issuer: parts[0], counter: n}
		}
	case len(parts) == 4 && parts[1] == "Issues" && parts[3] == descriptionFile:
		return location{kind: credentialFile, issuer: parts[0], name: parts[2]}
	}
	return location{}
}

// numbered returns the number between prefix and suffix in a file name.
func numbered(name, prefix, suffix string) (uint, bool) {
	name, found := strings.CutPrefix(name, prefix)
	if !found {
		return 0, false
	}
	name, found = strings.CutSuffix(name, suffix)
	if !found {
		return 0, false
	}
	return parseCounter(name)
}

// content is what a signed file holds; at most one of the pointers is set.
type content struct {
	location
	keyshareKey *rsa.PublicKey
	issuer      *Issuer
	credential  *CredentialType
	publicKey   []byte
}

// loadContents reads all files of an issuer scheme and puts them together.
func (f *folder) loadContents(scheme *Scheme) error {
	contents := make([]content, len(f.entries))
	err := f.forEachEntry(func(i int, e entry, data []byte) error {
		var err error
		if contents[i], err = f.readContent(e, data); err != nil {
			return fmt.Errorf("%s: %w", e.path, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := f.assemble(scheme, contents); err != nil {
		return err
	}
	if err := f.checkContents(scheme); err != nil {
		return err
	}
	return f.loadUnsigned(scheme)
}

func (f *folder) readContent(e entry, data []byte) (content, error) {
	c := content{location: locate(e.path)}
	var err error
	switch c.kind {
	case keyshareKeyFile:
		c.keyshareKey, err = readKeyshareKey(data)
	case issuerFile:
		if c.issuer, err = parseIssuer(data, f.id, c.location.issuer); err == nil {
			err = checkFolderName(c.location.issuer)
		}
	case credentialFile:
		if c.credential, err = parseCredentialType(data, f.issuerID(c.location), c.name); err == nil {
			err = checkFolderName(c.name)
		}
	case issuerKeyFile:
		c.publicKey = append([]byte{}, data...) // an empty file is one too
	}
	return c, err
}

// checkFolderName checks the name of a folder that becomes part of identifiers.
func checkFolderName(name string) error {
	if strings.Contains(name, ".") {
		return fmt.Errorf("folder name %.80q contains a dot", name)
	}
	return nil
}

func (f *folder) issuerID(l location) irma.IssuerID {
	return irma.IssuerID(string(f.id) + "." + l.issuer)
}

// assemble connects issuers, their keys and their credential types.
func (f *folder) assemble(scheme *Scheme, contents []content) error {
	issuers := map[string]*Issuer{}
	for _, c := range contents {
		switch {
		case c.issuer != nil:
			issuers[c.location.issuer] = c.issuer
			f.issuers = append(f.issuers, c.issuer)
		case c.keyshareKey != nil:
			scheme.addKeyshareKey(int(c.counter), c.keyshareKey)
		}
	}
	for _, c := range contents {
		issuer := issuers[c.location.issuer]
		switch {
		case c.credential != nil && issuer == nil:
			return fmt.Errorf("credential type %s: issuer has no %s", c.credential.ID, descriptionFile)
		case c.credential != nil:
			f.types = append(f.types, c.credential)
		case c.publicKey != nil && issuer == nil:
			f.warnf("ignored public key %d of %s: issuer has no %s", c.counter, f.issuerID(c.location), descriptionFile)
		case c.publicKey != nil:
			issuer.keys.addPublic(issuer.ID, c.counter, c.publicKey)
		}
	}
	if scheme.Distributed() && scheme.KeyshareKeys[0] == nil {
		return failf(ParsingError, "scheme has a keyshare server but no kss-0.pem")
	}
	return nil
}

func (s *Scheme) addKeyshareKey(n int, key *rsa.PublicKey) {
	if s.KeyshareKeys == nil {
		s.KeyshareKeys = map[int]*rsa.PublicKey{}
	}
	s.KeyshareKeys[n] = key
}

// checkContents applies the rules that need more than one file, and fills in
// languages that are inherited.
func (f *folder) checkContents(scheme *Scheme) error {
	byID := map[irma.IssuerID]*Issuer{}
	for _, issuer := range f.issuers {
		byID[issuer.ID] = issuer
		issuer.Languages = inherit(issuer.Languages, scheme.Languages)
		if err := checkName(scheme, issuer.Name, issuer.Languages); err != nil {
			return fmt.Errorf("issuer %s: %w", issuer.ID, err)
		}
	}
	for _, t := range f.types {
		t.Languages = inherit(t.Languages, byID[t.ID.Issuer()].Languages)
		if err := checkName(scheme, t.Name, t.Languages); err != nil {
			return fmt.Errorf("credential type %s: %w", t.ID, err)
		}
		if err := checkRevocation(t, scheme.Demo); err != nil {
			return fmt.Errorf("credential type %s: %w", t.ID, err)
		}
	}
	f.warn(scheme)
	return checkDependencies(f.id, f.types)
}

func inherit(own, parents []string) []string {
	if len(own) > 0 {
		return own
	}
	return parents
}

func checkName(scheme *Scheme, name irma.TranslatedString, languages []string) error {
	if !scheme.Demo {
		return nil
	}
	return checkDemoName(name, languages)
}
