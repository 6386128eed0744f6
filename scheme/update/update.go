package update

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const defaultInterval = time.Hour

// Config configures an Updater. Only Dir is required.
type Config struct {
	// Dir is the directory that holds a folder per scheme. Updates make it if
	// it does not exist.
	Dir string

	// Schemes are installed if they are not, and kept up to date. Nil means
	// Default. All other schemes in Dir are kept up to date from the URL in
	// their description.
	Schemes []Source

	// Options says what else to load. A new version of a scheme with which a
	// key in Options.PrivateKeys cannot be used is not installed.
	Options scheme.Options

	// Mirror is where Schemes are fetched from instead of their own URLs: this,
	// a slash and the scheme's id. Their keys stay the same, so a mirror need
	// not be trusted.
	Mirror string

	// PlainHTTP allows URLs that begin with http. Signatures protect what is
	// fetched all the same, but others can see it and can hold back updates.
	PlainHTTP bool

	// HTTPClient fetches schemes. Nil means one that uses the proxy of the
	// environment.
	HTTPClient *http.Client

	// ReadOnly leaves Dir as it is, to the last lock file: Update, Install and Watch
	// fail, and what an update left behind that was stopped is only told.
	ReadOnly bool

	// Interval is the time between the updates of Watch. Zero means an hour.
	Interval time.Duration

	// RefreshInterval is the least time between two attempts at a scheme of which
	// Refresh causes the second. Zero means a minute.
	RefreshInterval time.Duration

	// Observer is told how updates go, for logs. It is called by one goroutine
	// at a time and must return quickly. Nil means nobody is told.
	Observer func(Event)
}

// Updater keeps schemes up to date. Its methods are safe for concurrent use.
type Updater struct {
	cfg     Config
	fetch   *fetcher
	disk    disk
	current atomic.Pointer[scheme.Set]
	turn    chan struct{} // held during an update
	telling sync.Mutex

	loading  sync.Mutex // guards what follows
	loaded   fingerprint
	seen     fingerprint // by ReloadChanged
	tried    fingerprint // by ReloadChanged, which failed
	watchers map[*watcher]bool

	refreshing sync.Mutex // guards what follows
	attempts   map[irma.SchemeID]time.Time
	wanted     map[irma.SchemeID]bool
	wake       chan struct{}
}

// New loads the schemes that are installed. It does not use the network and
// succeeds when Dir is empty or does not exist. It fails if the configuration
// is wrong or a private key in Options cannot be used; keys of Schemes that are
// not installed yet do not matter until they are.
func New(cfg Config) (*Updater, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	u := &Updater{
		cfg:      cfg,
		fetch:    newFetcher(cfg.HTTPClient, cfg.PlainHTTP),
		turn:     make(chan struct{}, 1),
		watchers: map[*watcher]bool{},
		attempts: map[irma.SchemeID]time.Time{},
		wanted:   map[irma.SchemeID]bool{},
		wake:     make(chan struct{}, 1),
	}
	u.current.Store(new(scheme.Set))
	u.recoverAtStart()
	if err := u.Reload(context.Background()); err != nil {
		return nil, err
	}
	return u, nil
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("update: Config.Dir is empty")
	}
	if c.Interval < 0 || c.RefreshInterval < 0 {
		return c, errors.New("update: Config.Interval and RefreshInterval must not be negative")
	}
	if c.Interval == 0 {
		c.Interval = defaultInterval
	}
	if c.RefreshInterval == 0 {
		c.RefreshInterval = refreshLimit
	}
	if c.Schemes == nil {
		c.Schemes = Default()
	}
	if c.Mirror != "" {
		if err := checkURL(c.Mirror, c.PlainHTTP); err != nil {
			return c, fmt.Errorf("update: Config.Mirror: %w", err)
		}
	}
	return c, c.resolveSchemes()
}

// resolveSchemes checks Schemes and replaces their URLs if there is a mirror.
func (c *Config) resolveSchemes() error {
	seen := map[irma.SchemeID]bool{}
	resolved := make([]Source, 0, len(c.Schemes))
	for _, source := range c.Schemes {
		if c.Mirror != "" {
			source.URL = strings.TrimRight(c.Mirror, "/") + "/" + string(source.ID)
		}
		if err := source.check(c.PlainHTTP); err != nil {
			return fmt.Errorf("update: Config.Schemes: %w", err)
		}
		if seen[source.ID] {
			return fmt.Errorf("update: Config.Schemes has %s twice", source.ID)
		}
		seen[source.ID] = true
		resolved = append(resolved, source)
	}
	c.Schemes = resolved
	return nil
}

