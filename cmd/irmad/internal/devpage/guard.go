package devpage

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/irmad/irmaserver/cmd/irmad/internal/local"
)

// maxBody bounds what pages send.
const maxBody = 256 << 10

// policy allows what the page has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// protect sets the headers that keep browsers from doing more than they should.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// refusal is an error that the page can show. It has the members of the errors of
// sessions.
type refusal struct {
	Status  int    `json:"status"`
	Name    string `json:"error"`
	Message string `json:"message"`
}

func (r refusal) Error() string { return r.Name + ": " + r.Message }

// errAnswered says that a handler has answered by itself.
var errAnswered = errors.New("answered")

// admit refuses requests from other origins, and under names that somebody else
// may have made lead here.
func admit(r *http.Request) error {
	if !local.Host(r.Host) {
		return refusal{http.StatusForbidden, "UNKNOWN_HOST",
			"open this page as localhost or by the address of the machine; under other names it does not answer, because anybody can make a name lead here"}
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return refusal{http.StatusForbidden, "CROSS_ORIGIN", "this request comes from a page of another origin"}
	}
	return nil
}

// readBody returns the body of a request, which must say that it is JSON: forms of
// other pages cannot.
func readBody(r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, refusal{http.StatusUnsupportedMediaType, "UNSUPPORTED", "the content type must be application/json"}
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refusal{http.StatusBadRequest, "MALFORMED_INPUT", "the body could not be read"}
	}
	if len(data) > maxBody {
		return nil, refusal{http.StatusRequestEntityTooLarge, "MALFORMED_INPUT", "the body is too long"}
	}
	return data, nil
}

// decode reads the JSON in the body of a request.
func decode(r *http.Request, into any) error {
	data, err := readBody(r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return refusal{http.StatusBadRequest, "MALFORMED_INPUT", "the body is not the JSON that is expected here"}
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the reader is gone
}
