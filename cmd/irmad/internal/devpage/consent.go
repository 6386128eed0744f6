package devpage

import (
	"context"
	"errors"
	"fmt"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// unasked marks the sessions that the user has agreed to already.
type unasked struct{}

// errRealScheme refuses to play with credentials that prove something.
var errRealScheme = errors.New("this simulated phone takes part in demo schemes only")

// choose asks the user.
func (ph *phone) choose(ctx context.Context, q *wallet.Question) ([]int, error) {
	for _, cred := range q.Request.Credentials {
		if !ph.page.isDemo(cred.CredentialTypeID) {
			return nil, fmt.Errorf("%w, and %s is for real", errRealScheme, cred.CredentialTypeID)
		}
	}
	if ctx.Value(unasked{}) != nil {
		return wallet.Approve(ctx, q)
	}
	r, err := ph.ask(ctx, view{Screen: screenQuestion, Question: ph.page.question(q)})
	return r.Choices, err
}

// obtain asks the user for leave to get what the wallet lacks, and gets it.
func (ph *phone) obtain(ctx context.Context, q *wallet.Question) error {
	missing := ph.page.missing(q)
	r, err := ph.ask(ctx, view{Screen: screenMissing, Question: missing})
	if err != nil {
		return err
	}
	request := ph.page.issuance(missing, r.Choices)
	pkg, err := ph.page.cfg.Server.StartSession(ctx, request)
	if err != nil {
		return fmt.Errorf("issuing what is missing: %w", err)
	}
	_, err = ph.wallet.Perform(context.WithValue(ctx, unasked{}, true), pkg.SessionPtr)
	return err
}

// issuance returns the request for what the chosen options lack, with the values
// that are asked for and samples for the others.
func (p *Page) issuance(missing *question, choices []int) *irma.SessionRequest {
	var types []irma.CredentialTypeID
	values := map[irma.CredentialTypeID]map[string]string{}
	for i, choice := range choices {
		for _, attr := range missing.Disjunctions[i].Options[choice].Attributes {
			typ := attr.ID.CredentialType()
			if values[typ] == nil {
				types, values[typ] = append(types, typ), p.samples(typ)
			}
			switch {
			case attr.ID.IsCredential():
			case attr.Value != nil:
				values[typ][attr.ID.Name()] = *attr.Value
			case attr.NotNull && values[typ][attr.ID.Name()] == "":
				values[typ][attr.ID.Name()] = sample(attr.ID.Name())
			}
		}
	}
	request := irma.NewIssuanceRequest()
	for _, typ := range types {
		request.Credentials = append(request.Credentials, irma.CredentialRequest{CredentialTypeID: typ, Attributes: values[typ]})
	}
	return request
}

// samples returns values of all attributes that an issuer must give.
func (p *Page) samples(typ irma.CredentialTypeID) map[string]string {
	out := map[string]string{}
	t := p.cfg.Schemes().CredentialType(typ)
	if t == nil {
		return out // it has just gone; starting the session says so
	}
	for _, attr := range t.Attributes {
		if !attr.Optional && !attr.Randomblind && !attr.Revocation {
			out[attr.ID] = sample(attr.ID)
		}
	}
	return out
}

func (p *Page) isDemo(typ irma.CredentialTypeID) bool {
	s := p.cfg.Schemes().Scheme(typ.Scheme())
	return s != nil && s.Demo
}

// obtainable reports whether this server can issue what the conjunction lacks.
func (p *Page) obtainable(con irma.Con) bool {
	for _, attr := range con {
		t := p.cfg.Schemes().CredentialType(attr.Type.CredentialType())
		if t == nil || !p.isDemo(t.ID) || t.RevocationPosition() >= 0 {
			return false
		}
		if i, found := t.AttributePosition(attr.Type.Name()); found && attr.Value != nil && t.Attributes[i].Randomblind {
			return false // nobody can choose the value
		}
		if _, err := p.cfg.Schemes().LatestPrivateKey(t.ID.Issuer()); err != nil {
			return false
		}
	}
	return len(con) > 0
}
