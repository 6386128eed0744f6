package irmaserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// defaultJWTValidity is how long a signed result is valid, in seconds, unless
// its request says otherwise.
const defaultJWTValidity = 120

// claims are the registered claims of a signed result, before the members of
// the result itself.
type claims struct {
	Expires int64  `json:"exp"`
	Issued  int64  `json:"iat"`
	Issuer  string `json:"iss,omitempty"`
	Subject string `json:"sub"`
}

// requestorAPI is what requestors may do over HTTP, for transport. Results have
// the shape that the request asked for.
type requestorAPI struct{ *Server }

// Result implements transport.Sessions.
func (q requestorAPI) Result(ctx context.Context, token irma.RequestorToken) (json.RawMessage, error) {
	rec, err := q.load(ctx, clientToken(token))
	if err != nil {
		return nil, err
	}
	return rec.outcomeJSON()
}

// outcomeJSON returns the result as requestors see it. A stored result has all of it
// but the token, in place of which it has an empty one.
func (r *record) outcomeJSON() (json.RawMessage, error) {
	head := `","status":"` + string(r.status) + `","type":"` + string(r.action) + `"`
	if rest, ok := bytes.CutPrefix(r.result, []byte(`{"token":"`+head)); ok && !r.legacy {
		return append([]byte(`{"token":"`+string(r.token)+head), rest...), nil
	}
	result, err := r.outcome()
	if err != nil {
		return nil, err
	}
	return json.Marshal(r.shaped(result))
}

// shaped returns the result in the shape that the requestor expects: flat if
// its request had the form without @context.
func (r *record) shaped(result *irma.SessionResult) any {
	if r.legacy {
		return result.Legacy()
	}
	return result
}

// ResultJWT returns the result as a JWT signed with Config.JWTKey, or the one
// SetJWTKey has replaced it with, so that it can travel through other hands:
// claims exp, iat, iss, sub ("disclosing_result" and so on) and the members of
// the result. It works in every state of the session. Without a key it gives
// irma.ErrException.
func (s *Server) ResultJWT(ctx context.Context, token irma.RequestorToken) (string, error) {
	rec, stored, err := s.loadSigned(ctx, token)
	if err != nil {
		return "", err
	}
	result, err := rec.outcome()
	if err != nil {
		return "", err
	}
	payload, err := s.resultClaims(rec, stored, result)
	if err != nil {
		return "", err
	}
	return s.sign(ctx, rec.requestor, payload)
}

// signedOutcome returns a result as it is posted elsewhere, and its content
// type: a JWT if there is a key. The result is the given one with the session's
// present status or, for nil, the stored one. A given one is what the session cannot
// go on without, so it is signed at once, after its proofs have had their turn.
func (s *Server) signedOutcome(ctx context.Context, rec *record, stored *storedRequest, given *irma.SessionResult) ([]byte, string, error) {
	result, err := rec.outcome()
	if err != nil {
		return nil, "", err
	}
	if given != nil {
		token, status, action := result.Token, result.Status, result.Type
		*result = *given
		result.Token, result.Status, result.Type = token, status, action
	}
	if s.signs() {
		payload, err := s.resultClaims(rec, stored, result)
		if err != nil {
			return nil, "", err
		}
		var token string
		if given != nil {
			token, err = jwt.Sign(payload, s.jwtKey.Load())
		} else {
			token, err = s.sign(ctx, rec.requestor, payload)
		}
		return []byte(token), "text/plain; charset=UTF-8", err
	}
	body, err := json.Marshal(rec.shaped(result))
	if err != nil {
		return nil, "", fmt.Errorf("encoding result: %w", err)
	}
	return body, "application/json; charset=UTF-8", nil
}

// resultClaims returns the payload of a signed result.
func (s *Server) resultClaims(rec *record, stored *storedRequest, result *irma.SessionResult) ([]byte, error) {
	issued, expires := s.validity(stored)
	head := claims{Expires: expires, Issued: issued, Issuer: s.cfg.JWTIssuer, Subject: string(rec.action) + "_result"}
	payload, err := joinObjects(head, rec.shaped(result))
	if err != nil {
		return nil, fmt.Errorf("encoding result: %w", err)
	}
	return payload, nil
}

// proofClaims is the payload of ProofJWT, with its members in alphabetical order.
type proofClaims struct {
	Attributes map[irma.AttributeTypeID]string `json:"attributes"`
	Expires    int64                           `json:"exp"`
	Issued     int64                           `json:"iat"`
	Issuer     string                          `json:"iss,omitempty"`
	Signature  *irma.SignedMessage             `json:"signature,omitempty"`
	Status     irma.ProofStatus                `json:"status"`
	Subject    string                          `json:"sub"`
}

var proofSubjects = map[irma.Action]string{
	irma.Disclosing: "disclosure_result",
	irma.Signing:    "abs_result",
	irma.Issuing:    "issue_result",
}

// ProofJWT returns the result as a JWT in the form that servers before this
// protocol used (spec 02 §6.6): the disclosed attributes by identifier, absent
// ones as empty text. Without a key it gives irma.ErrException.
func (s *Server) ProofJWT(ctx context.Context, token irma.RequestorToken) (string, error) {
	rec, stored, err := s.loadSigned(ctx, token)
	if err != nil {
		return "", err
	}
	result, err := rec.outcome()
	if err != nil {
		return "", err
	}
	issued, expires := s.validity(stored)
	payload, err := json.Marshal(proofClaims{
		Attributes: flatten(result.Disclosed),
		Expires:    expires,
		Issued:     issued,
		Issuer:     s.cfg.JWTIssuer,
		Signature:  result.Signature,
		Status:     result.ProofStatus,
		Subject:    proofSubjects[rec.action],
	})
	if err != nil {
		return "", fmt.Errorf("encoding result: %w", err)
	}
	return s.sign(ctx, rec.requestor, payload)
}

func flatten(disclosed [][]*irma.DisclosedAttribute) map[irma.AttributeTypeID]string {
	out := make(map[irma.AttributeTypeID]string)
	for _, list := range disclosed {
		for _, attribute := range list {
			out[attribute.Identifier] = ""
			if attribute.RawValue != nil {
				out[attribute.Identifier] = *attribute.RawValue
			}
		}
	}
	return out
}

// validity returns from when until when a result signed now is valid.
func (s *Server) validity(stored *storedRequest) (issued, expires int64) {
	validity := int64(stored.Validity)
	if validity == 0 {
		validity = defaultJWTValidity
	}
	issued = s.cfg.Now().Unix()
	return issued, issued + validity
}

// joinObjects encodes two values that are JSON objects with members as one
// object.
func joinObjects(first, second any) ([]byte, error) {
	head, err := json.Marshal(first)
	if err != nil {
		return nil, err
	}
	tail, err := json.Marshal(second)
	if err != nil {
		return nil, err
	}
	head[len(head)-1] = ','
	return append(head, tail[1:]...), nil
}
