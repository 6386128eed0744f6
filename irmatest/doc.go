// Package irmatest lets tests run IRMA sessions without a phone and without a network:
// a real server on a free port, with the demo scheme, and wallets that do sessions with
// it. Nothing is mocked, so a test that passes has seen real proofs.
//
//	func TestLogin(t *testing.T) {
//		server := irmatest.NewServer(t)
//		user := server.NewWallet(t, wallet.Config{})
//		server.Issue(t, user, irma.CredentialRequest{
//			CredentialTypeID: "irmad-demo.gov.root",
//			Attributes:       map[string]string{"bsn": "999999990"},
//		})
//
//		// Start a session in the code under test, then let the user do it:
//		outcome, err := user.Perform(t.Context(), pkg.SessionPtr)
//		...
//	}
//
// Server and wallets are as cheap as that looks, milliseconds each, so every test can
// have its own and run in parallel with others. They end with the test.
//
// # The application
//
// One that speaks to a server over HTTP is pointed at Server.URL. One that embeds
// irmaserver can use Server.Irma; or it has its own server, and the test a wallet for
// the same schemes, from wallet.New. Options of NewServer change the server's
// configuration, such as its clock, its store, or the key that signs results.
//
// # The user
//
// A wallet agrees to everything and discloses no more than is required. Another
// wallet.Config.Choose decides otherwise: wallet.Refuse refuses, wallet.ApproveAll
// discloses what is optional too, and any function can look at the question. What the
// user sees of device pairing comes to ShowPairingCode. Perform returns an error for all
// that a user would see as a failure; errors.Is tells a refusal, wallet.ErrRefused, from
// a credential that is lacking, wallet.ErrMissingAttributes, and others.
//
// The demo scheme irmad-demo has the issuer gov with the credentials root, ageLimits and
// personalData; "irmad scheme show irmad-demo.gov" tells more. Wallets take
// part in other schemes too, if these are given to the server.
//
// # Other languages
//
// Test suites in other languages have the same wallet behind HTTP, as the command
// "irmad wallet serve", and with one process per session as "irmad wallet". See
// docs/testing.md.
package irmatest
