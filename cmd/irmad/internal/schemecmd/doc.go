// Package schemecmd has the commands about schemes: "irmad scheme", which finds names in
// them, gets them from the network, and makes them, and "irmad issuer", which makes keys.
// The work is done by the packages scheme, scheme/update and scheme/issuerkey.
package schemecmd
