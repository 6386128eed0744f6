// Package irmatest lets tests run IRMA sessions without a phone: a real server
// on a free port, with the demo scheme, and wallets that do sessions with it.
//
//	func TestLogin(t *testing.T) {
//		server := irmatest.NewServer(t)
//		w := server.NewWallet(t, wallet.Config{})
//		server.Issue(t, w, irma.CredentialRequest{...})
//
//		// Start a session in the code under test, then let the wallet do it:
//		outcome, err := w.Perform(t.Context(), pkg.SessionPtr)
//		...
//	}
//
// An application that speaks to the server over HTTP is pointed at Server.URL;
// one that embeds irmaserver can use Server.Irma, or its own server together
// with a wallet for the same schemes.
package irmatest
