// Package sessioncmd has the commands about session requests and what comes of them:
// "irmad session", "request", "explain", "verify" and "meta". They describe requests
// by the same flags, and take the same schemes.
package sessioncmd
