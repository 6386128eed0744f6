package sessioncmd

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
)

const sessionText = `Usage: irmad session [flags]

Does one session: starts it, shows a QR for a wallet, and prints the result. The
server is a built-in one, at which a phone on the same network can arrive, or that
of --server:

  irmad session --disclose irmad-demo.gov.ageLimits.over18,irmad-demo.gov.ageLimits.over21
  irmad session --sign irmad-demo.gov.personalData.familyName --message "I agree"
  irmad session --issue irmad-demo.gov.root=999999990 --wallet=wallet.json
  irmad session --server https://irma.example.com -a token --key sesame --request @request.json

With --wallet it does what the user does with a phone, too, and agrees to everything,
for tests. The wallet then is a new one each time, or the one in the file.

Flags:
%s
Exit status:
    0  the session ended, and its result was printed; also when it says CANCELLED
    1  failure, or interrupted
    4  with --wallet: the wallet lacks requested attributes
  255  mistake in the arguments
`

// sessionFlags are the settings of the session command.
type sessionFlags struct {
	request                  requestFlags
	auth                     authFlags
	schemes                  installed.Flags
	server                   string
	url                      string
	port                     int
	noQR, pairing            bool
	staticServer, staticName string
	fromPackage              string
	wallet                   string // a file, or newWallet; empty for none
	verbose                  int
}

// newWallet is --wallet without a file.
const newWallet = "new"

func (f *sessionFlags) set(flags *pflag.FlagSet) {
	f.request.set(flags)
	flags.StringVar(&f.server, "server", "", "`URL` of a server elsewhere")
	f.auth.set(flags)
	flags.StringVarP(&f.url, "url", "u", "", "`URL` at which wallets reach the built-in server (default this machine)")
	flags.IntVarP(&f.port, "port", "p", 48680, "`port` of the built-in server")
	f.schemes.SetKeys(flags)
	f.schemes.Set(flags)
	flags.BoolVar(&f.noQR, "noqr", false, "print the session pointer instead of a QR")
	flags.BoolVar(&f.pairing, "pairing", false, "let the wallet show a code that must be confirmed here")
	flags.StringVar(&f.wallet, "wallet", "", "play the wallet, too; with a `FILE`, the one in it")
	flags.Lookup("wallet").NoOptDefVal = newWallet
	flags.StringVar(&f.staticServer, "static-server", "", "show the QR of a static session of the server at this `URL`, and no more")
	flags.StringVar(&f.staticName, "static-name", "", "`name` of the static session")
	flags.StringVar(&f.fromPackage, "from-package", "", "go on with a session that was started elsewhere, as `JSON`, \"@FILE\" or \"-\"")
	flags.CountVarP(&f.verbose, "verbose", "v", "log what happens; twice for more")
}

// static reports whether only the pointer of a static session is wanted.
func (f *sessionFlags) static() bool { return f.staticServer != "" || f.staticName != "" }

// readSessionFlags returns the flags, or nil when help was asked for.
func readSessionFlags(p *cli.Process) (*sessionFlags, error) {
	f := new(sessionFlags)
	flags := pflag.NewFlagSet("irmad session", pflag.ContinueOnError)
	f.set(flags)
	if more, err := p.Parse(flags, sessionText); !more {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, cli.Usage(fmt.Sprintf("session takes flags only, not %q; write --wallet=FILE with an equals sign", flags.Arg(0)))
	}
	if f.wallet != "" && f.server == "" && !flags.Changed("port") && !flags.Changed("url") {
		f.port = 0 // any, as nobody else is to arrive
	}
	return f, f.check(flags)
}

// check holds the flags against each other.
func (f *sessionFlags) check(flags *pflag.FlagSet) error {
	request := f.request.request != "" || f.request.described()
	only := func(allowed ...string) (other string) {
		flags.Visit(func(flag *pflag.Flag) {
			for _, name := range append(allowed, "noqr", "verbose") {
				if flag.Name == name {
					return
				}
			}
			other = flag.Name
		})
		return other
	}
	switch {
	case f.static():
		if f.staticServer == "" || f.staticName == "" {
			return cli.Usage("--static-server and --static-name go together")
		}
		if other := only("static-server", "static-name"); other != "" {
			return cli.Usage(fmt.Sprintf("--static-server and --static-name can be combined with --noqr only, not with --%s", other))
		}
	case f.fromPackage != "":
		if request {
			return cli.Usage("--from-package goes on with a session: it takes no request")
		}
	case f.server != "" && flags.Changed("url"):
		return cli.Usage("--url can't be combined with --server")
	case f.server == "" && f.auth.method != "none":
		return cli.Usage("--auth-method is for a server elsewhere: name it with --server")
	case f.port < 0 || f.port == 0 && f.wallet == "" || f.port > 65535:
		return cli.Usage(fmt.Sprintf("--port must be between 1 and 65535 (was %d)", f.port))
	}
	return nil
}
