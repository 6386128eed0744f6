package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// maxPointer bounds what is read from the standard input.
const maxPointer = 1 << 20

// linkPrefixes begin the links in QRs and on pages; a pointer in JSON follows,
// escaped as in URLs (spec 04 §3).
var linkPrefixes = []string{
	"https://open.yivi.app/-/session#",
	"https://irma.app/-/session#",
	"irma://qr/json/",
	"intent://qr/json/",
}

// readPointer finds the session pointer in an argument.
func readPointer(arg string, stdin io.Reader) (irma.SessionPointer, error) {
	if arg != "-" {
		return parsePointer(arg)
	}
	data, err := io.ReadAll(io.LimitReader(stdin, maxPointer))
	if err != nil {
		return irma.SessionPointer{}, fmt.Errorf("reading session pointer: %w", err)
	}
	return parsePointer(string(data))
}

// parsePointer understands the content of QRs, app links, pointers and session
// packages.
func parsePointer(text string) (irma.SessionPointer, error) {
	text = strings.TrimSpace(text)
	for _, prefix := range linkPrefixes {
		if escaped, found := strings.CutPrefix(text, prefix); found {
			escaped, _, _ = strings.Cut(escaped, "#Intent;")
			unescaped, err := url.PathUnescape(escaped)
			if err != nil {
				return irma.SessionPointer{}, fmt.Errorf("session link: %w", err)
			}
			return decodePointer(unescaped)
		}
	}
	if !strings.HasPrefix(text, "{") {
		return irma.SessionPointer{}, errors.New(`session pointer must be JSON such as {"u":"https://...","irmaqr":"disclosing"}, or a link that holds it`)
	}
	return decodePointer(text)
}

func decodePointer(text string) (irma.SessionPointer, error) {
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
