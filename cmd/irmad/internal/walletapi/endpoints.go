package walletapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/irmad/irmaserver/cmd/irmad/internal/pointer"
	"github.com/irmad/irmaserver/irma"
)

// perform does the session behind a pointer. Whoever leaves while it is waited for
// ends it, as nobody else knows of it.
func (s *Server) perform(_ http.ResponseWriter, r *http.Request) (any, error) {
	data, err := read(r)
	if err != nil {
		return nil, err
	}
	ptr, decision, err := parse(data)
	if err != nil {
		return nil, irma.ErrMalformedInput.With(err.Error())
	}
	one, err := s.start(ptr, decision)
	if err != nil {
		return nil, err
	}
	view, err := one.wait(r.Context(), one.paired)
	if err != nil {
		one.cancel()
		return nil, errClosing // nobody reads it
	}
	return view, nil
}

// parse reads a session pointer and what to do with it: {"pointer": POINTER} with
// the members of Decision, or a pointer or session package with these.
func parse(data []byte) (ptr irma.SessionPointer, decision Decision, err error) {
	var in struct {
		Pointer json.RawMessage `json:"pointer"`
		Decision
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return ptr, decision, fmt.Errorf(`the body must be {"pointer": POINTER}, with "refuse", "all" or "choose" if wanted, or what a server answers to POST /session: %w`, err)
	}
	if in.Pointer != nil {
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&in); err != nil {
			return ptr, decision, err
		}
	}
	if in.contradicts() {
		return ptr, decision, fmt.Errorf(`only one of "refuse", "all" and "choose" can be given`)
	}
	text := string(data)
	if in.Pointer != nil {
		if text = string(in.Pointer); text[0] == '"' {
			err = json.Unmarshal(in.Pointer, &text)
		}
	}
	if err == nil {
		ptr, err = pointer.Parse(text)
	}
	return ptr, in.Decision, err
}

// find returns the session in the path.
func (s *Server) find(r *http.Request) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.sessions[r.PathValue("id")]
	if one == nil {
		return nil, irma.ErrNotFound.Withf("there is no such session of the wallet; of those that are over it remembers %d", MaxFinished)
	}
	return one, nil
}

// await answers when the session is over.
func (s *Server) await(_ http.ResponseWriter, r *http.Request) (any, error) {
	one, err := s.find(r)
	if err != nil {
		return nil, err
	}
	view, err := one.wait(r.Context(), nil)
	if err != nil {
		return nil, errClosing // nobody reads it
	}
	return view, nil
}

// stop ends the session as a user does who closes the app.
func (s *Server) stop(_ http.ResponseWriter, r *http.Request) (any, error) {
	one, err := s.find(r)
	if err != nil {
		return nil, err
	}
	one.cancel()
	return s.await(nil, r)
}

// credentials lists what the wallet holds, oldest first.
func (s *Server) credentials(http.ResponseWriter, *http.Request) (any, error) {
	out := []Credential{}
	for _, cred := range s.current().Credentials() {
		out = append(out, NewCredential(cred, true))
	}
	return out, nil
}

// empty takes a new wallet. Sessions that run go on with the old one.
func (s *Server) empty(w http.ResponseWriter, r *http.Request) (any, error) {
	fresh, err := s.newWallet()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.wallet = fresh
	s.mu.Unlock()
	if err := s.save(); err != nil {
		return nil, err
	}
	return s.credentials(w, r)
}

// obtain issues credentials to the wallet, and answers with them.
func (s *Server) obtain(_ http.ResponseWriter, r *http.Request) (any, error) {
	data, err := read(r)
	if err != nil {
		return nil, err
	}
	var creds json.RawMessage
	if err := json.Unmarshal(data, &creds); err != nil || creds[0] != '[' {
		return nil, irma.ErrMalformedInput.With(`the body must be a list such as [{"credential": "irmad-demo.gov.ageLimits", "attributes": {"over18": "yes"}}], as in the "credentials" of a session request`)
	}
	request, err := irma.ParseRequest(fmt.Appendf(nil, `{"@context":%q,"credentials":%s}`, irma.ContextIssuanceRequest, creds))
	if err != nil {
		return nil, err
	}
	pkg, err := s.cfg.Issuer(r.Context(), request)
	if err != nil {
		return nil, err
	}
	one, err := s.start(pkg.SessionPtr, Decision{})
	if err != nil {
		return nil, err
	}
	view, err := one.wait(r.Context(), nil)
	switch {
	case err != nil:
		one.cancel()
		return nil, errClosing // nobody reads it
	case !view.Success:
		return nil, irma.ErrInternal.Withf("issuing to the wallet: %s", view.Error)
	}
	return view.Sessions[0].Issued, nil
}
