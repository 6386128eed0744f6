// Package idemix checks what wallets prove and signs credentials.
//
// VerifyDisclosure judges a wallet's answer to a disclosure request,
// VerifyCommitments its answer to an issuance request, and Issue signs the
// credentials after that. ReadSignature and VerifySignature judge
// attribute-based signatures; between them callers check the timestamp, for
// which a server may have to be asked. All are pure: they read the scheme set,
// the request and the message, change none of them, keep nothing, and may be
// called from any number of goroutines. They take milliseconds per proof, so
// callers decide how many run at once.
//
// A proof is only looked at mathematically once it has the one shape that an
// honest wallet gives it. The order of work is (spec 12 §12):
//
//  1. kinds and number of proofs (kinds.go);
//  2. per proof its credential type and public key (keys.go), and the rules on
//     its shape and ranges (rules.go, rules_d.go, rules_u.go);
//  3. in issuance, the parts of keyshare servers, which are merged into copies
//     of the proofs (keyshare.go);
//  4. what the proofs must have in common (linked.go);
//  5. the pointers from the request's disjunctions into the proofs (match.go);
//  6. exponentiations (commit.go) and the challenge (challenge.go);
//  7. which disjunctions are satisfied, and expiry (match.go, expiry.go).
//
// An Engine does the same with tables that make it several times as fast
// (engine.go, bases.go, tables.go), and its ProveIssuance spares who issues right
// after it the second look at the commitments. The arithmetic is in internal/modexp. Signing
// is in sign.go, with the factors of the key in factors.go and the prime numbers
// in primes.go and pool.go.
//
// A message that breaks a rule gets the verdict INVALID. Errors are left for
// what the verdict cannot say: a key this server does not have, or a message of
// the wrong kind. They are *irma.Error values.
package idemix
