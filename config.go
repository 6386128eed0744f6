package irmaserver

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/transport"
)

// demoScheme is the ID of package scheme/demo, which is not imported because
// that would link its keys into every server.
const demoScheme irma.SchemeID = "irmad-demo"

const (
	defaultSessionLifetime = 15 * time.Minute
	defaultPrimePool       = 64
	defaultResultLifetime  = 5 * time.Minute
)

// Config configures a Server. Only Schemes is required.
type Config struct {
	// Schemes are the schemes whose attributes can be asked for and issued: a
	// *scheme.Set that stays the same, or a source of newer ones such as the Updater
	// of package scheme/update. A session goes on with the schemes it began with, as
	// long as this process has them; on another server, and after a restart, with
	// the current ones. If the source is a SchemeRefresher, it is asked to look for
	// newer schemes when a request or a wallet names something unknown.
	Schemes SchemeSource

	// URL is where wallets reach Handler, for example
	// "https://example.com/irma/". A session's URL is this, "session/" and a
	// token. Zero gives session pointers with a relative URL, which no wallet
	// can follow.
	URL string

	// Store keeps the sessions; packages store/file and store/redis have others.
	// The Server does not close it. Nil means this process's memory.
	Store store.Store

	// Production is set by servers for the public. Otherwise wallets are told
	// that the session is for development, and refuse it unless their developer
	// mode is on; and the embedded demo scheme may be used.
	Production bool

	// Logger receives one line per event, without attribute values and whole
	// tokens. Nil is silent.
	Logger *zap.Logger

	// Observer is told what happens, for metrics. Nil means nobody is.
	Observer Observer

	// SessionLifetime is how long a session may wait for a wallet, unless its
	// request has a timeout, and then again for the wallet's answer. Zero means
	// 15 minutes.
	SessionLifetime time.Duration

	// ResultLifetime is how long a finished session stays available. Zero means
	// 5 minutes.
	ResultLifetime time.Duration

	// JWTKey signs results: those that are posted to callbacks and follow-up
	// endpoints, and those of ResultJWT. Nil leaves results unsigned. SetJWTKey
	// replaces it.
	JWTKey *rsa.PrivateKey

	// JWTIssuer is the iss of signed results. Zero leaves it out.
	JWTIssuer string

	// AllowUnsignedCallbacks accepts callbackUrl and nextSession without a
	// JWTKey. The receiver then cannot tell who posts to it.
	AllowUnsignedCallbacks bool

	// AugmentClientReturnURL lets requests ask for the requestor token to be
	// put into their clientReturnUrl. Whoever sees that URL can read the result.
	AugmentClientReturnURL bool

	// Authenticator decides who sends a session request to RequestorHandler and
	// whether that requestor may have the session; package auth has one for the
	// usual kinds of requestors. One that is a transport.HeaderChecker too can
	// refuse requests before their body is read. Nil takes all requests.
	Authenticator transport.Authenticator

	// AuthorizeNext decides whether a requestor may start this follow-up
	// session of a chain; an error refuses it, and its text is shown to the
	// requestor. The requestor is the one that started the first session, ""
	// if that was not told. Nil refuses all follow-up sessions.
	AuthorizeNext func(ctx context.Context, requestor string, request *irma.SessionRequest) error

	// StaticSessions are requests by name, of which anybody may start sessions
	// with a POST to the URL, "session/" and the name. They disclose or sign,
	// and have a callback or a follow-up, the only ways to their result. Names
	// are letters, digits and underscores.
	StaticSessions map[string]irma.Request

	// NestedLegacyResults gives requests in the form without @context the
	// nested result of all others, instead of a flat list.
	NestedLegacyResults bool

	// NoEvents turns server-sent events off; clients then poll the status.
	NoEvents bool

	// AllowedOrigins are the origins whose pages may use the handlers, such as
	// "https://example.com". Nil allows all, as frontends elsewhere need; empty
	// but not nil allows none.
	AllowedOrigins []string

	// HTTPClient posts to callbacks and follow-up endpoints and asks timestamp
	// servers for their keys. Nil means a client that uses the proxy of the
	// environment. Requestors choose where results are posted: to keep that away
	// from private addresses, give a client whose dialer refuses them.
	HTTPClient *http.Client

	// CryptoWorkers is how many proofs are verified, credentials issued or results
	// signed at once. More wait their turn, in equal shares of time for all requestors; one
	// whose turn would come too late for its wallet is refused at once, with
	// irma.ErrUnavailable. Zero means GOMAXPROCS. While that many compute, other
	// requests of the program wait for some milliseconds, unless GOMAXPROCS is larger
	// by two or more.
	CryptoWorkers int

	// TableBudget is how many bytes of memory may hold precomputed powers of the
	// numbers in issuers' public keys, which make verification two to three times
	// as fast; the keys used last have them. Zero means 64 MiB, a negative number
	// no tables.
	TableBudget int64

	// PrimePool is how many primes are kept ready for issuing; the search for one
	// takes most of the time of a signature. The first issuance starts the
	// search, in the background. Zero means 64, a negative number none.
	PrimePool int

	// Arithmetic is "portable", "arm64", "adx" or "ifma", to compare them or to
	// rule one out; what the processor lacks is replaced by the next best. Empty
	// means the best one.
	Arithmetic string

	// Now tells the time. Nil means time.Now.
	Now func() time.Time
}

// withDefaults checks the configuration and fills in what is zero.
func (c Config) withDefaults() (Config, error) {
	if c.Schemes == nil {
		return c, errors.New("irmaserver: Config.Schemes is nil; load schemes with scheme.LoadDir, or use scheme/demo")
	}
	if problem := schemesProblem(c.Schemes.Current(), c.Production); problem != "" {
		return c, fmt.Errorf("irmaserver: Config.Schemes: %s", problem)
	}
	if c.SessionLifetime < 0 || c.ResultLifetime < 0 || c.CryptoWorkers < 0 {
		return c, errors.New("irmaserver: Config.SessionLifetime, ResultLifetime and CryptoWorkers must not be negative")
	}
	if err := checkURL(c.URL); err != nil {
		return c, err
	}
	if err := c.checkStatic(); err != nil {
		return c, err
	}
	for _, origin := range c.AllowedOrigins {
		if !transport.IsOrigin(origin) {
			return c, fmt.Errorf("irmaserver: Config.AllowedOrigins has %q, which is not an origin such as https://example.com", origin)
		}
	}
	if c.URL != "" && !strings.HasSuffix(c.URL, "/") {
		c.URL += "/"
	}
	if c.SessionLifetime == 0 {
		c.SessionLifetime = defaultSessionLifetime
	}
	if c.ResultLifetime == 0 {
		c.ResultLifetime = defaultResultLifetime
	}
	if c.CryptoWorkers == 0 {
		c.CryptoWorkers = runtime.GOMAXPROCS(0)
	}
	if c.PrimePool == 0 {
		c.PrimePool = defaultPrimePool
	}
	if c.HTTPClient == nil {
		c.HTTPClient = newHTTPClient()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Observer == nil {
		c.Observer = unobserved{}
	}
	if c.Logger == nil {
		c.Logger = zap.NewNop()
	}
	return c, nil
}

// newHTTPClient returns a client that keeps as many connections as there can be
// deliveries to a host.
func newHTTPClient() *http.Client {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok { // programs may have replaced it
		transport = standard.Clone()
	}
	transport.MaxIdleConnsPerHost = maxDeliveriesPerHost
	return &http.Client{Transport: transport}
}

func checkURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("irmaserver: Config.URL must be like https://example.com/irma/, without user, query and fragment")
	}
	return nil
}
