// Package demo holds a small scheme to try things with: no downloads, no keys to
// make, issuing works at once.
//
// The private keys of its issuers are part of the package on purpose, so anyone
// can issue its credentials and they prove nothing. Never accept them in
// production. Everything in the scheme has a name that begins with "Demo".
//
// The credential types are
//
//	irmad-demo.gov.ageLimits     over12, over16, over18, over21 (singleton)
//	irmad-demo.gov.personalData  firstName, prefix (optional), familyName, birthDate, city
//	irmad-demo.gov.root          bsn (singleton)
//	irmad-demo.vote.ballot       election, votingNumber (random blind)
//
// The files are in the folder schemes. After changing them run go generate,
// which makes what is missing and signs the result. It signs with a new key each
// time, which nobody keeps: wallets that installed an earlier version do not
// take the next one as an update, and must install it anew.
package demo

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

//go:generate go run ./internal/gen schemes/irmad-demo

// ID is the id of the scheme.
const ID irma.SchemeID = "irmad-demo"

//go:embed schemes
var files embed.FS

// FS returns the folder that holds the folder of the scheme, for example to
// write it out for a wallet.
func FS() (fs.FS, error) { return fs.Sub(files, "schemes") }

// Set returns the demo scheme. Every call loads it anew.
func Set() (*scheme.Set, error) {
	fsys, err := FS()
	if err != nil {
		return nil, err
	}
	set, err := scheme.Load(fsys, scheme.Options{})
	if err != nil {
		return nil, err
	}
	for _, problem := range set.Problems() {
		return nil, fmt.Errorf("demo %s", problem)
	}
	return set, nil
}
