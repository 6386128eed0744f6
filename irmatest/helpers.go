package irmatest

import (
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// NewWallet returns an empty wallet for the schemes of the server.
func (s *Server) NewWallet(tb testing.TB, cfg wallet.Config) *wallet.Wallet {
	tb.Helper()
	w, err := wallet.New(s.Schemes, cfg)
	if err != nil {
		tb.Fatalf("irmatest: %v", err)
	}
	return w
}

// Start starts a session. The test fails if the server refuses it.
func (s *Server) Start(tb testing.TB, req irma.Request) *irma.SessionPackage {
	tb.Helper()
	pkg, err := s.Irma.StartSession(tb.Context(), req)
	if err != nil {
		tb.Fatalf("irmatest: starting session: %v", err)
	}
	return pkg
}

// Run starts a session, lets the wallet do it, and returns what the requestor
// gets to see of it. The error is the wallet's, see wallet.Wallet.Perform.
func (s *Server) Run(tb testing.TB, w *wallet.Wallet, req irma.Request) (*irma.SessionResult, error) {
	tb.Helper()
	pkg := s.Start(tb, req)
	_, failure := w.Perform(tb.Context(), pkg.SessionPtr)
	result, err := s.Irma.Result(tb.Context(), pkg.Token)
	if err != nil {
		tb.Fatalf("irmatest: result of session: %v", err)
	}
	return result, failure
}

// Issue gives the wallet these credentials. The test fails if that does.
func (s *Server) Issue(tb testing.TB, w *wallet.Wallet, creds ...irma.CredentialRequest) {
	tb.Helper()
	if _, err := s.Run(tb, w, irma.NewIssuanceRequest(creds...)); err != nil {
		tb.Fatalf("irmatest: issuing: %v", err)
	}
}
