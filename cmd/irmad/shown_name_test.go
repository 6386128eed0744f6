package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/scheme"
)

// TestShownName has a requestor scheme with the host name of the server, and later
// without.
func TestShownName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	people := filepath.Join(dir, "people")
	must(t, os.Mkdir(people, 0o755))
	key, err := scheme.GenerateKey()
	must(t, err)
	at := time.Now().Add(-time.Hour)
	publish := func(host string) {
		t.Helper()
		at = at.Add(time.Minute)
		for file, text := range map[string]string{
			"description.json": `{"id":"people","schemetype":"requestor","url":"https://schemes.example/people","languages":["en"]}`,
			"shops.json":       `[{"id":"people.shop","scheme":"people","name":{"en":"Our shop"},"hostnames":["` + host + `"]}]`,
		} {
			must(t, os.WriteFile(filepath.Join(people, file), []byte(text), 0o600))
		}
		must(t, scheme.Sign(people, key, at))
	}
	publish("shop.example")
	args := []string{"-s", dir, "--schemes-update=0", "-u", "http://Shop.example:8088/x"}
	site := startSite(t, siteConfig{args: args, watch: 10 * time.Millisecond})
	site.log.await(t, `wallets show this server as a requestor of a requestor scheme {"host": "Shop.example", "requestor": "people.shop", "name": {"en":"Our shop"}}`, 1)
	publish("another.example")
	site.log.await(t, "no requestor scheme has it any more", 1)
	site.stopOnce()
	if n := strings.Count(site.log.String(), "wallets show"); n != 2 {
		t.Errorf("told %d times:\n%s", n, site.log)
	}
}
