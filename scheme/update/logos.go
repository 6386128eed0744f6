package update

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/irmad/irmaserver/scheme"
)

// fetchLogos gets the logos of a requestor scheme. They are not in the index:
// their names, in the signed files, are their hashes (spec 10 §2). Servers have no
// use for them, but other programs refuse the scheme without.
func (c *candidate) fetchLogos(ctx context.Context) error {
	if _, issuers := find(c.remote.index, "description.xml"); issuers {
		return nil
	}
	seen := map[string]bool{}
	var logos []scheme.File
	for _, file := range c.remote.index.Files {
		if path.Ext(file.Path) != ".json" || strings.Contains(file.Path, "/") || file.Path == "description.json" {
			continue
		}
		data, err := readSmall(c.dir, file.Path, maxFileSize)
		if err != nil {
			return err
		}
		found, err := parseLogos(data)
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		for _, logo := range found {
			if !seen[logo.Path] {
				seen[logo.Path] = true
				logos = append(logos, logo)
			}
		}
	}
	if len(logos) == 0 {
		return nil
	}
	if len(logos) > maxLogos {
		return fmt.Errorf("more than %d logos", maxLogos)
	}
	if err := c.disk.mkdirAll(c.path("assets")); err != nil {
		return err
	}
	return c.fetchAll(ctx, logos)
}

const maxLogos = 20_000

// parseLogos returns the logos in a list of requestors (spec 10 §11).
func parseLogos(data []byte) ([]scheme.File, error) {
	var requestors []struct {
		Logo    *string
		Wizards map[string]struct{ Logo *string }
	}
	if err := json.Unmarshal(data, &requestors); err != nil {
		return nil, err
	}
	var hashes []*string
	for _, requestor := range requestors {
		hashes = append(hashes, requestor.Logo)
		for _, wizard := range requestor.Wizards {
			hashes = append(hashes, wizard.Logo)
		}
	}
	hashes = slices.DeleteFunc(hashes, func(h *string) bool { return h == nil || *h == "" })
	logos := make([]scheme.File, len(hashes))
	for i, text := range hashes {
		raw, err := hex.DecodeString(*text)
		if err != nil || len(raw) != sha256.Size {
			return nil, fmt.Errorf("logo %.80q is not a hash", *text)
		}
		logos[i] = scheme.File{Path: "assets/" + *text + ".png", Hash: [sha256.Size]byte(raw)}
	}
	return logos, nil
}
