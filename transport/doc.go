// Package transport turns HTTP into calls on a session engine and their
// outcome into HTTP: routes, limits, decoding, and errors. It knows no session
// state; what it needs of an engine is stated in the interfaces Wallet,
// Frontend and Sessions, in the words of package irma.
//
// Those who embed an irmaserver.Server get these handlers from its Handler and
// RequestorHandler and need not import this package.
package transport
