// Package timestamp verifies the timestamps of attribute-based signatures
// (spec 12 §10.3).
//
// A timestamp is a signature by an atum server on a moment and a value. Which
// server is to be believed follows from the schemes of the signed attributes;
// the server itself tells which keys are its own. A Verifier asks it once per
// key and remembers the answer, so nearly all timestamps are verified without
// the network.
//
// Only Ed25519 timestamps are verified, the kind that wallets ask for. Atum
// servers can also sign with XMSS-MT; those timestamps are refused, because
// every program that embeds this module would have to link a library for them.
package timestamp
