package irma

import (
	"strings"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// Where the session request is found in what the requestor sent.
const (
	rootBare     = "$"
	rootExtended = "$.request"
)

// form tells what kind of session request some JSON is.
type form struct {
	root    string // rootBare or rootExtended
	context string // value of @context
	legacy  Action // value of type, looked at when there is no @context
	problem *shape.Problem
}

// action returns what a session of this form does, "" if it is unknown.
func (f form) action() Action { return (&SessionRequest{LDContext: f.context}).Action() }

// recognise follows the decision procedure of spec 01 §2.3: @context on top
// means bare, inside request means extended, and neither means legacy.
func recognise(data []byte) form {
	top, problem := probe(data, rootBare)
	if problem != nil || top.context != "" {
		return form{root: rootBare, context: top.context, problem: problem}
	}
	if top.request == nil {
		return form{root: rootBare, legacy: Action(top.kind)}
	}
	inner, problem := probe(top.request, rootExtended)
	if inner.context == "" && inner.kind == "" && top.kind != "" {
		return form{root: rootBare, legacy: Action(top.kind), problem: problem}
	}
	return form{root: rootExtended, context: inner.context, legacy: Action(inner.kind), problem: problem}
}

// probed has the members by which requests are recognised.
type probed struct {
	context, kind string
	request       []byte
}

// probe reads them from valid JSON; of repeated members the last counts.
func probe(data []byte, path string) (probed, *shape.Problem) {
	scanner := shape.NewScanner(data)
	var out probed
	var problem *shape.Problem
	switch kind := scanner.Kind(); kind {
	case shape.Object:
	case shape.Null:
		return out, nil
	default:
		return out, &shape.Problem{Path: path, Text: "expected a session request object, found " + kind.String()}
	}
	scanner.Members(func(key string) bool {
		kind := scanner.Kind()
		switch {
		case strings.EqualFold(key, "@context"):
			if kind != shape.String && kind != shape.Null {
				problem = &shape.Problem{Path: path + ".@context", Text: "expected a string, found " + kind.String()}
			}
			out.context = textOrSkip(scanner, kind)
		case strings.EqualFold(key, "type"):
			out.kind = textOrSkip(scanner, kind)
		case strings.EqualFold(key, "request"):
			out.request = scanner.Skip()
			if kind == shape.Null {
				out.request = nil
			}
		default:
			scanner.Skip()
		}
		return problem == nil
	})
	return out, problem
}

func textOrSkip(scanner *shape.Scanner, kind shape.Kind) string {
	if kind == shape.String {
		return scanner.Text()
	}
	scanner.Skip()
	return ""
}
