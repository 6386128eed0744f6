package schemecmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/issuerkey"
)

const issuerKeygenText = `Usage: irmad issuer keygen [flags] [PATH]

Makes a key pair for the issuer in the folder PATH, or else in this folder: the
public key in PublicKeys/N.xml, which becomes part of the scheme when that is signed,
and the private key in PrivateKeys/N.xml, which only its owner can read. Keep
private keys of real issuers out of the scheme, in the directory of the option
privkeys.

The key can sign the attributes of the largest credential in the folder, and ten at
least; attributes that are added to a credential later must fit too. All keys support
revocation.

Flags:
%s`

// keygenFlags describe the key.
type keygenFlags struct {
	private, public string
	expiry, valid   string
	bits            int
	counter         uint
	attributes      int
	force           bool

	exactly bool // counter was given
}

func (f *keygenFlags) set(flags *pflag.FlagSet) {
	flags.StringVarP(&f.private, "privatekey", "s", "", "`file` for the private key (default PrivateKeys/N.xml in the folder)")
	flags.StringVarP(&f.public, "publickey", "p", "", "`file` for the public key (default PublicKeys/N.xml in the folder)")
	flags.StringVarP(&f.expiry, "expirydate", "e", "", "`moment` after which the key issues no more, such as 2030-01-02T15:04:05Z")
	flags.StringVarP(&f.valid, "valid-for", "v", "1y", "`time` for which the key issues: a number and y, M, d, h or m")
	flags.IntVarP(&f.bits, "keylength", "l", issuerkey.DefaultBits, "`bits` of the key: 1024 (for tests only), 2048 or 4096")
	flags.UintVarP(&f.counter, "counter", "c", 0, "`number` of the key among those of the issuer (default the next)")
	flags.IntVarP(&f.attributes, "numattributes", "a", 0, "`number` of attributes that the key can sign (default as above)")
	flags.BoolVarP(&f.force, "force-overwrite", "f", false, "replace files that exist")
	flags.BoolVar(&f.force, "force", false, "the same")
	flags.Lookup("force").Hidden = true
}

// makeIssuerKey makes a key pair for an issuer.
func makeIssuerKey(ctx context.Context, p *cli.Process) error {
	var f keygenFlags
	flags := pflag.NewFlagSet("irmad issuer keygen", pflag.ContinueOnError)
	f.set(flags)
	if more, err := p.Parse(flags, issuerKeygenText); !more {
		return err
	}
	if flags.NArg() > 1 {
		return cli.Usage(fmt.Sprintf("issuer keygen takes one folder, not %d", flags.NArg()))
	}
	f.exactly = flags.Changed("counter")
	cfg, err := f.complete(flags.Arg(0), flags.Changed("valid-for"), time.Now())
	if err != nil {
		return err
	}
	if !f.force {
		if err := f.checkAbsent(); err != nil {
			return err
		}
	}
	return f.generate(ctx, p, cfg)
}

func (f *keygenFlags) checkAbsent() error {
	err := issuerkey.CheckAbsent(f.public, f.private)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w; -f replaces it", err)
	}
	return err
}

// complete fills in what the folder tells.
func (f *keygenFlags) complete(dir string, valid bool, now time.Time) (cfg issuerkey.Config, err error) {
	if dir == "" {
		dir = "."
	}
	if valid && f.expiry != "" {
		return cfg, cli.Usage("only one of --expirydate and --valid-for can be given")
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return cfg, cli.Usage(fmt.Sprintf("%s is not the folder of an issuer", dir))
	}
	if cfg.Expiry, err = f.expires(now); err != nil {
		return cfg, err
	}
	most, err := scheme.MostAttributes(os.DirFS(dir))
	switch {
	case err != nil:
		return cfg, fmt.Errorf("counting the attributes to be signed: %w", err)
	case f.attributes < 0:
		return cfg, cli.Usage("--numattributes is negative")
	case f.attributes == 0:
		f.attributes = max(most, issuerkey.DefaultAttributes)
	case f.attributes < most:
		return cfg, cli.Usage(fmt.Sprintf("a credential in %s has %d attributes, more than --numattributes %d", dir, most, f.attributes))
	}
	if !f.exactly {
		if f.counter, err = nextCounter(dir); err != nil {
			return cfg, err
		}
	}
	name := strconv.FormatUint(uint64(f.counter), 10) + ".xml"
	if f.public == "" {
		f.public = filepath.Join(dir, "PublicKeys", name)
	}
	if f.private == "" {
		f.private = filepath.Join(dir, "PrivateKeys", name)
	}
	cfg.Bits, cfg.Attributes, cfg.Counter = f.bits, f.attributes, f.counter
	return cfg, nil
}

