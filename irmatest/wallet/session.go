package wallet

import (
	"context"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/big"
)

// goodbye bounds the cancellation of a failed session.
const goodbye = 5 * time.Second

// session is one session of a wallet.
type session struct {
	wallet  *Wallet
	server  *connection
	secret  *big.Int
	held    []*credential
	earlier []Option // disclosed in previous sessions of a chain
	request *irma.SessionRequest
	outcome *Outcome
}

// Perform does the session behind the pointer, which may be that of a static
// session, and the sessions that the server chains to it. The error is nil if and only if the server found every proof
// VALID and all issued credentials have been stored. The outcome is never nil
// and tells how far the session came.
//
// A session that fails, is refused or cannot be satisfied is cancelled at the
// server. Perform waits as long as ctx lets it for the frontend to confirm a
// pairing code, and at most 20 seconds for an answer of the server.
func (w *Wallet) Perform(ctx context.Context, ptr irma.SessionPointer) (*Outcome, error) {
	first := &Outcome{Action: ptr.Action}
	ptr, err := w.resolve(ctx, ptr)
	if err != nil {
		return first, err
	}
	var earlier []Option
	for outcome := first; ; outcome = outcome.Next {
		outcome.Action = ptr.Action
		chosen, next, err := w.once(ctx, ptr, outcome, earlier)
		if err != nil || next == nil {
			return first, err
		}
		outcome.Next = &Outcome{}
		ptr, earlier = *next, chosen
	}
}

// once does one session, and cancels it if that fails.
func (w *Wallet) once(ctx context.Context, ptr irma.SessionPointer, outcome *Outcome, earlier []Option) ([]Option, *irma.SessionPointer, error) {
	s, err := w.newSession(ptr, outcome, earlier)
	if err != nil {
		return nil, nil, err
	}
	chosen, next, err := s.run(ctx)
	if err != nil {
		s.cancel(ctx)
	}
	return chosen, next, err
}

func (w *Wallet) newSession(ptr irma.SessionPointer, outcome *Outcome, earlier []Option) (*session, error) {
	server, err := w.newConnection(ptr)
	if err != nil {
		return nil, err
	}
	secret, held := w.holdings()
	return &session{
		wallet:  w,
		server:  server,
		secret:  secret,
		held:    held,
		earlier: earlier,
		outcome: outcome,
	}, nil
}

// run returns what was disclosed, earlier disclosures included, and the pointer
// of the follow-up session if there is one.
func (s *session) run(ctx context.Context) ([]Option, *irma.SessionPointer, error) {
	if err := s.connect(ctx); err != nil {
		return nil, nil, err
	}
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	chosen, err := s.choose(ctx)
	if err != nil {
		return nil, nil, err
	}
	answer, err := s.answer(ctx, chosen)
	if err != nil {
		return nil, nil, err
	}
	return chosen, answer.NextSession, nil
}

// choose lets the user decide, and adds what a chain must disclose again.
func (s *session) choose(ctx context.Context) ([]Option, error) {
	q, err := s.question(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := q.pick(ctx, s.wallet.cfg.Choose)
	if err != nil {
		return nil, err
	}
	for _, option := range chosen {
		for _, attr := range option.Attributes {
			s.outcome.Disclosed = append(s.outcome.Disclosed, attr.ID)
		}
	}
	return append(chosen, s.earlier...), nil
}

// question returns what there is to choose from, after obtaining what the wallet
// lacks if it can.
func (s *session) question(ctx context.Context) (*Question, error) {
	for {
		m := matcher{
			credentials: s.held,
			skipExpiry:  s.request.SkipExpiryCheck,
			now:         irma.NewTimestamp(s.wallet.cfg.Now()),
		}
		disjunctions, missing := m.disjunctions(s.request.Disclose)
		q := &Question{Server: s.server.url.Host, Request: s.request, Disjunctions: disjunctions}
		switch {
		case missing == nil:
			return q, nil
		case s.wallet.cfg.Obtain == nil:
			return nil, missing
		}
		if err := s.wallet.cfg.Obtain(ctx, q); err != nil {
			return nil, fmt.Errorf("%w: %w", missing, err)
		}
		s.secret, s.held = s.wallet.holdings()
	}
}

// answer sends the proofs for the chosen options, and stores what the server
// issues for them.
func (s *session) answer(ctx context.Context, chosen []Option) (*irma.ServerSessionResponse, error) {
	switch s.request.Action() {
	case irma.Issuing:
		return s.issue(ctx, chosen)
	case irma.Signing:
		return s.sign(ctx, chosen)
	default:
		return s.disclose(ctx, chosen)
	}
}

// post sends the wallet's message and checks the server's verdict.
func (s *session) post(ctx context.Context, ex exchange) (*irma.ServerSessionResponse, error) {
	ex.method = "POST"
	answer := new(irma.ServerSessionResponse)
	if err := s.server.do(ctx, ex, answer); err != nil {
		return nil, err
	}
	s.outcome.ProofStatus = answer.ProofStatus
	if answer.ProofStatus != irma.ProofValid {
		return nil, fmt.Errorf("%w: %s", ErrRejected, answer.ProofStatus)
	}
	return answer, nil
}

// cancel tells the server that the wallet will not go on, also when ctx has
// ended. The server may not know the session any more, so failure is nothing to
// report.
func (s *session) cancel(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer stop()
	_ = s.server.do(ctx, exchange{step: StepCancel, method: "DELETE", path: "/"}, nil)
}