// Current returns the newest schemes. It never waits.
func (u *Updater) Current() *scheme.Set { return u.current.Load() }

// Update looks for new versions of all schemes, installs them and loads what has
// changed in Dir. A scheme that fails does not stop the others; the error tells
// of all that failed. It returns ErrLocked if another process is at it.
func (u *Updater) Update(ctx context.Context) error {
	return u.run(ctx, u.all)
}

// Install fetches one scheme that need not be among those configured, or its
// new version. Afterwards Update keeps it up to date.
func (u *Updater) Install(ctx context.Context, source Source) error {
	if err := source.check(u.cfg.PlainHTTP); err != nil {
		return err
	}
	return u.run(ctx, func() []Source { return []Source{source} })
}

// Discover asks a web server which scheme is at a URL and what its key is. The
// answer is only as good as the web server: compare the key with one that was
// obtained in another way before installing the scheme.
func (u *Updater) Discover(ctx context.Context, url string) (Source, error) {
	source := Source{URL: url}
	if err := checkURL(url, u.cfg.PlainHTTP); err != nil {
		return Source{}, err
	}
	pem, err := u.fetch.bytes(ctx, source.at("pk.pem"), maxKeySize)
	if err != nil {
		return Source{}, err
	}
	if source.PublicKey, err = scheme.ReadPublicKey(pem); err != nil {
		return Source{}, fmt.Errorf("%s: %w", source.at("pk.pem"), err)
	}
	remote, err := u.fetchIndex(ctx, source, source.PublicKey)
	if err != nil {
		return Source{}, err
	}
	source.ID = remote.index.Scheme
	return source, nil
}

func (u *Updater) all() []Source { return slices.Concat(u.cfg.Schemes, u.others()) }

// others returns the schemes in Dir that are not configured but say where they
// are published.
func (u *Updater) others() []Source {
	known := map[irma.SchemeID]bool{}
	for _, source := range u.cfg.Schemes {
		known[source.ID] = true
	}
	names, _ := schemeFolders(u.cfg.Dir)
	var out []Source
	for _, name := range names {
		local := readInstalled(filepath.Join(u.cfg.Dir, name))
		if local.index == nil || known[local.index.Scheme] {
			continue
		}
		known[local.index.Scheme] = true
		if url := local.url(); url != "" {
			out = append(out, Source{ID: local.index.Scheme, URL: url})
		}
	}
	return out
}

// run updates the schemes that list returns, while no other update runs. A panic, as of
// Config.HTTPClient or of a function given to Watch, is a failure like others.
func (u *Updater) run(ctx context.Context, list func() []Source) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case u.turn <- struct{}{}:
		defer func() { <-u.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := u.exclusively(ctx, func() error {
		var errs schemeErrors
		for _, source := range list() {
			u.attempted(source.ID)
			err := caught.Do(func() error { return u.updateScheme(ctx, source) })
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				err = fmt.Errorf("updating scheme %s: %w", source.ID, err)
				u.tell(Event{Scheme: source.ID, State: Failed, Err: err})
				errs = append(errs, err)
			}
		}
		return errs.orNil()
	})
	u.tellFailure(ctx, err)
	reloading := caught.Do(func() error { return u.reload(ctx, false) })
	u.tellFailure(ctx, reloading)
	return errors.Join(err, reloading)
}

// schemeErrors are failures that the observer has been told of.
type schemeErrors []error

func (e schemeErrors) Error() string { return errors.Join(e...).Error() }

func (e schemeErrors) Unwrap() []error { return e }

func (e schemeErrors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// tellFailure tells the observer about a failure that is not about one scheme.
func (u *Updater) tellFailure(ctx context.Context, err error) {
	var told schemeErrors
	if err != nil && ctx.Err() == nil && !errors.As(err, &told) {
		u.tell(Event{State: Failed, Err: err})
	}
}

// exclusively calls do while no other process updates the schemes in Dir, and
// after what one that was stopped left behind is cleaned up.
func (u *Updater) exclusively(ctx context.Context, do func() error) error {
	if u.cfg.ReadOnly {
		return errors.New("Config.ReadOnly is set")
	}
	if err := u.disk.mkdirAll(u.cfg.Dir); err != nil {
		return err
	}
	unlock, err := u.lock(updateLock, false)
	if err != nil {
		return fmt.Errorf("%s: %w", u.cfg.Dir, err)
	}
	defer unlock()
	if err := u.recover(ctx); err != nil {
		return fmt.Errorf("cleaning up after an update in %s: %w", u.cfg.Dir, err)
	}
	return do()
}
