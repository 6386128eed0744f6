package irma

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// notParsable begins every message about a request without @context.
const notParsable = "Failed to JSON unmarshal request bytes"

// legacyRequest is a session request in the form used before condiscons
// (spec 01 §8). Its Disclose is Content under another name.
type legacyRequest struct {
	SessionRequest
	Content  []legacyDisjunction `json:"content"`
	Disclose []legacyDisjunction `json:"disclose"`
}

type legacyExtended struct {
	ExtendedRequest
	Request *legacyRequest `json:"request"`
}

// legacyDisjunction asks for one of its attributes.
type legacyDisjunction struct {
	Label      string           `json:"label"`
	Attributes legacyAttributes `json:"attributes"`
}

// legacyAttributes is read from a list of identifiers or from an object of
// required values by identifier, whose order it keeps.
type legacyAttributes []AttributeRequest

// UnmarshalJSON implements json.Unmarshaler.
func (a *legacyAttributes) UnmarshalJSON(data []byte) error {
	scanner := shape.NewScanner(data)
	if scanner.Kind() != shape.Object {
		return json.Unmarshal(data, (*[]AttributeRequest)(a))
	}
	*a = nil
	seen := map[string]int{}
	scanner.Members(func(key string) bool {
		attr := AttributeRequest{Type: AttributeTypeID(key)}
		if scanner.Kind() == shape.String {
			value := scanner.Text()
			attr.Value = &value
		} else {
			scanner.Skip()
		}
		if i, again := seen[key]; again {
			(*a)[i] = attr
			return true
		}
		seen[key] = len(*a)
		*a = append(*a, attr)
		return true
	})
	return nil
}

var legacyContexts = map[Action]string{
	Disclosing: ContextDisclosureRequest,
	Signing:    ContextSignatureRequest,
	Issuing:    ContextIssuanceRequest,
}

// parseLegacy reads a request without @context and turns it into a new one.
func parseLegacy(data []byte, form form) (*ExtendedRequest, error) {
	if legacyContexts[form.legacy] == "" {
		return nil, ErrInvalidRequest.Withf("%s: %s", notParsable, whyNotRecognised(data))
	}
	req, err := decodeLegacy(data, form)
	if err != nil {
		return nil, ErrInvalidRequest.Withf("%s: %s", notParsable, AsError(err).Message)
	}
	return req, nil
}

func decodeLegacy(data []byte, form form) (*ExtendedRequest, error) {
	var in legacyExtended
	target, want := any(&in), legacyExtendedShape[form.legacy]
	if form.root == rootBare {
		in.Request = &legacyRequest{}
		target, want = in.Request, legacyShape[form.legacy]
	}
	if err := decodeShape(data, want, &in.ExtendedRequest, target); err != nil {
		return nil, err
	}
	req := in.ExtendedRequest
	req.Request = in.Request.convert(form.legacy)
	req.Request.clearServerFields()
	where := requestPaths{root: form.root, disclose: form.root + "." + legacyDisclose(form.legacy)}
	if err := req.validate(where); err != nil {
		return nil, err
	}
	return &req, nil
}

// convert returns the request in its new form: one conjunction for each
// attribute, and the label in both languages.
func (r *legacyRequest) convert(action Action) *SessionRequest {
	out := r.SessionRequest
	out.LDContext, out.LegacyType = legacyContexts[action], action
	content := r.Content
	if action == Issuing {
		content = r.Disclose
	}
	for i, disjunction := range content {
		var discon DisCon
		for _, attr := range disjunction.Attributes {
			discon = append(discon, Con{attr})
		}
		out.Disclose = append(out.Disclose, discon)
		if out.Labels == nil {
			out.Labels = map[int]TranslatedString{}
		}
		out.Labels[i] = TranslatedString{"en": disjunction.Label, "nl": disjunction.Label}
	}
	return &out
}

// legacyDisclose returns the name of the member that lists the disjunctions.
func legacyDisclose(action Action) string {
	if action == Issuing {
		return "disclose"
	}
	return "content"
}

// whyNotRecognised explains what is missing from a request of no known kind.
func whyNotRecognised(data []byte) string {
	scanner := shape.NewScanner(data)
	if scanner.Kind() != shape.Object {
		return "$: expected a session request object, found " + scanner.Kind().String()
	}
	path := rootBare
	if top, _ := probe(data, rootBare); top.request != nil {
		path, scanner = rootExtended, shape.NewScanner(top.request)
	}
	for _, key := range scanner.Keys() {
		if strings.HasPrefix(key, "@") && shape.Misspelling(key, "@context") >= 0 {
			return fmt.Sprintf("%s: unknown key %q, did you mean \"@context\"?", path, key)
		}
	}
	return fmt.Sprintf(`%s: no "@context", which names the kind of request, for example %q`, path, ContextDisclosureRequest)
}
