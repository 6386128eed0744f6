package walletcmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/pointer"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// maxPointer bounds what is read from the standard input.
const maxPointer = 1 << 20

// walletFlags are the settings of the wallet command.
type walletFlags struct {
	file        string
	schemesPath string
	refuse, all bool
	choose      []int
	json        bool
	listen      string
	allowHosts  []string
}

func (f *walletFlags) set() *pflag.FlagSet {
	flags := pflag.NewFlagSet("irmad wallet", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	flags.StringVar(&f.file, "file", "", "`file` with the secret key and the credentials; made if it is not there (default a new wallet each time)")
	flags.StringVar(&f.schemesPath, "schemes-path", "", "`directory` with one folder per scheme, besides the demo scheme")
	flags.BoolVar(&f.refuse, "refuse", false, "refuse the session")
	flags.BoolVar(&f.all, "all", false, "disclose optional attributes too")
	flags.IntSliceVar(&f.choose, "choose", nil, "`numbers` of the options to disclose, from 0, one per disjunction of all sessions; 0 where none is left")
	flags.BoolVar(&f.json, "json", false, "print one JSON object about all that happened")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8090", "`address` and port at which serve listens; port 0 is a free one")
	flags.StringSliceVar(&f.allowHosts, "allow-host", nil, "`names` under which serve answers, besides localhost and addresses")
	return flags
}

// Run does a session with a wallet, shows what is in it, or serves it until ctx ends.
func Run(ctx context.Context, p *cli.Process) error {
	var f walletFlags
	flags := f.set()
	if err := flags.Parse(p.Args); errors.Is(err, pflag.ErrHelp) {
		return Explain(p.Stdout)
	} else if err != nil {
		return cli.Usage(err.Error())
	}
	args := flags.Args()
	switch {
	case len(args) != 1:
		return cli.Usage(fmt.Sprintf("wallet takes one session pointer, list, show or serve, not %d arguments", len(args)))
	case args[0] == "serve":
		return f.serve(ctx, p, flags)
	case flags.Changed("listen") || flags.Changed("allow-host"):
		return cli.Usage("--listen and --allow-host are for wallet serve")
	case args[0] == "list", args[0] == "show":
		return f.listCredentials(p, args[0] == "show")
	case decisions(flags) > 1:
		return cli.Usage("only one of --refuse, --all and --choose can be given")
	}
	ptr, err := readPointer(args[0], p.Stdin)
	if err != nil {
		return cli.Usage(err.Error())
	}
	return f.perform(ctx, p, ptr)
}

// readPointer finds the session pointer in an argument, or for "-" in what comes in.
func readPointer(arg string, stdin io.Reader) (irma.SessionPointer, error) {
	if arg != "-" {
		return pointer.Parse(arg)
	}
	data, err := io.ReadAll(io.LimitReader(stdin, maxPointer))
	if err != nil {
		return irma.SessionPointer{}, fmt.Errorf("reading session pointer: %w", err)
	}
	return pointer.Parse(string(data))
}

// decisions counts the flags that decide for the user.
func decisions(flags *pflag.FlagSet) (n int) {
	for _, name := range []string{"refuse", "all", "choose"} {
		if flags.Changed(name) {
			n++
		}
	}
	return n
}

// open returns the wallet in the file, or a new one, and whether it is new.
func (f *walletFlags) open(p *cli.Process, cfg wallet.Config) (*wallet.Wallet, bool, error) {
	schemes, err := walletSchemes(f.schemesPath, p.Stderr)
	if err != nil {
		return nil, false, err
	}
	w, err := wallet.New(schemes, cfg)
	if err != nil || f.file == "" {
		return w, true, err
	}
	found, err := Load(w, f.file)
	return w, !found, err
}

// walletSchemes returns the demo scheme and those in dir, if that is not "".
func walletSchemes(dir string, warnings io.Writer) (*scheme.Set, error) {
	embedded, err := demo.Set()
	if err != nil {
		return nil, fmt.Errorf("loading the demo scheme: %w", err)
	}
	if dir == "" {
		return embedded, nil
	}
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		return nil, fmt.Errorf("loading schemes in %s: %w", dir, err)
	}
	for _, problem := range set.Problems() {
		fmt.Fprintf(warnings, "scheme has a problem: %v\n", problem)
	}
	if set.Scheme(demo.ID) != nil {
		return set, nil
	}
	return scheme.Join(set, embedded)
}
