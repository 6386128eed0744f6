// Package irmaserver runs IRMA (Yivi) sessions inside a Go program: it asks the
// users of a wallet app to disclose attributes about themselves, verifies their
// zero-knowledge proofs, and issues credentials.
//
// A [Server] is made from schemes, which define the credentials and hold the
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
// Requests are values of package irma: [irma.NewDisclosureRequest],
// [irma.NewSignatureRequest] and [irma.NewIssuanceRequest] make simple ones,
// [irma.ParseRequest] reads the JSON that other servers take, and with it questions
// that have alternatives.
//
// To try this without a phone, and to test it, there are the schemes of package
// scheme/demo and the wallet of package irmatest/wallet, as in the example below.
// The folder examples has whole programs: one that logs its users in, one that issues
// credentials, and others.
//
// # Sessions
//
// A session is INITIALIZED until a wallet comes, CONNECTED while the user
// decides, and ends DONE, CANCELLED or TIMEOUT; with device pairing it is
// PAIRING in between. [Server.Status], [Server.Subscribe] and [Server.WaitResult]
// follow it. A session that is DONE has an answer, which may be a proof that is not
// valid: only [irma.ProofValid] as ProofStatus makes the disclosed attributes true.
//
// The session pointer holds the client token, which is public: whoever sees the
// QR has it. The requestor token gives access to the result and must stay with
// the requestor: a web application keeps it with its own session, and gives the
// browser a cookie. The frontend authorization goes to the requestor's web page,
// for following and pairing the session there.
//
// A session waits for its user whether or not somebody waits for the session. A ctx
// that ends ends the wait, not the session; [Server.CancelSession] ends that, and
// Config.SessionLifetime does in any case.
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
// # Stores
//
// Sessions are kept in memory unless Config.Store says otherwise: package store/file
// has a store that outlives the process, store/redis one that several servers share,
// and store/sealed encrypts what another keeps. Servers that share a store continue
// what another began, so requests need not be routed to the one that started a session.
// Package store says what a store of your own must do, and store/storetest tests it.
//
// # Requestors elsewhere
//
// Programs that do not embed the server use it over HTTP. [Server.RequestorHandler] has
// the endpoints for them, and Config.Authenticator, for which package auth has what is
// usual, decides who may ask what. Those in Go use package requestor, which links
// neither this package nor its cryptography.
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
// verified with [Server.VerifySignature], also years later.
//
// # Errors
//
// What a caller or a wallet did wrong is an [*irma.Error], with the name and status
// that the protocol gives it and a message that says what to change; find it with
// [irma.AsError] and compare with errors.Is, as in
//
//	if errors.Is(err, irma.ErrSessionUnknown) { // never existed, or is no longer kept
//
// Other errors are about this server, its store, or a ctx that ended. What a wallet
// does wrong is answered to the wallet; the requestor sees how the session ends.
//
// # Guarantees
//
// Every change of a session is decided on its stored record and counts only if
// that record has not changed meanwhile, so a session ends once, whatever
// arrives at the same time. Cryptography runs on immutable data outside any
// lock, on at most Config.CryptoWorkers goroutines. A wallet that repeats its
// last message, as it does after losing an answer, gets the same bytes again.
//
// A Server has no state outside itself and its store: several in one process do
// not meet. It writes neither attribute values nor whole tokens to Config.Logger.
// [Server.Close] waits for what is going on, so that nothing is lost when it is called
// before the program ends.
//
// # Load
//
// A session costs about a millisecond of computing, nearly all of it while the
// wallet's last message is answered. When more of those come than there are
// processors for, they wait, and requestors get equal shares of the time: one
// whose sessions come by the thousand does not keep the others' from being
// served. A message that would wait for longer than its wallet does is refused
// as it comes, with status 503, Retry-After and [irma.ErrUnavailable], and its
// session stays as it is. Nothing else waits for computations: status, events
// and results are answered meanwhile. [Server.CryptoStats] and the [Observer] tell how
// busy a server is.
package irmaserver
