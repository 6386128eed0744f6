package schemecmd

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

const downloadText = `Usage: irmad scheme download [flags] [PATH] [URL...]

Gets schemes, verifies them, and puts them into the directory PATH, or else where
irmad serve looks. Without a URL these are pbdf and irma-demo, whose keys this program
knows. A scheme at a URL is trusted if it is signed with the key that --publickey
names; without that flag, with the key that is at the URL: compare what is printed of
it with what the scheme's manager says.

Schemes that are there are updated.

Flags:
%s`

const updateText = `Usage: irmad scheme update [flags] [PATH...]

Gets the newest versions of the schemes in the directories PATH, or else where irmad
serve looks, from the URLs in their descriptions. PATH can also be the folder of one
scheme. Versions must be signed with the keys that the schemes have.

A server that runs updates its schemes by itself, and takes over what this command
installs.

Flags:
%s`

// fetchFlags say how schemes are fetched.
type fetchFlags struct {
	mirror    string
	publicKey string
	plainHTTP bool
}

func (f *fetchFlags) set(flags *pflag.FlagSet) {
	flags.StringVar(&f.mirror, "mirror", "", "`URL` below which pbdf and irma-demo are, to get them there instead")
	flags.BoolVar(&f.plainHTTP, "plain-http", false, "allow URLs that begin with http://; signatures protect what is fetched all the same")
	flags.Bool("use-schemes-assets-path", false, "has no effect: schemes are not copied")
	flags.Lookup("use-schemes-assets-path").Hidden = true
}

// downloadSchemes installs schemes.
func downloadSchemes(ctx context.Context, p *cli.Process) error {
	var f fetchFlags
	flags := pflag.NewFlagSet("irmad scheme download", pflag.ContinueOnError)
	flags.StringVar(&f.publicKey, "publickey", "", "`file` with the key of the scheme at the URL")
	f.set(flags)
	if more, err := p.Parse(flags, downloadText); !more {
		return err
	}
	dir, urls := "", flags.Args()
	if len(urls) > 0 && !strings.Contains(urls[0], "://") {
		dir, urls = urls[0], urls[1:]
	}
	if f.publicKey != "" && len(urls) != 1 {
		return cli.Usage("--publickey is for one URL")
	}
	if dir == "" {
		var err error
		if dir, err = downloadDir(p.Env); err != nil {
			return err
		}
	}
	schemes := update.Default()
	if len(urls) > 0 {
		schemes = []update.Source{}
	}
	status := cli.NewStatusLine(p.Stderr)
	defer status.End()
	updater, err := f.updater(dir, schemes, status)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "Downloading schemes into %s\n", dir)
	if len(urls) == 0 {
		return updater.Update(ctx)
	}
	var errs []error
	for _, url := range urls {
		errs = append(errs, f.install(ctx, updater, url, status))
	}
	return errors.Join(errs...)
}

func (f *fetchFlags) updater(dir string, schemes []update.Source, status *cli.StatusLine) (*update.Updater, error) {
	return update.New(update.Config{
		Dir: dir, Schemes: schemes, Mirror: f.mirror, PlainHTTP: f.plainHTTP, Observer: func(e update.Event) { tellUpdate(status, e) },
	})
}

func tellUpdate(status *cli.StatusLine, e update.Event) {
	switch e.State {
	case update.Downloading:
		status.Show("%s: %d of %d files", e.Scheme, e.Done, e.Total)
	case update.Installed:
		status.Say("%s: installed the version of %s", e.Scheme, day(e.Version))
	case update.Unchanged:
		status.Say("%s: nothing newer than the version of %s", e.Scheme, day(e.Version))
	case update.Failed: // becomes the error
	}
}