// nextCounter returns the counter after the highest among the keys of an issuer.
func nextCounter(dir string) (uint, error) {
	next := uint64(0)
	for _, kind := range []string{"PublicKeys", "PrivateKeys"} {
		entries, err := os.ReadDir(filepath.Join(dir, kind))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		for _, entry := range entries {
			number, isXML := strings.CutSuffix(entry.Name(), ".xml")
			if n, err := strconv.ParseUint(number, 10, 32); isXML && err == nil {
				next = max(next, n+1)
			}
		}
	}
	return uint(next), nil
}

func (f *keygenFlags) expires(now time.Time) (time.Time, error) {
	if f.expiry != "" {
		t, err := time.Parse(time.RFC3339, f.expiry)
		if err != nil {
			return t, cli.Usage(fmt.Sprintf("--expirydate %q is not of the form 2030-01-02T15:04:05Z", f.expiry))
		}
		return checkExpiry(t, now)
	}
	wrong := cli.Usage(fmt.Sprintf("--valid-for %q is not a number and y, M, d, h or m", f.valid))
	if f.valid == "" {
		return now, wrong
	}
	last := len(f.valid) - 1
	n, err := strconv.ParseUint(f.valid[:last], 10, 20)
	if err != nil {
		return now, wrong
	}
	switch f.valid[last] {
	case 'y':
		return checkExpiry(now.AddDate(int(n), 0, 0), now)
	case 'M':
		return checkExpiry(now.AddDate(0, int(n), 0), now)
	case 'd':
		return checkExpiry(now.AddDate(0, 0, int(n)), now)
	case 'h':
		return checkExpiry(now.Add(time.Duration(n)*time.Hour), now)
	case 'm':
		return checkExpiry(now.Add(time.Duration(n)*time.Minute), now)
	}
	return now, wrong
}

func checkExpiry(t, now time.Time) (time.Time, error) {
	if !t.After(now) {
		return t, cli.Usage(fmt.Sprintf("the key would have expired on %s", t.UTC().Format(time.RFC3339)))
	}
	return t, nil
}

// generate searches for the key, tells how that goes, and writes it.
func (f *keygenFlags) generate(ctx context.Context, p *cli.Process, cfg issuerkey.Config) error {
	status, start := cli.NewStatusLine(p.Stderr), time.Now()
	status.Say("Generating keys of %d bits (may take several minutes)", cfg.Bits)
	if cfg.Bits < issuerkey.DefaultBits {
		status.Say("Keys of %d bits are for tests: they can be broken.", cfg.Bits)
	}
	cfg.Progress = func(g issuerkey.Progress) {
		status.Show("%d of 2 safe primes found, %d numbers tested (%d expected), %s (Ctrl-C to stop)",
			g.Found, g.Tested, g.Expected, time.Since(start).Round(time.Second))
	}
	pair, err := issuerkey.Generate(ctx, cfg)
	status.End()
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped; no key was made")
	}
	if err != nil {
		return err
	}
	if err := pair.WriteFiles(f.public, f.private, f.force); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "Key %d, for %d attributes, until %s\n", cfg.Counter, cfg.Attributes, cfg.Expiry.UTC().Format(time.RFC3339))
	fmt.Fprintf(p.Stdout, "Public key:  %s\nPrivate key: %s\n", f.public, f.private)
	return nil
}
