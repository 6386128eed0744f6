package auth_test

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

// usedBefore remembers JWTs for several Authenticators, by id until when.
type usedBefore struct {
	failure error // what Use returns, if there is one

	mu   sync.Mutex // guards seen
	seen map[string]time.Time
}

// Use implements auth.Replays.
func (u *usedBefore) Use(_ context.Context, id string, until time.Time) (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failure != nil {
		return false, u.failure
	}
	if _, ok := u.seen[id]; ok {
		return false, nil
	}
	u.seen[id] = until
	return true, nil
}

// TestReplaysShared uses JWTs with two Authenticators that remember together.
func TestReplaysShared(t *testing.T) {
	t.Parallel()
	c, shared := &clock{now}, &usedBefore{seen: map[string]time.Time{}}
	cfg := config()
	cfg.Now, cfg.Replays = c.Now, shared
	one, other := newAuth(t, cfg), newAuth(t, cfg)
	other.TakeOver(newAuth(t, cfg))
	for i, s := range []struct {
		by        *auth.Authenticator
		name, jti string
		want      bool
	}{
		{one, "city", "1", true},
		{one, "city", "1", false},
		{other, "city", "1", false},
		{other, "bank", "1", true}, // another requestor's ids are its own
		{one, "bank", "1", false},
		{one, "city", "", true},
		{other, "city", "", true},
	} {
		if got := use(t, s.by, c, s.name, s.jti); got != s.want {
			t.Errorf("step %d, %s %q: accepted is %v", i, s.name, s.jti, got)
		}
	}
	if len(shared.seen) != 2 {
		t.Errorf("remembered %v, want two", shared.seen)
	}
	for id, until := range shared.seen {
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(id) {
			t.Errorf("id %q", id)
		}
		if least := now.Add(300 * time.Second); until.Before(least) || until.After(least.Add(2*time.Minute)) {
			t.Errorf("remembered until %v, want a little after %v", until, least)
		}
	}
}

// TestReplaysFail has nobody know which JWTs were used: those with an id are
// refused until somebody answers.
func TestReplaysFail(t *testing.T) {
	t.Parallel()
	cause := errors.New("nobody answers")
	cfg := config()
	cfg.Replays = &usedBefore{failure: cause}
	a := newAuth(t, cfg)
	_, _, err := a.Authenticate(postJWT(hs256(t, secret, claims("city").with(members{"jti": "1"}))))
	if told := irma.AsError(err); told == nil || !told.Is(irma.ErrUnavailable) || told.Retry <= 0 || !errors.Is(err, cause) {
		t.Errorf("got %+v, want %v with the time to retry, and the cause", err, irma.ErrUnavailable)
	}
	if _, _, err := a.Authenticate(postJWT(hs256(t, secret, claims("city")))); err != nil {
		t.Errorf("without an id: %v", err)
	}
	cfg.ReplayMemory = -1
	if _, _, err := newAuth(t, cfg).Authenticate(postJWT(hs256(t, secret, claims("city").with(members{"jti": "1"})))); err != nil {
		t.Errorf("though nothing is to be remembered: %v", err)
	}
}