// install gets the scheme at a URL.
func (f *fetchFlags) install(ctx context.Context, updater *update.Updater, url string, status *cli.StatusLine) error {
	url = strings.TrimSuffix(strings.TrimSuffix(url, "/description.xml"), "/description.json")
	source, err := updater.Discover(ctx, url)
	if err != nil {
		return fmt.Errorf("looking for a scheme at %s: %w", url, err)
	}
	known := false
	for _, pinned := range update.Default() {
		if pinned.ID == source.ID {
			source.PublicKey, known = pinned.PublicKey, true
		}
	}
	if f.publicKey != "" {
		data, err := cli.ReadPath(f.publicKey)
		if err != nil {
			return fmt.Errorf("reading the key: %w", err)
		}
		if source.PublicKey, err = scheme.ReadPublicKey(data); err != nil {
			return fmt.Errorf("reading the key %s: %w", f.publicKey, err)
		}
		known = true
	}
	if !known {
		der, err := x509.MarshalPKIXPublicKey(source.PublicKey)
		if err != nil {
			return err
		}
		status.Say("%s: trusting the key at %s, with SHA-256 %x", source.ID, url, sha256.Sum256(der))
	}
	return updater.Install(ctx, source)
}

// downloadDir returns where irmad serve looks for schemes, or will look when there
// are some.
func downloadDir(environ []string) (string, error) {
	if dir := usualSchemesDir(environ); dir != "" {
		return dir, nil
	}
	dir := config.OwnSchemesDir(environ)
	if dir == "" {
		return "", cli.Usage("there is no home directory; name one for the schemes")
	}
	return dir, nil
}

// usualSchemesDir returns where irmad serve finds schemes, or "".
func usualSchemesDir(environ []string) string {
	dir, _ := new(config.Settings).SchemesDir(environ) // only a configured one may be wrong
	return dir
}

// updateSchemes gets newer versions of schemes.
func updateSchemes(ctx context.Context, p *cli.Process) error {
	var f fetchFlags
	flags := pflag.NewFlagSet("irmad scheme update", pflag.ContinueOnError)
	f.set(flags)
	if more, err := p.Parse(flags, updateText); !more {
		return err
	}
	paths := flags.Args()
	if len(paths) == 0 {
		dir := usualSchemesDir(p.Env)
		if dir == "" {
			return errors.New("there are no schemes to update; \"irmad scheme download\" gets some")
		}
		paths = []string{dir}
	}
	status := cli.NewStatusLine(p.Stderr)
	defer status.End()
	var errs []error
	for _, path := range paths {
		errs = append(errs, f.update(ctx, path, status))
	}
	return errors.Join(errs...)
}

// update updates a scheme or a directory of them.
func (f *fetchFlags) update(ctx context.Context, path string, status *cli.StatusLine) error {
	if info, err := os.Stat(path); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", path)
	}
	if !holdsScheme(path) {
		updater, err := f.updater(path, installedDefaults(path), status)
		if err != nil {
			return err
		}
		if set := updater.Current(); len(set.Problems()) == 0 && !holdsAny(set) {
			return fmt.Errorf("there are no schemes to update in %s; \"irmad scheme download\" gets some", path)
		}
		return updater.Update(ctx)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	draft, err := scheme.ReadDraft(os.DirFS(path))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	updater, err := f.updater(filepath.Dir(path), []update.Source{}, status)
	if err != nil {
		return err
	}
	return updater.Install(ctx, update.Source{ID: draft.ID, URL: draft.URL})
}

// notThere returns how to get the default schemes, for those who look for something,
// or "" if one is there.
func notThere(set *scheme.Set) string {
	for _, source := range update.Default() {
		if set.Scheme(source.ID) != nil {
			return ""
		}
	}
	return "; \"irmad scheme download\" gets pbdf and irma-demo"
}

// installedDefaults returns those of the default schemes that are in dir.
func installedDefaults(dir string) []update.Source {
	out := []update.Source{}
	for _, source := range installed.Defaults(dir, nil) {
		if holdsScheme(filepath.Join(dir, string(source.ID))) {
			out = append(out, source)
		}
	}
	return out
}
