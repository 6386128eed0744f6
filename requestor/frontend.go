package requestor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// Frontend does with a session what a web page does that shows it to the user.
// It is made of parts of a session package, and cannot get at the result.
type Frontend struct {
	// Pointer is what the user scans or follows.
	Pointer irma.SessionPointer

	// Authorization is that of the package's FrontendRequest. Only pairing needs
	// it.
	Authorization irma.FrontendAuthorization

	// HTTPClient makes the requests. Nil means http.DefaultClient.
	HTTPClient *http.Client
}

// NewFrontend returns the frontend of a session that was just started.
func NewFrontend(pkg *irma.SessionPackage) *Frontend {
	return &Frontend{Pointer: pkg.SessionPtr, Authorization: pkg.FrontendRequest.Authorization}
}

// EnablePairing makes the wallet wait until ConfirmPairing, and returns the code
// that it shows meanwhile. It must be called before the user scans the pointer.
func (f *Frontend) EnablePairing(ctx context.Context) (code string, err error) {
	body, err := json.Marshal(irma.FrontendOptions{LDContext: irma.ContextFrontendOptions, PairingMethod: irma.PairingPin})
	if err != nil {
		return "", fmt.Errorf("enabling pairing: %w", err)
	}
	answer, err := f.post(ctx, "/frontend/options", message{contentType: "application/json; charset=UTF-8", body: body})
	if err != nil {
		return "", fmt.Errorf("enabling pairing: %w", err)
	}
	options, err := decode[irma.SessionOptions](answer)
	if err == nil && options.PairingCode == "" {
		err = errors.New("the server answered no pairing code")
	}
	if err != nil {
		return "", fmt.Errorf("enabling pairing: %w", err)
	}
	return options.PairingCode, nil
}

// ConfirmPairing lets the wallet go on. Call it in status PAIRING, when the user
// has said that the wallet shows the code of EnablePairing.
func (f *Frontend) ConfirmPairing(ctx context.Context) error {
	if _, err := f.post(ctx, "/frontend/pairingcompleted", message{}); err != nil {
		return fmt.Errorf("confirming pairing: %w", err)
	}
	return nil
}

// Statuses is like Client.Statuses.
func (f *Frontend) Statuses(ctx context.Context) iter.Seq2[irma.Status, error] {
	return follow(ctx, f.HTTPClient, f.url())
}

// Cancel ends the session with status CANCELLED. Cancelling a finished session
// changes nothing.
func (f *Frontend) Cancel(ctx context.Context) error {
	if _, err := (exchange{method: http.MethodDelete, url: f.url()}).do(ctx, f.HTTPClient); err != nil {
		return fmt.Errorf("cancelling session: %w", err)
	}
	return nil
}

func (f *Frontend) post(ctx context.Context, path string, m message) ([]byte, error) {
	m.authorization = string(f.Authorization)
	return exchange{method: http.MethodPost, url: f.url() + path, message: m}.do(ctx, f.HTTPClient)
}

func (f *Frontend) url() string { return strings.TrimSuffix(f.Pointer.URL, "/") }

// ServerURL returns what is before "/irma/session/" in the URL of the pointer, or
// else before "/session/": the Client.URL of a server that has its endpoints for
// wallets and requestors beside each other.
func ServerURL(ptr irma.SessionPointer) (string, error) {
	for _, path := range []string{"/irma/session/", "/session/"} {
		if i := strings.LastIndex(ptr.URL, path); i > 0 {
			return ptr.URL[:i+1], nil
		}
	}
	return "", fmt.Errorf("there is no /session/ in the session's URL %q", ptr.URL)
}
