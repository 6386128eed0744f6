// Package pointer reads session pointers in all the forms in which people and
// programs have them.
package pointer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// linkPrefixes begin the links in QRs and on pages; a pointer in JSON follows,
// escaped as in URLs (spec 04 §3).
var linkPrefixes = []string{
	"https://open.yivi.app/-/session#",
	"https://irma.app/-/session#",
	"irma://qr/json/",
	"intent://qr/json/",
}

// Parse understands the content of QRs, app links, pointers and session packages.
func Parse(text string) (irma.SessionPointer, error) {
	text = strings.TrimSpace(text)
	for _, prefix := range linkPrefixes {
		if escaped, found := strings.CutPrefix(text, prefix); found {
			escaped, _, _ = strings.Cut(escaped, "#Intent;")
			unescaped, err := url.PathUnescape(escaped)
			if err != nil {
				return irma.SessionPointer{}, fmt.Errorf("session link: %w", err)
			}
			return decode(unescaped)
		}
	}
	if !strings.HasPrefix(text, "{") {
		return irma.SessionPointer{}, errors.New(`session pointer must be JSON such as {"u":"https://...","irmaqr":"disclosing"}, or a link that holds it`)
	}
	return decode(text)
}

func decode(text string) (irma.SessionPointer, error) {
	var in struct {
		irma.SessionPointer
		Package *irma.SessionPointer `json:"sessionPtr"`
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return in.SessionPointer, fmt.Errorf("session pointer is not JSON: %w", err)
	}
	ptr := in.SessionPointer
	if in.Package != nil {
		ptr = *in.Package
	}
	if ptr.URL == "" || ptr.Action == "" {
		return ptr, errors.New(`session pointer lacks "u" or "irmaqr"`)
	}
	return ptr, nil
}
