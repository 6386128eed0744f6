// Package keyshare reads the statements of keyshare servers.
//
// In a scheme with a keyshare server a wallet has one part of its secret key and
// the server the other, so that nobody uses the wallet without the PIN that the
// server asks for. When such a wallet discloses or signs, it merges the server's
// part into its proofs, and verifiers see nothing of it. When a credential is
// issued, the issuer merges it: it learns from a JWT, signed by the keyshare
// server, what to add (spec 12 §9). Verify judges that JWT, and package idemix
// does the adding.
package keyshare
