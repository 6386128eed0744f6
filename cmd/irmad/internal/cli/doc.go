// Package cli is what the commands of irmad share: what they have of the world
// around them (Process), reading flags, arguments and input, mistakes in how they
// were called and exit statuses, logs, and lines on a terminal.
//
// It knows nothing of servers and sessions. A command is a function that takes a
// Process and returns an error; whoever runs it turns the error into an exit status
// and a line that tells what to do.
package cli
