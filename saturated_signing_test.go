package irmaserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver/internal/fair"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestSigningTakesTurns takes the place for computations. A result is signed when there
// is a place again: before the second proof of somebody who has many.
func TestSigningTakesTurns(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Schemes: schemes, CryptoWorkers: 1, JWTKey: key})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		session, err := s.StartSession(t.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
		if err != nil {
			t.Fatal(err)
		}
		leave, err := s.crypto.Enter(t.Context(), fair.Job{})
		if err != nil {
			t.Fatal(err)
		}
		order := make(chan string, 4)
		for range 3 {
			go func() {
				err := s.crypto.Do(t.Context(), fair.Job{}, func() {
					order <- "proof"
					time.Sleep(time.Second)
				})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		go func() {
			token, err := s.ResultJWT(t.Context(), session.Token)
			if err != nil || strings.Count(token, ".") != 2 {
				t.Errorf("signed %q, %v", token, err)
			}
			order <- "result"
		}()
		synctest.Wait()
		if stats := s.CryptoStats(); stats != (CryptoStats{Running: 1, Waiting: 4}) {
			t.Errorf("while there is no place: %+v", stats)
		}
		leave()
		if got := []string{<-order, <-order, <-order, <-order}; !slices.Contains(got[:3], "result") { // it is told while the second computes
			t.Errorf("order %v", got)
		}
		time.Sleep(time.Second)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		leave, err = s.crypto.Enter(t.Context(), fair.Job{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.ResultJWT(ended, session.Token); irma.AsError(err) == nil || !irma.AsError(err).Is(irma.ErrUnavailable) {
			t.Errorf("without patience: %v", err)
		}
		rec, stored, err := s.loadSigned(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.signedOutcome(ended, rec, stored, new(irma.SessionResult)); err != nil {
			t.Errorf("what a session cannot go on without: %v", err)
		}
		leave()
	})
}
