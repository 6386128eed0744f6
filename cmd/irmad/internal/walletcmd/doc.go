// Package walletcmd is "irmad wallet": the app on a phone for tests, in a file. The
// wallet itself is irmatest/wallet; this package has the flags, the file with its lock,
// and what is printed.
package walletcmd
