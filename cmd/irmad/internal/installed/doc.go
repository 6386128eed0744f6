// Package installed finds the schemes on this machine for commands that serve nothing:
// those in the directory where irmad serve looks, or in the one that a flag names, and
// the embedded demo scheme. Nothing is fetched.
package installed
