// Package issuerkey makes the key pairs with which issuers sign credentials.
//
//	pair, err := issuerkey.Generate(ctx, issuerkey.Config{Attributes: 10, Expiry: nextYear})
//	...
//	err = pair.WriteFiles("office/PublicKeys/0.xml", "office/PrivateKeys/0.xml", false)
//
// Whoever holds the private key can issue any credential of the issuer. The public
// key becomes part of the scheme.
//
// The primes have the form that proofs of a well-formed key need, which other
// programs can make.
//
// Servers that issue or verify do not need this package: they read keys with
// package scheme.
package issuerkey
