package auth

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
)

// Authenticator knows all requestors. It is safe for concurrent use; what it
// knows does not change.
type Authenticator struct {
	noAuth   bool
	maxAge   time.Duration
	now      func() time.Time
	host     string // the default one
	global   grants
	nameless *account // for sessions that no requestor asked for
	byName   map[string]*account
	byAlias  map[string]*account // by lower-cased name, see alias
	byToken  map[[sha256.Size]byte]*account
	retired  map[string]*replays // of requestors that are gone, by name
	shared   Replays             // remembers for all accounts; nil when each has its own memory, or none
	warnings []string
}

// account is a requestor as needed to serve it.
type account struct {
	name   string
	method Method
	token  [sha256.Size]byte // digest, of method Token
	key    jwt.Key           // of the other methods
	own    grants
	hosts  hosts
	seen   *replays // nil if nothing is remembered here
}

// New returns an Authenticator for these requestors. It refuses what cannot
// work or is not safe, with a message that says which requestor it is about.
// Mistakes in permissions are reported all together, as a *PermissionsError.
func New(cfg Config) (*Authenticator, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	a := &Authenticator{
		noAuth: cfg.NoAuth, maxAge: cfg.MaxRequestAge, now: cfg.Now, host: cfg.DefaultHost,
		nameless: &account{},
		byName:   map[string]*account{},
		byToken:  map[[sha256.Size]byte]*account{},
		retired:  map[string]*replays{},
	}
	if cfg.ReplayMemory > 0 {
		a.shared = cfg.Replays
	}
	problems := &PermissionsError{}
	a.global = compile(cfg.Global, problems.about("Global"))
	for i := range cfg.Requestors {
		if err := a.add(&cfg.Requestors[i], &cfg, problems); err != nil {
			return nil, err
		}
	}
	a.byAlias = aliases(a.byName)
	a.warnings = cfg.warnings()
	if err := problems.orNil(); err != nil {
		return nil, err
	}
	return a, nil
}

func (c *Config) check() error {
	switch {
	case c.MaxRequestAge < 0:
		return fmt.Errorf("max_request_age must not be negative (was %s)", c.MaxRequestAge)
	case c.NoAuth && len(c.Requestors) > 0:
		return errors.New("requestors must not be configured when requestor authentication is disabled: leave out one of both, requestors or no_auth")
	case !c.NoAuth && len(c.Requestors) == 0:
		return errors.New("no requestors configured; either configure one or more requestors or disable requestor authentication")
	}
	return nil
}

func (a *Authenticator) add(r *Requestor, cfg *Config, problems *PermissionsError) error {
	if err := r.check(); err != nil {
		return err
	}
	who := &account{name: r.Name, method: r.Method, hosts: compileHosts(r.Hosts)}
	if a.byName[who.name] != nil {
		return fmt.Errorf("two requestors have the name %s", who.name)
	}
	a.byName[who.name] = who
	who.own = compile(r.Permissions, problems.about("Requestor "+r.Name))
	if r.Method != Token && cfg.ReplayMemory > 0 && cfg.Replays == nil {
		who.seen = newReplays(cfg.MaxRequestAge, cfg.ReplayMemory)
	}
	return a.addKey(r, who)
}

func (a *Authenticator) addKey(r *Requestor, who *account) (err error) {
	switch r.Method {
	case HMAC:
		who.key, err = jwt.HMACKey(bytes.Clone(r.HMACKey))
	case PublicKey:
		who.key, err = jwt.RSAKey(r.PublicKey)
	case Token:
		who.token = sha256.Sum256([]byte(r.Token))
		if other := a.byToken[who.token]; other != nil {
			return fmt.Errorf("requestors %s and %s have the same token", other.name, who.name)
		}
		a.byToken[who.token] = who
	}
	return err
}

// aliases returns the requestors by lower-cased name: servers that lower-case
// the keys of their configuration files know them by that. A name that two
// requestors could mean is left out, and so is that of a requestor itself.
func aliases(byName map[string]*account) map[string]*account {
	out, count := map[string]*account{}, map[string]int{}
	for name, who := range byName {
		lower := strings.ToLower(name)
		out[lower] = who
		count[lower]++
	}
	for lower, n := range count {
		if n > 1 {
			delete(out, lower)
		}
	}
	return out
}
