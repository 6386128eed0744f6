// Package walletapi is a wallet behind an HTTP API, with which a test suite in any
// language plays the user: it does sessions, tells how they went, and shows what
// the wallet holds.
//
// Whoever reaches the API has the wallet, so it is for tests on one machine. It
// answers under the names of this machine only, and not to pages of other origins:
// browsers of developers visit other websites too.
package walletapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
)

// Limits of a Server.
const (
	MaxRunning  = 32              // sessions at once
	MaxFinished = 100             // that are remembered; older ones are forgotten
	SessionTime = 2 * time.Minute // that a session may take, pairing included
	MaxBody     = 256 << 10       // bytes of a request
)

// Config says whose wallet it is. Only Schemes is required.
type Config struct {
	Schemes *scheme.Set

	// HTTPClient talks to the servers of sessions. Nil means http.DefaultClient.
	HTTPClient *http.Client

	// Hosts are names under which the API answers, besides localhost and
	// addresses.
	Hosts []string

	// Issuer starts the sessions in which POST /credentials gives the wallet what
	// a test needs it to have. Nil leaves that out.
	Issuer func(ctx context.Context, request irma.Request) (*irma.SessionPackage, error)

	// Load fills the wallet at the start; Save is called after each change of what
	// it holds, one call at a time. Nil keeps it in memory.
	Load, Save func(*wallet.Wallet) error
}

// Server serves the API. Close it after use.
type Server struct {
	cfg Config
	mux *http.ServeMux

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // sessions

	saving sync.Mutex // held while saving

	mu       sync.Mutex
	wallet   *wallet.Wallet      // guarded by mu
	sessions map[string]*session // guarded by mu
	finished []string            // guarded by mu; ids, oldest first
}

// New returns a server with an empty wallet, or what Config.Load fills it with.
func New(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, mux: http.NewServeMux(), sessions: map[string]*session{}}
	var err error
	if s.wallet, err = s.newWallet(); err != nil {
		return nil, err
	}
	if cfg.Load != nil {
		if err := cfg.Load(s.wallet); err != nil {
			return nil, err
		}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.routes()
	return s, nil
}

// newWallet returns an empty wallet, whose user is that of the session in the
// context of Perform.
func (s *Server) newWallet() (*wallet.Wallet, error) {
	return wallet.New(s.cfg.Schemes, wallet.Config{
		HTTPClient: s.cfg.HTTPClient,
		Choose: func(ctx context.Context, q *wallet.Question) ([]int, error) {
			return sessionOf(ctx).user.Answer(ctx, q)
		},
		ShowPairingCode: func(ctx context.Context, code string) { sessionOf(ctx).showCode(code) },
	})
}

// Close stops the sessions, and the requests that wait for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.cancel() // with the lock, so that no session begins after this
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) routes() {
	s.handle("POST /sessions", s.perform)
	s.handle("GET /sessions/{id}", s.await)
	s.handle("DELETE /sessions/{id}", s.stop)
	s.handle("GET /credentials", s.credentials)
	s.handle("DELETE /credentials", s.empty)
	if s.cfg.Issuer != nil {
		s.handle("POST /credentials", s.obtain)
	}
	for path, methods := range map[string]string{"/sessions": "POST", "/sessions/{id}": "GET, DELETE", "/credentials": "GET, POST, DELETE"} {
		s.handle(path, func(http.ResponseWriter, *http.Request) (any, error) {
			return nil, irma.ErrMethodNotAllowed.Withf("this takes %s", methods)
		})
	}
	s.handle("/", func(http.ResponseWriter, *http.Request) (any, error) {
		return nil, irma.ErrNotFound.With("there are /sessions, /sessions/{id} and /credentials")
	})
}

// handle adds an endpoint whose answer is what f returns, as JSON.
func (s *Server) handle(pattern string, f func(w http.ResponseWriter, r *http.Request) (any, error)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		answer, err := f(w, r)
		if err != nil {
			fail(w, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.admit(r); err != nil {
		fail(w, err)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// fail answers with an error. What is not for the client has an answer of its own
// already.
func fail(w http.ResponseWriter, err error) {
	refused := irma.AsError(err)
	if refused == nil {
		refused = irma.ErrInternal.With(err.Error()) // who drives the wallet owns it
	}
	writeJSON(w, refused.Status, refused)
}

// current returns the wallet of this moment.
func (s *Server) current() *wallet.Wallet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wallet
}

// save keeps what the wallet of this moment holds.
func (s *Server) save() error {
	if s.cfg.Save == nil {
		return nil
	}
	s.saving.Lock()
	defer s.saving.Unlock()
	if err := s.cfg.Save(s.current()); err != nil {
		return fmt.Errorf("saving the wallet: %w", err)
	}
	return nil
}

var errClosing = irma.ErrUnavailable.With("the wallet is stopping")

// isName reports whether names has the name, in any case.
func isName(name string, names []string) bool {
	for _, other := range names {
		if strings.EqualFold(name, other) {
			return true
		}
	}
	return false
}
