// Package wallet is an IRMA app without a screen: it holds credentials in
// memory and does sessions over HTTP the way the app on a phone does. With it a
// program, a command or a test can disclose, sign and receive attributes where
// no phone is at hand.
//
//	w, err := wallet.New(schemes, wallet.Config{})
//	...
//	outcome, err := w.Perform(ctx, pkg.SessionPtr)
//
// The wallet says yes to everything unless its Chooser decides otherwise. It
// refuses what the app refuses: requests with unknown identifiers, credentials
// under expired keys, signatures that do not verify.
//
// It has no PIN and keeps its secret key in the clear, so it is not for
// anyone's real identity. In schemes with a keyshare server it takes part with a
// KeyshareServer inside the program, never with the one that the scheme names. It
// cannot yet prove non-revocation; it says so, and what it has no KeyshareServer
// for, with ErrUnsupported.
package wallet
