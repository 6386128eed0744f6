// Package irmaserver runs IRMA (Yivi) sessions inside a Go program: it asks the
// users of a wallet app to disclose attributes about themselves, verifies their
// zero-knowledge proofs, and issues credentials.
//
// A Server is made from schemes, which define the credentials and hold the
// issuers' keys, and the URL at which wallets reach it:
//
//	schemes, err := scheme.LoadDir("/var/lib/irma/schemes", scheme.Options{})
//	...
//	server, err := irmaserver.New(irmaserver.Config{
//		URL:     "https://example.com/irma/",
//		Schemes: schemes,
//	})
//	...
//	mux.Handle("/irma/", server.Handler())
//
// The program then is a requestor: it starts a session, shows the session
// pointer to the user as a QR or a link, and waits for the result:
//
//	session, err := server.StartSession(ctx, irma.NewDisclosureRequest("pbdf.sidn-pbdf.email.email"))
//	...
//	show(session.SessionPtr)
//	result, err := server.WaitResult(ctx, session.Token)
//	...
//	if result.ProofStatus == irma.ProofValid {
//		email := result.Disclosed[0][0].Text()
//		...
//	}
//
// # Sessions
//
// A session is INITIALIZED until a wallet comes, CONNECTED while the user
// decides, and ends DONE, CANCELLED or TIMEOUT; with device pairing it is
// PAIRING in between. Status, Subscribe and WaitResult follow it. A session
// that is DONE has an answer, which may be a proof that is not valid: only
// irma.ProofValid as ProofStatus makes the disclosed attributes true.
//
// The session pointer holds the client token, which is public: whoever sees the
// QR has it. The requestor token gives access to the result and must stay with
// the requestor. The frontend authorization goes to the requestor's web page,
// for following and pairing the session there.
//
// # Schemes
//
// Config.Schemes may be a set of schemes that stays the same, as above, or the
// Updater of package scheme/update, which fetches new versions:
//
//	updater, err := update.New(update.Config{Dir: "/var/lib/irma/schemes"})
//	...
//	go updater.Watch(ctx, nil)
//	server, err := irmaserver.New(irmaserver.Config{Schemes: updater, ...})
//
// A session goes on with the schemes it began with. What a request or a wallet
// names and the schemes do not have is refused, and has the Updater look for it.
//
// # Chains, callbacks, signatures
//
// A request with nextSession continues with another session: its result is
// posted to that URL, which answers with the next request. Config.AuthorizeNext
// decides whether the requestor may have that one; without it there are no
// follow-up sessions. Results are posted to the callbackUrl of a request when
// the session ends, however it ends, once and again until they are accepted;
// what is still to be posted is kept with the session in the store.
//
// Attribute-based signatures are in the results of their sessions and are
// verified with VerifySignature, also years later.
//
// # Guarantees
//
// Every change of a session is decided on its stored record and counts only if
// that record has not changed meanwhile, so a session ends once, whatever
// arrives at the same time. Cryptography runs on immutable data outside any
// lock, on at most Config.CryptoWorkers goroutines. A wallet that repeats its
// last message, as it does after losing an answer, gets the same bytes again.
//
// # Load
//
// A session costs about a millisecond of computing, nearly all of it while the
// wallet's last message is answered. When more of those come than there are
// processors for, they wait, and requestors get equal shares of the time: one
// whose sessions come by the thousand does not keep the others' from being
// served. A message that would wait for longer than its wallet does is refused
// as it comes, with status 503, Retry-After and irma.ErrUnavailable, and its
// session stays as it is. Nothing else waits for computations: status, events
// and results are answered meanwhile. CryptoStats and the Observer tell how busy
// a server is.
//
// A Server has no state outside itself and its store: several in one process do
// not meet.
//
// The words of the protocol are in package irma, scheme files in package
// scheme, and a wallet for tests in package irmatest.
package irmaserver
