package walletapi

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"github.com/irmad/irmaserver/cmd/irmad/internal/local"
	"github.com/irmad/irmaserver/irma"
)

// Refusals that are not in the catalogue of the protocol.
var (
	errUnknownHost = &irma.Error{Status: http.StatusForbidden, Name: "UNKNOWN_HOST", Description: "The wallet does not answer under this name"}
	errCrossOrigin = &irma.Error{Status: http.StatusForbidden, Name: "CROSS_ORIGIN", Description: "The request comes from a page of another origin"}
	errMediaType   = &irma.Error{Status: http.StatusUnsupportedMediaType, Name: "UNSUPPORTED", Description: "Unknown content type"}
	errTooLong     = &irma.Error{Status: http.StatusRequestEntityTooLarge, Name: "MALFORMED_INPUT", Description: "Input is too long"}
)

// admit refuses names that somebody else may have made lead here, and pages of
// other origins.
func (s *Server) admit(r *http.Request) error {
	if !local.Host(r.Host) && !isName(local.Name(r.Host), s.cfg.Hosts) {
		return errUnknownHost.With("use localhost or an address; --allow-host allows other names, which anybody can make lead here")
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return errCrossOrigin.With("drive the wallet from the test, not from the page under test")
	}
	return nil
}

// read returns the body, which must say that it is JSON: forms of other pages
// cannot.
func read(r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errMediaType.With("the Content-Type must be application/json")
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, irma.ErrMalformedInput.With("the body could not be read")
	}
	if len(data) > MaxBody {
		return nil, errTooLong.Withf("the body has more than %d bytes", MaxBody)
	}
	return data, nil
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the reader is gone
}
