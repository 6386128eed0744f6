// Package interop runs complete sessions between irmad and the existing
// wallet, over HTTP, the way a user's phone and a requestor's web site do.
//
// It is a module of its own so that nothing the wallet needs reaches the
// server's module. The server is therefore not imported but built from the
// directory above and run as a process, with the schemes that the wallet's
// module ships for testing; but for one thing, they name a timestamp server of
// these tests, and where that is what is tested, the keyshare servers of that
// module. A web site of these tests gets callbacks and starts follow-up sessions,
// so nothing outside this machine is needed:
//
//	cd interop && go test ./...
//
// Set IRMAD to the path of a binary to test that one instead of building it.
package interop
