// Command irmad is a server for IRMA (Yivi) sessions: applications start
// sessions over its JSON API, and wallets do them.
//
// Run "irmad dev" to try it in a browser, "irmad" to serve, and "irmad help" for
// the rest.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/schemecmd"
	"github.com/irmad/irmaserver/cmd/irmad/internal/sessioncmd"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletcmd"
	"github.com/irmad/irmaserver/scheme/update"
)

func main() {
	args := spelled(os.Args)
	name, _ := split(args)
	ctx, stop, reload := signals(name)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, &process{
		Process: cli.Process{Args: args, Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr},
		reload:  reload, workers: runtime.GOMAXPROCS(0), spare: spareThreads(os.Getenv("GOMAXPROCS")),
		heap: keepHeap(os.Getenv("GOGC"), os.Getenv("GOMEMLIMIT")),
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

// process is what a command has of the world around it, and a server besides.
type process struct {
	cli.Process

	reload        <-chan os.Signal      // asks a server to read its configuration again; may be nil
	workers       int                   // computations to make at once; zero for one per thread
	spare         int                   // threads to have besides, once it serves
	heap          func(context.Context) // looks after the heap of a server; may be nil
	watchInterval time.Duration         // of looking for changed files; zero for the usual one

	defaultSchemes []update.Source      // nil for the usual ones
	tuneSchemes    func(*update.Config) // changes how schemes are updated; may be nil
}

// command is something irmad can do.
type command struct {
	name    string
	summary string
	run     func(context.Context, *process) error
}

// alone is for commands that are no servers.
func alone(run func(context.Context, *cli.Process) error) func(context.Context, *process) error {
	return func(ctx context.Context, p *process) error { return run(ctx, &p.Process) }
}

func commands() []command {
	return []command{
		{"serve", "serve sessions until interrupted (what irmad does without a command)", serve},
		{"dev", "serve with a page to try everything in, and a simulated phone", develop},
		{"check", "check the configuration without serving", check},
		{"demo", "do an issuance and a disclosure with a simulated wallet, and explain them", demonstrate},
		{"wallet", "do a session as a wallet without a phone, for tests", alone(walletcmd.Run)},
		{"session", "do one session from the command line, with a QR for a wallet", alone(sessioncmd.Session)},
		{"request", "print a session request, or a JWT with one", alone(sessioncmd.Request)},
		{"explain", "tell what a session request asks, and what is wrong with it", alone(sessioncmd.Explain)},
		{"verify", "verify an attribute-based signature", alone(sessioncmd.Verify)},
		{"meta", "explain a metadata attribute", alone(sessioncmd.Meta)},
		{"scheme", "find names of attributes, get schemes, make your own", alone(schemecmd.Run)},
		{"issuer", "make the keys of issuers", alone(schemecmd.RunIssuer)},
		{"healthcheck", "ask the server on this machine for its health", checkHealth},
		{"completion", "print a script with which bash, zsh or fish complete commands", completion},
		{"man", "print the manual page", man},
		{"version", "print the version", version},
		{"help", "explain a command", help},
	}
}

// run is the program; it returns the exit status.
func run(ctx context.Context, p *process) int {
	name, rest := split(p.Args)
	p.Args = rest
	return p.Exit(dispatch(ctx, name, p), topic(name))
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
	return cli.Usage(fmt.Sprintf("unknown command %q%s", name, cli.DidYouMean(name, names)))
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
