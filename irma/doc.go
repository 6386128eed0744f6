// Package irma holds the words that IRMA servers, wallets, frontends and
// requestors exchange: identifiers, session requests, wallet messages, session
// results and errors, with their exact JSON forms.
//
// The package depends on the standard library alone and does no input or
// output, so requestors, wallets and servers can all share it.
//
// Values of these types are plain data. Unless a comment says otherwise their
// zero value is "absent", they may be read from several goroutines at once, and
// must not be changed while another goroutine reads them.
package irma
