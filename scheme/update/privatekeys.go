package update

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// privateKeyTimeout bounds the time spent on the private keys of a scheme, which
// it can do without.
const privateKeyTimeout = time.Minute

// secretPerm is for files that others had better not read.
const secretPerm = 0o600

// fetchPrivateKeys gets the private keys of a demo scheme, which are published
// for everybody to issue with, unless they are there already. No signature covers
// them, so those that do not belong to the public keys are removed. Whatever
// fails, the scheme is complete without (spec 10 §9.2).
func (c *candidate) fetchPrivateKeys(ctx context.Context, set *scheme.Set) {
	if s := set.Scheme(c.source.ID); s == nil || !s.Demo {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, privateKeyTimeout)
	defer cancel()
	c.fetchSchemeKey(ctx)
	var fetched []issuerKey
	for _, file := range c.remote.index.Files {
		key, ok := keyOf(file.Path)
		if !ok || c.present(key.file()) {
			continue
		}
		if c.fetchPrivateKey(ctx, key) == nil {
			fetched = append(fetched, key)
		}
	}
	c.removeUseless(fetched)
}

// issuerKey tells the key pairs of a scheme apart.
type issuerKey struct {
	issuer  string
	counter uint
}

// keyOf returns which key pair the public key in a file belongs to.
func keyOf(file string) (issuerKey, bool) {
	parts := strings.Split(file, "/")
	if len(parts) != 3 || parts[1] != "PublicKeys" {
		return issuerKey{}, false
	}
	number, found := strings.CutSuffix(parts[2], ".xml")
	counter, err := strconv.ParseUint(number, 10, 31)
	key := issuerKey{parts[0], uint(counter)}
	return key, found && err == nil && strconv.FormatUint(counter, 10) == number
}

func (k issuerKey) file() string { return fmt.Sprintf("%s/PrivateKeys/%d.xml", k.issuer, k.counter) }

// present reports whether the old version has the file, which preserve then
// takes along.
func (c *candidate) present(file string) bool {
	_, err := os.Lstat(filepath.Join(c.local.dir, filepath.FromSlash(file)))
	return err == nil
}

func (c *candidate) fetchPrivateKey(ctx context.Context, key issuerKey) error {
	file := key.file()
	if err := c.disk.mkdirAll(filepath.Dir(c.path(file))); err != nil {
		return err
	}
	return c.disk.create(c.path(file), secretPerm, func(out *output) error {
		return c.fetch.stream(ctx, c.source.at(file), maxKeyFileSize, func(body io.Reader) error {
			if err := out.Reset(); err != nil {
				return err
			}
			_, err := io.Copy(out, body)
			return err
		})
	})
}

// maxKeyFileSize is far above the size of a file with a private key.
const maxKeyFileSize = 100 << 10

// removeUseless removes the fetched keys that do not belong to the public key.
func (c *candidate) removeUseless(fetched []issuerKey) {
	if len(fetched) == 0 {
		return
	}
	set, err := scheme.LoadDir(c.temp, scheme.Options{})
	for _, key := range fetched {
		id := irma.IssuerID(string(c.source.ID) + "." + key.issuer)
		if err == nil {
			if _, err := set.PrivateKey(id, key.counter); err == nil {
				continue
			}
		}
		_ = c.disk.removeAll(c.path(key.file()))
	}
}

// fetchSchemeKey gets the key that signs the scheme, for those who change their
// copy of a demo scheme.
func (c *candidate) fetchSchemeKey(ctx context.Context) {
	if c.present("sk.pem") {
		return
	}
	pem, err := c.fetch.bytes(ctx, c.source.at("sk.pem"), maxKeySize)
	if err != nil {
		return
	}
	if key, err := scheme.ReadKey(pem); err != nil || !key.PublicKey.Equal(c.key) {
		return
	}
	_ = c.disk.create(c.path("sk.pem"), secretPerm, func(out *output) error {
		_, err := out.Write(pem)
		return err
	})
}
