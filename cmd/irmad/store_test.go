package main

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

// storeKey returns a key of the store, as text.
func storeKey(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

// Keys are neither shown nor quoted, wherever they come from.
func TestStoreKeysHidden(t *testing.T) {
	t.Parallel()
	for name, source := range inSources(t, map[string]any{"store_keys": []string{storeKey(1)}}) {
		s := settingsOf(t, source.args, source.env)
		var shown bytes.Buffer
		must(t, s.Print(&shown))
		if strings.Contains(shown.String(), "AQEB") || !strings.Contains(shown.String(), `"store_keys": {"value":"(hidden)"`) {
			t.Errorf("%s: shown as %s", name, &shown)
		}
	}
	file := write(t, "a.json", `{"store_keys": {"sesame": 1}}`)
	if _, err := config.Read([]string{"-c", file}, nil); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("an object as keys: error %v", err)
	}
}
