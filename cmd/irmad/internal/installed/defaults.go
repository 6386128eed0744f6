package installed

import (
	"os"
	"path/filepath"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// Defaults returns those of the default schemes, with their pinned keys, that
// are to be kept in dir: all if it has no schemes, and otherwise those that it has.
// A scheme of the same name with another key is somebody's own.
func Defaults(dir string, all []update.Source) []update.Source {
	if all == nil {
		all = update.Default()
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*", "description.xml")); len(found) == 0 {
		return all
	}
	out := []update.Source{}
	for _, source := range all {
		pem, err := os.ReadFile(filepath.Join(dir, string(source.ID), "pk.pem"))
		if err != nil {
			continue
		}
		if key, err := scheme.ReadPublicKey(pem); err == nil && key.Equal(source.PublicKey) {
			out = append(out, source)
		}
	}
	return out
}
