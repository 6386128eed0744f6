package irma

import (
	"encoding/json"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

const (
	defaultValidity = 120                     // seconds
	maxSeconds      = 10 * 365 * 24 * 60 * 60 // most for Validity and Timeout
)

// ParseRequest reads a session request as requestors send it: bare, extended,
// or in the old form without @context (spec 01 §2.3, §8). What it returns has
// passed Validate, has its Validity defaulted, and carries nothing in the
// fields that are the server's. A request in the old form becomes a new one
// with LegacyType set; otherwise LegacyType is empty.
//
// An error is an *Error of kind ErrInvalidRequest, whose message tells where in
// the JSON the problem is. Messages quote names of members, never values.
func ParseRequest(data []byte) (*ExtendedRequest, error) {
	if err := checkSyntax(data); err != nil {
		return nil, ErrInvalidRequest.With(err.Error())
	}
	req, err := parseForm(data)
	if err != nil {
		return nil, err
	}
	if req.Validity == 0 {
		req.Validity = defaultValidity
	}
	return req, nil
}

// ParseExtendedRequest reads the session request of this action from a JWT,
// where only the extended form is allowed (spec 01 §2.2, §6.1). Otherwise it
// is like ParseRequest.
func ParseExtendedRequest(data []byte, action Action) (*ExtendedRequest, error) {
	if len(data) == 0 {
		return nil, ErrInvalidRequest.With(notExtended[action])
	}
	if err := checkSyntax(data); err != nil {
		return nil, ErrInvalidRequest.With(err.Error())
	}
	switch form := recognise(data); {
	case form.problem != nil:
		return nil, invalid(form.problem)
	case form.root == rootBare:
		return nil, ErrInvalidRequest.With(notExtended[action])
	case form.context == "" && form.legacy != action:
		return nil, ErrInvalidRequest.Withf("not a %s session request", action)
	case form.context != "" && form.action() != action:
		return nil, ErrInvalidRequest.With(wrongContext[action])
	}
	return ParseRequest(data)
}

var notExtended = map[Action]string{
	Disclosing: "Not a ServiceProviderRequest",
	Signing:    "Not a SignatureRequestorRequest",
	Issuing:    "Not a IdentityProviderRequest",
}

var wrongContext = map[Action]string{
	Disclosing: "Not a disclosure request",
	Signing:    "Not a signature request",
	Issuing:    "Not an issuance request",
}

func parseForm(data []byte) (*ExtendedRequest, error) {
	form := recognise(data)
	switch {
	case form.problem != nil:
		return nil, invalid(form.problem)
	case form.context == "":
		return parseLegacy(data, form)
	case form.action() == "":
		return nil, ErrInvalidRequest.With(form.root + ".@context: " + unknownContext(form.root))
	}
	req := &ExtendedRequest{}
	target, want := any(req), extendedShape[form.action()]
	if form.root == rootBare {
		req.Request = &SessionRequest{}
		target, want = req.Request, bareShape[form.action()]
	}
	if err := decodeShape(data, want, req, target); err != nil {
		return nil, err
	}
	req.Request.LegacyType = ""
	req.Request.clearServerFields()
	if err := req.validate(requestPaths{root: form.root, disclose: form.root + ".disclose"}); err != nil {
		return nil, err
	}
	return req, nil
}

func unknownContext(root string) string {
	if root == rootBare {
		return "Invalid session request type"
	}
	return "Invalid requestor request type"
}

// decodeShape decodes data into target after checking its shape, and notes
// unknown keys in req.
func decodeShape(data []byte, want *shape.Shape, req *ExtendedRequest, target any) error {
	result, problem := shape.Check(data, "$", want)
	if problem != nil {
		return invalid(problem)
	}
	if err := json.Unmarshal(result.Data, target); err != nil {
		return ErrInvalidRequest.With("$: the values could not be read")
	}
	req.UnknownKeys = result.Unknown
	return nil
}

// clearServerFields clears what only the server may say, and evens out null.
func (r *SessionRequest) clearServerFields() {
	r.Context, r.Nonce, r.ProtocolVersion, r.DevMode = nil, nil, nil, false
	for i := range r.Credentials {
		cred := &r.Credentials[i]
		cred.KeyCounter, cred.RevocationSupported, cred.RandomblindIDs = 0, false, nil
	}
	for _, discon := range r.Disclose {
		for i, con := range discon {
			if con == nil {
				discon[i] = Con{} // null means the same
			}
		}
	}
}

func invalid(problem *shape.Problem) error { return ErrInvalidRequest.With(problem.Error()) }
