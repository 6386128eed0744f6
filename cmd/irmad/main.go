// Command irmad is a server for IRMA (Yivi) sessions: applications start
// sessions over its JSON API, and wallets do them.
//
// Run "irmad dev" to try it in a browser, "irmad" to serve, and "irmad help" for
// the rest.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/scheme/update"
)

// Exit statuses (spec 06 §1).
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 255
)

func main() {
	args := spelled(os.Args)
	name, _ := split(args)
	ctx, stop, reload := signals(name)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, &process{
		args: args, env: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, reload: reload,
		workers: reserveThreads(os.Getenv("GOMAXPROCS")),
	}))
}

// signals returns what tells the command with this name to end, and what tells it to
// read its configuration again. SIGHUP does that only for a server: others end with
// the terminal that they run in, unless they were told to ignore that (nohup).
func signals(name string) (ctx context.Context, stop func(), reload <-chan os.Signal) {
	end := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if name == "serve" {
		hangups := make(chan os.Signal, 1)
		signal.Notify(hangups, syscall.SIGHUP)
		reload = hangups
	} else if !signal.Ignored(syscall.SIGHUP) {
		end = append(end, syscall.SIGHUP)
	}
	ctx, stop = signal.NotifyContext(context.Background(), end...)
	return ctx, stop, reload
}

// process is what a command has of the world around it.
type process struct {
	args           []string // without the names of program and, once that is known, command
	env            []string
	stdin          io.Reader
	stdout, stderr io.Writer
	log            *zap.Logger // nil until the settings are known, or when they ask for quiet

	topic string // of help about a command that is part of a group; empty for others

	reload        <-chan os.Signal // asks a server to read its configuration again; may be nil
	workers       int              // computations to make at once; zero for one per thread
	watchInterval time.Duration    // of looking for changed files; zero for the usual one

	defaultSchemes []update.Source      // nil for the usual ones
	tuneSchemes    func(*update.Config) // changes how schemes are updated; may be nil
}

// command is something irmad can do.
type command struct {
	name    string
	summary string
	run     func(context.Context, *process) error
}

func commands() []command {
	return []command{
		{"serve", "serve sessions until interrupted (what irmad does without a command)", serve},
		{"dev", "serve with a page to try everything in, and a simulated phone", develop},
		{"check", "check the configuration without serving", check},
		{"demo", "do an issuance and a disclosure with a simulated wallet, and explain them", demonstrate},
		{"wallet", "do a session as a wallet without a phone, for tests", useWallet},
		{"session", "do one session from the command line, with a QR for a wallet", runSession},
		{"request", "print a session request, or a JWT with one", printRequest},
		{"explain", "tell what a session request asks, and what is wrong with it", explainRequest},
		{"verify", "verify an attribute-based signature", verifySignature},
		{"meta", "explain a metadata attribute", explainMetadata},
		{"scheme", "find names of attributes, get schemes, make your own", runScheme},
		{"issuer", "make the keys of issuers", runIssuer},
		{"healthcheck", "ask the server on this machine for its health", checkHealth},
		{"completion", "print a script with which bash, zsh or fish complete commands", completion},
		{"man", "print the manual page", man},
		{"version", "print the version", version},
		{"help", "explain a command", help},
	}
}

// usageError is a mistake in how the program was called.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// exitError is a failure with an exit status of its own.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string { return e.err.Error() }

func (e *exitError) Unwrap() error { return e.err }

// run is the program; it returns the exit status.
func run(ctx context.Context, p *process) int {
	name, rest := split(p.args)
	p.args = rest
	err := dispatch(ctx, name, p)
	if err == nil {
		return exitOK
	}
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(p.stderr, "irmad: %v\nRun \"irmad help%s\" for what can be given.\n", usage, topic(name)+p.topic)
		return exitUsage
	}
	if p.log != nil {
		p.log.Error(err.Error())
	} else {
		fmt.Fprintf(p.stderr, "irmad: %v\n", err)
	}
	if exit := (*exitError)(nil); errors.As(err, &exit) {
		return exit.status
	}
	return exitFailed
}

// topic returns the command to ask help about, after a space, if there is one.
func topic(name string) string {
	for _, c := range commands() {
		if c.name == name && name != "help" {
			return " " + name
		}
	}
	return ""
}

func dispatch(ctx context.Context, name string, p *process) error {
	for _, c := range commands() {
		if c.name == name {
			return c.run(ctx, p)
		}
	}
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return &usageError{fmt.Sprintf("unknown command %q%s", name, didYouMean(name, names))}
}

// split returns the name of the command and its arguments. Other spellings that
// start a server are understood too: "irmad", "irmad server", "irmad server
// run" and "irmad server check".
func split(args []string) (string, []string) {
	if len(args) > 0 && args[0] == "server" {
		args = args[1:]
		if len(args) > 0 && (args[0] == "run" || args[0] == "check") {
			return map[string]string{"run": "serve", "check": "check"}[args[0]], args[1:]
		}
		return "serve", args
	}
	switch {
	case len(args) == 0:
		return "serve", nil
	case args[0] == "-h", args[0] == "--help":
		return "help", args[1:]
	case args[0] == "--version":
		return "version", args[1:]
	case strings.HasPrefix(args[0], "-"):
		return "serve", args
	}
	return args[0], args[1:]
}
