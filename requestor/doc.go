// Package requestor lets a Go program use a server for IRMA (Yivi) sessions that
// runs elsewhere: it asks users to disclose attributes, sign with them or receive
// them, and learns how that went.
//
//	client := &requestor.Client{
//		URL:  "https://irma.example.com/",
//		Auth: requestor.Token(os.Getenv("IRMA_TOKEN")),
//	}
//	session, err := client.StartSession(ctx, irma.NewDisclosureRequest("pbdf.sidn-pbdf.email.email"))
//	...
//	show(session.SessionPtr) // as a QR or a link; session.Token stays here
//	result, err := client.WaitResult(ctx, session.Token)
//	...
//	if result.ProofStatus == irma.ProofValid {
//		email := *result.Disclosed[0][0].RawValue
//		...
//	}
//
// Requests and results are the types of package irma. A result that comes by way
// of somebody else, such as a browser or a callback, is read with a Verifier,
// which checks that the server signed it. Frontend does what a web page does with
// a session, for programs that show sessions themselves.
//
// The package works with every server that speaks the protocol, and links neither
// the server of package irmaserver nor cryptography for attributes.
//
// Errors that the server answered with are found with irma.AsError and compared
// with errors.Is, as in errors.Is(err, irma.ErrSessionUnknown).
package requestor
