// Gen completes the folder of a demo scheme: it makes a key pair for each issuer
// without one, a logo where there is none, and signs the scheme with a new key.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi/gabikeys"
)

const (
	keyLength = 2048
	bases     = 20 // the secret key, the metadata and 18 attributes
)

// expiry is far enough away for nobody to notice.
var expiry = time.Date(2046, time.January, 1, 0, 0, 0, 0, time.UTC)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gen FOLDER")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(dir string) error {
	issuers, err := filepath.Glob(filepath.Join(dir, "*", "description.xml"))
	if err != nil {
		return err
	}
	types, err := filepath.Glob(filepath.Join(dir, "*", "Issues", "*", "description.xml"))
	if err != nil {
		return err
	}
	for _, file := range issuers {
		if err := makeKeys(filepath.Dir(file)); err != nil {
			return err
		}
	}
	for _, file := range append(issuers, types...) {
		if err := makeLogo(filepath.Dir(file)); err != nil {
			return err
		}
	}
	key, err := scheme.GenerateKey()
	if err != nil {
		return err
	}
	return scheme.Sign(dir, key, time.Now())
}

// makeKeys makes key pair 0 of an issuer. It takes minutes.
func makeKeys(issuer string) error {
	public := filepath.Join(issuer, "PublicKeys", "0.xml")
	private := filepath.Join(issuer, "PrivateKeys", "0.xml")
	if _, err := os.Stat(public); err == nil {
		return nil
	}
	for _, file := range []string{public, private} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
	}
	sk, pk, err := gabikeys.GenerateKeyPair(gabikeys.DefaultSystemParameters[keyLength], bases, 0, expiry)
	if err != nil {
		return fmt.Errorf("making keys of %s: %w", issuer, err)
	}
	if _, err := pk.WriteToFile(public, false); err != nil {
		return err
	}
	_, err = sk.WriteToFile(private, true)
	return err
}
