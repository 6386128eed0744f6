// Package devpage is the page of irmad dev: it makes session requests from what
// the schemes have, starts their sessions, shows how they go, and plays the phone.
//
// The page uses the server's public endpoints for sessions, as a web page of the
// developer would. The endpoints of this package are for what those do not offer:
// names in the schemes, explanations, pictures of QR codes, and wallets that hold
// credentials of demo schemes in memory. Nothing here belongs in production.
//
// Browsers of strangers must not use them. A request must name this machine or an
// address as its host, so that no other name can be made to lead here; it must not
// come from another origin; and each browser has a secret, without which its wallet
// cannot be reached. The page loads nothing from elsewhere, and its content
// security policy has no exception.
package devpage

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme"
)

//go:embed assets
var assets embed.FS

// Path is where the page is.
const Path = "/dev/"

// Config says what the page is for. All fields are required.
type Config struct {
	Server *irmaserver.Server

	// Schemes returns the schemes of the moment. A wallet keeps those of the
	// moment at which it was made.
	Schemes func() *scheme.Set

	// API is the path of the endpoints for requestors on the same origin; it
	// ends in a slash.
	API string

	// URL is where wallets reach the server by default: Server's Config.URL.
	URL string

	// Addresses has the URLs at which phones may reach the server instead. It
	// is called for every visit, as machines move between networks.
	Addresses func() []Address

	// Fixed says that URL was chosen by the user and leads to this machine by a
	// way of its own, such as a tunnel, so that no address can take its place.
	Fixed bool

	// Client makes the requests of the simulated wallets. It must lead to this
	// server whatever the URL is, since pages choose that.
	Client *http.Client

	Logger *zap.Logger
}

// Address is a way to reach the server.
type Address struct {
	URL  string `json:"url"`  // takes the place of Config.URL
	Name string `json:"name"` // of the network interface
}

// Page serves the page. Close it after use.
type Page struct {
	cfg    Config
	mux    *http.ServeMux
	files  map[string]file
	phones *phones

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // sessions of wallets
}

// New returns a page.
func New(cfg Config) (*Page, error) {
	sub, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	files, err := readFiles(sub)
	if err != nil {
		return nil, err
	}
	p := &Page{cfg: cfg, mux: http.NewServeMux(), files: files, phones: newPhones()}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.routes()
	return p, nil
}

// Close ends what the wallets are doing and the requests that wait for it.
func (p *Page) Close() {
	p.cancel()
	p.running.Wait()
}

// routes has all endpoints. What begins with phone is for the browser that has the
// secret of a wallet.
func (p *Page) routes() {
	p.handle("GET api/info", p.info)
	p.handle("GET api/catalogue", p.catalogue)
	p.handle("GET api/qr", p.qr)
	p.handle("POST api/explain", p.explain)
	p.handle("POST api/phone", p.newPhone)
	p.handle(" api/", func(http.ResponseWriter, *http.Request) (any, error) {
		return nil, refusal{http.StatusNotFound, "INVALID_REQUEST", "there is nothing here"}
	})
	p.handlePhone("GET api/phone", (*phone).wait)
	p.handlePhone("POST api/phone/scan", (*phone).scan)
	p.handlePhone("POST api/phone/obtain", (*phone).obtainRequest)
	p.handlePhone("POST api/phone/answer", (*phone).answer)
	p.handlePhone("POST api/phone/stop", (*phone).stop)
}

// Serves reports whether a path is that of the page or of something that it uses.
func (p *Page) Serves(path string) bool {
	name, below := strings.CutPrefix(path, Path)
	if !below {
		return path == strings.TrimSuffix(Path, "/")
	}
	_, isFile := p.files[name]
	return isFile || strings.HasPrefix(name, "api/")
}

// ServeHTTP implements http.Handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if err := admit(r); err != nil {
		p.fail(w, err)
		return
	}
	name, below := strings.CutPrefix(r.URL.Path, Path)
	if !below {
		http.Redirect(w, r, Path, http.StatusFound)
		return
	}
	if f, isFile := p.files[name]; isFile {
		f.ServeHTTP(w, r)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// handle adds an endpoint whose answer is what f returns, as JSON.
func (p *Page) handle(pattern string, f func(w http.ResponseWriter, r *http.Request) (any, error)) {
	method, path, _ := strings.Cut(pattern, " ")
	p.mux.HandleFunc(strings.TrimSpace(method+" "+Path+path), func(w http.ResponseWriter, r *http.Request) {
		answer, err := f(w, r)
		switch {
		case errors.Is(err, errAnswered):
		case err != nil:
			p.fail(w, err)
		default:
			writeJSON(w, http.StatusOK, answer)
		}
	})
}

// handlePhone adds an endpoint of a wallet.
func (p *Page) handlePhone(pattern string, f func(ph *phone, r *http.Request) (any, error)) {
	p.handle(pattern, func(_ http.ResponseWriter, r *http.Request) (any, error) {
		ph := p.phones.find(r.Header.Get(secretHeader))
		if ph == nil {
			return nil, refusal{http.StatusForbidden, "UNKNOWN_PHONE", "this phone is not known here: irmad has been started again, or too many others came after it"}
		}
		return f(ph, r)
	})
}

// fail answers with an error.
func (p *Page) fail(w http.ResponseWriter, err error) {
	var refused refusal
	if !errors.As(err, &refused) {
		p.cfg.Logger.Error("development page", zap.Error(err))
		refused = refusal{http.StatusInternalServerError, "INTERNAL_ERROR", "something went wrong here; irmad has logged what"}
	}
	writeJSON(w, refused.Status, refused)
}
