// Package explain tells in words what a session request asks of a user, who can
// supply that, and what is wrong with the request.
//
// It judges nothing itself: a request is wrong if and only if irma.ParseRequest
// or scheme.Set.CheckRequest say so, which are also behind the answers of a
// server to POST /session. This package finds the place in the text and the way
// to mend it.
package explain

import (
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Explanation is what there is to say about a request. Of a request that could
// not be parsed there is only the Problem.
type Explanation struct {
	Valid    bool     `json:"valid"`
	Problem  *Problem `json:"problem,omitempty"`
	Warnings []string `json:"warnings,omitempty"` // of a request that is valid nevertheless

	Action      irma.Action  `json:"action,omitempty"`
	Summary     string       `json:"summary,omitempty"` // one sentence
	Message     string       `json:"message,omitempty"` // to be signed
	Questions   []Question   `json:"questions,omitempty"`
	Credentials []Credential `json:"credentials,omitempty"` // to be issued
	Settings    []string     `json:"settings,omitempty"`    // what else the request arranges, in sentences
}

// Question is a disjunction of the request: one of the choices is to be shown.
type Question struct {
	Label    string   `json:"label,omitempty"` // of the request, for the user
	Optional bool     `json:"optional,omitempty"`
	Choices  []Choice `json:"choices"` // without the empty one; at least one unless Optional
}

// Choice is a conjunction: all its attributes are shown together, those of one
// credential type from one credential.
type Choice struct {
	Attributes []Attribute `json:"attributes"`
}

// Attribute is something to show, or to receive, with the names of where it comes
// from. Names are in English if there are any.
type Attribute struct {
	ID         irma.AttributeTypeID `json:"id"`
	Known      bool                 `json:"known"`             // false if no installed scheme has it; then the names are parts of ID
	Whole      bool                 `json:"whole,omitempty"`   // possession of the credential is asked, no attribute of it
	Name       string               `json:"name"`              // of the attribute; of the credential if Whole
	Credential string               `json:"credential"`        // name of the type
	Issuer     string               `json:"issuer"`            // who vouches for it
	Demo       bool                 `json:"demo,omitempty"`    // of a scheme that proves nothing
	Value      *string              `json:"value,omitempty"`   // that it must have; or, when received, has
	NotNull    bool                 `json:"notNull,omitempty"` // it must have a value
}

// Credential is a credential to be issued.
type Credential struct {
	ID         irma.CredentialTypeID `json:"id"`
	Known      bool                  `json:"known"`
	Name       string                `json:"name"`
	Issuer     string                `json:"issuer"`
	Demo       bool                  `json:"demo,omitempty"`
	Attributes []Attribute           `json:"attributes"` // in the order of the scheme
	Expires    irma.Timestamp        `json:"expires,omitempty"`
}

// Request explains a session request in any of the forms that a server takes,
// against these schemes.
func Request(data []byte, schemes *scheme.Set, now time.Time) *Explanation {
	request, err := irma.ParseRequest(data)
	if err != nil {
		return &Explanation{Problem: newProblem(data, err)}
	}
	d := describer{Names{schemes}, now}
	out := d.describe(request)
	if err := schemes.CheckRequest(request.Request, now); err != nil {
		out.Problem = newProblem(data, err)
		return out
	}
	out.Valid = true
	out.Warnings = warnings(request)
	return out
}
