package scheme

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"

	"github.com/irmad/irmaserver/irma"
)

// Draft is the description of a scheme on its way to be signed. Nothing about it was
// verified.
type Draft struct {
	ID        irma.SchemeID
	URL       string // where it is to be published
	Requestor bool   // it is a requestor scheme
}

// ReadDraft reads the description in the folder of a scheme. Tools use it before the
// scheme is signed; what is in use was verified by Load.
func ReadDraft(fsys fs.FS) (*Draft, error) {
	data, err := readFile(fsys, descriptionFile)
	if errors.Is(err, fs.ErrNotExist) {
		return readRequestorDraft(fsys)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the scheme description: %w", err)
	}
	var raw schemeXML
	if err := xml.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("reading the scheme description: %w", err)
	}
	return &Draft{ID: irma.SchemeID(raw.ID), URL: raw.URL}, checkSchemeID(raw.ID)
}

func readRequestorDraft(fsys fs.FS) (*Draft, error) {
	data, err := readFile(fsys, jsonDescriptionFile)
	if err != nil {
		return nil, fmt.Errorf("reading the scheme description: %w", err)
	}
	raw, err := parseRequestor(data)
	if err != nil {
		return nil, err
	}
	return &Draft{ID: irma.SchemeID(raw.ID), URL: raw.URL, Requestor: true}, checkSchemeID(raw.ID)
}

// MostAttributes returns the highest number of attributes of the credential types
// in an issuer's folder, signed or not: what a new key of the issuer has to be
// able to sign. It is 0 if there are none.
func MostAttributes(issuer fs.FS) (int, error) {
	files, err := fs.Glob(issuer, "Issues/*/"+descriptionFile)
	if err != nil {
		return 0, err
	}
	most := 0
	for _, file := range files {
		data, err := readFile(issuer, file)
		if err != nil {
			return 0, err
		}
		var raw credentialXML
		if err := xml.Unmarshal(data, &raw); err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		most = max(most, len(raw.Attributes))
	}
	return most, nil
}
