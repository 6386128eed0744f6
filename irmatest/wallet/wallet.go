package wallet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// Config holds the settings of a wallet. The zero value is a wallet that agrees
// to everything.
type Config struct {
	// HTTPClient talks to the servers. Nil means http.DefaultClient.
	HTTPClient *http.Client

	// Choose decides what the user of the wallet would. Nil means Approve.
	Choose Chooser

	// Obtain is called when the wallet cannot satisfy a request, with a question
	// in which what cannot be satisfied has no options. It may get the wallet
	// what it lacks, for example with another Perform, and return nil; then the
	// wallet looks again, and calls Obtain again if that was not enough. After an
	// error the session fails. Nil obtains nothing.
	Obtain func(ctx context.Context, q *Question) error

	// ShowPairingCode is called with the code that the user must type into the
	// frontend, and the ctx of the Perform that it is for; the wallet then waits
	// until the frontend confirms it. Nil shows the code to nobody.
	ShowPairingCode func(ctx context.Context, code string)

	// Trace is called after every exchange with a server. Nil means no tracing.
	Trace func(Step)

	// Production refuses sessions of servers in development mode, like an app
	// without developer mode.
	Production bool

	// Keyshares are the keyshare servers of schemes that have one. The wallet takes
	// part in those schemes only if they are here.
	Keyshares map[irma.SchemeID]*KeyshareServer

	// Now is the wallet's clock. Nil means time.Now.
	Now func() time.Time
}

// Wallet holds one secret key and the credentials bound to it. Make one with
// New. Its methods may be called from several goroutines, also while sessions
// run.
type Wallet struct {
	schemes *scheme.Set
	cfg     Config

	mu          sync.RWMutex
	secret      *big.Int      // guarded by mu; the integer itself never changes
	credentials []*credential // guarded by mu; oldest first, elements never change
}

// New returns a wallet with a fresh secret key and no credentials, for
// credentials of these schemes.
func New(schemes *scheme.Set, cfg Config) (*Wallet, error) {
	if schemes == nil {
		return nil, errors.New("wallet needs schemes")
	}
	secret, err := gabi.GenerateSecretAttribute()
	if err != nil {
		return nil, fmt.Errorf("making secret key: %w", err)
	}
	return &Wallet{schemes: schemes, cfg: withDefaults(cfg), secret: secret}, nil
}

func withDefaults(cfg Config) Config {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = http.DefaultClient
	}
	if cfg.Choose == nil {
		cfg.Choose = Approve
	}
	if cfg.ShowPairingCode == nil {
		cfg.ShowPairingCode = func(context.Context, string) {}
	}
	if cfg.Trace == nil {
		cfg.Trace = func(Step) {}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

// Credentials returns the wallet's credentials, oldest first.
func (w *Wallet) Credentials() []Credential {
	_, held := w.holdings()
	out := make([]Credential, 0, len(held))
	for _, cred := range held {
		out = append(out, cred.view())
	}
	return out
}

// holdings returns the secret key and the credentials of this moment.
func (w *Wallet) holdings() (*big.Int, []*credential) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.secret, slices.Clone(w.credentials)
}

// add stores new credentials, all signed over this secret key. One of a
// singleton type replaces its predecessor.
func (w *Wallet) add(secret *big.Int, creds []*credential) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.secret != secret {
		return errors.New("wallet was loaded anew during the session")
	}
	for _, cred := range creds {
		if cred.typ.Singleton {
			w.credentials = slices.DeleteFunc(w.credentials, func(old *credential) bool {
				return old.typ.ID == cred.typ.ID
			})
		}
		w.credentials = append(w.credentials, cred)
	}
	return nil
}

// lookup finds the credential type and public key of a credential.
func (w *Wallet) lookup(typ *scheme.CredentialType, counter uint) (*issuerKey, error) {
	if typ == nil {
		return nil, errors.New("unknown credential type")
	}
	if _, err := w.keyshare(typ.ID.Scheme()); err != nil {
		return nil, err
	}
	pk, err := w.schemes.PublicKey(typ.ID.Issuer(), counter)
	if err != nil {
		return nil, fmt.Errorf("public key %s-%d: %w", typ.ID.Issuer(), counter, err)
	}
	if len(pk.R) < firstAttribute+len(typ.Attributes) {
		return nil, fmt.Errorf("public key %s-%d has too few bases for %s", typ.ID.Issuer(), counter, typ.ID)
	}
	return &issuerKey{typ: typ, pk: pk}, nil
}

func gabiInt(i *irma.Int) *big.Int { return big.Convert(i.Big()) }

func irmaInt(i *big.Int) *irma.Int { return (*irma.Int)(i.Go()) }
