package irmaserver

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/internal/fair"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/timestamp"
	"github.com/irmad/irmaserver/transport"
)

// Server runs IRMA sessions. Its methods may be called from several goroutines
// at once, and several Servers in one process do not know of each other.
type Server struct {
	cfg        Config
	log        *zap.Logger
	sessions   store.Store
	ownStore   bool // the store ends with the server
	ownClient  bool // so do the connections of cfg.HTTPClient
	outbox     *outbox
	engine     *idemix.Engine
	schemes    *editions
	timestamps *timestamp.Verifier
	turns      turns // of computations for one session
	crypto     *fair.Scheduler
	jwtKey     atomic.Pointer[rsa.PrivateKey]

	ctx    context.Context // ends at Close
	cancel context.CancelFunc

	mu      sync.Mutex // guards closed, and running.Add against running.Wait
	closed  bool
	running sync.WaitGroup // goroutines and computations
}

// New returns a running Server; Close it after use.
func New(cfg Config) (*Server, error) {
	ownClient := cfg.HTTPClient == nil
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	engine, err := idemix.NewEngine(idemix.EngineConfig{
		TableBudget: cfg.TableBudget,
		Arithmetic:  cfg.Arithmetic,
		PrimePool:   max(0, cfg.PrimePool),
	})
	if err != nil {
		return nil, fmt.Errorf("irmaserver: Config.Arithmetic: %w", err)
	}
	s := &Server{
		cfg:      cfg,
		engine:   engine,
		log:      cfg.Logger,
		sessions: cfg.Store,
		crypto:   newScheduler(cfg.CryptoWorkers),

		ownClient: ownClient,
	}
	if s.sessions == nil {
		s.sessions, s.ownStore = memory.New(memory.Config{Now: cfg.Now}), true
	}
	s.jwtKey.Store(cfg.JWTKey)
	s.outbox = newOutbox(s)
	s.timestamps = timestamp.NewVerifier(timestamp.Config{HTTPClient: cfg.HTTPClient, Now: cfg.Now})
	s.schemes = newEditions(cfg, s.schemesChanged)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.running.Go(s.watchDeadlines)
	return s, nil
}

// schemesChanged drops what was computed for keys that no session uses any more.
func (s *Server) schemesChanged(sets []*scheme.Set) {
	_ = s.spawn(func() { s.engine.Retain(sets...) }) // or the server closes
}

// Handler returns the endpoints for wallets and frontends, the ones below
// Config.URL. It may be mounted under any prefix, with or without
// http.StripPrefix: it looks at the path from its last "/session/" on.
func (s *Server) Handler() http.Handler {
	return s.cors(transport.NewClient(transport.ClientConfig{
		Wallet:   walletAPI{s},
		Frontend: frontendAPI{s},
		Static:   staticAPI{s},
		NoEvents: s.cfg.NoEvents,
		Logger:   s.log.Named("transport"),
	}))
}

// RequestorHandler returns the endpoints for requestors: POST /session, what is
// below /session/{token}, and /publickey. Without Config.Authenticator whoever
// reaches them can start sessions and issue credentials: keep them away from
// the public. Applications that use the Server's methods do not need them. Like
// Handler, it may be mounted under any prefix.
func (s *Server) RequestorHandler() http.Handler {
	return s.cors(transport.NewRequestor(transport.RequestorConfig{
		Sessions: requestorAPI{s},
		Signed:   s,
		Auth:     s.cfg.Authenticator,
		NoEvents: s.cfg.NoEvents,
		Logger:   s.log.Named("transport"),
	}))
}

func (s *Server) cors(h http.Handler) http.Handler {
	return transport.CORS(h, transport.CORSConfig{AllowedOrigins: s.cfg.AllowedOrigins})
}

// Close stops the server: sessions change no more, event streams and
// subscriptions end, running requests are waited for, and results that are being
// posted to callbacks are posted, all until ctx is done. Results that wait for
// another attempt stay in Config.Store for the next server; without one they get
// a last attempt now. The store is left open. Closing twice is harmless.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.outbox.cancel()
		return fmt.Errorf("closing irmaserver: %w", ctx.Err())
	}
	if err := s.outbox.drain(ctx); err != nil {
		return fmt.Errorf("closing irmaserver: posting results: %w", err)
	}
	s.engine.Close()
	if s.ownClient {
		s.cfg.HTTPClient.CloseIdleConnections()
	}
	return nil
}

// begin reports whether the server is open and, if so, keeps Close waiting
// until the matching s.running.Done.
func (s *Server) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return irma.ErrUnavailable
	}
	s.running.Add(1)
	return nil
}

// spawn runs f in a goroutine that Close waits for. A panic of a part of the Config
// ends f and nothing else, as net/http has it for requests.
func (s *Server) spawn(f func()) error {
	if err := s.begin(); err != nil {
		return err
	}
	go func() {
		defer s.running.Done()
		if err := caught.Do(func() error { f(); return nil }); err != nil {
			s.log.Error("work in the background panicked", zap.Error(err))
		}
	}()
	return nil
}
