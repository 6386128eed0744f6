// Package builtin has the server that commands start for their own sessions: wallets
// reach it, and the only requestor is the command itself.
package builtin
