package auth_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver/auth"
)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// use sends a JWT of this requestor, made now, and reports whether it was
// accepted.
func use(tb testing.TB, a *auth.Authenticator, c *clock, name, jti string) bool {
	tb.Helper()
	key := map[string][]byte{"city": secret, "bank": bankSecret}[name]
	payload := claims(name).with(members{"iat": c.now.Unix()})
	if jti != "" {
		payload["jti"] = jti
	}
	_, _, err := a.Authenticate(postJWT(hs256(tb, key, payload)))
	if err != nil {
		unauthorized("jwt was used before: ...").check(tb, err)
	}
	return err == nil
}

func TestReplay(t *testing.T) {
	t.Parallel()
	c := &clock{now}
	cfg := config()
	cfg.Now = c.Now
	a := newAuth(t, cfg)
	type step struct {
		after     time.Duration
		name, jti string
		want      bool
	}
	for i, s := range []step{
		{0, "city", "1", true},
		{0, "city", "1", false},
		{0, "city", "2", true},
		{0, "bank", "1", true}, // another requestor's ids are its own
		{0, "city", "", true},
		{0, "city", "", true},
		{299 * time.Second, "city", "1", false},
		{2 * time.Second, "city", "3", true},
		{298 * time.Second, "city", "3", false},
		{300 * time.Second, "city", "5", true},
		{299 * time.Second, "city", "6", true},
		{2 * time.Second, "city", "7", true},
		{297 * time.Second, "city", "6", false}, // not forgotten with those before it
		{601 * time.Second, "city", "3", true},  // its JWT of before is too old by now
		{0, "city", "3", false},
		{-time.Hour, "city", "3", false}, // a clock set back forgets nothing
		{0, "city", "4", true},
		{0, "city", "4", false},
	} {
		c.now = c.now.Add(s.after)
		if got := use(t, a, c, s.name, s.jti); got != s.want {
			t.Errorf("step %d, %+v: accepted is %v", i, s, got)
		}
	}
}

// A JWT that was refused may be sent again.
func TestReplayOfRefused(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.Requestors[2].Hosts = []string{"other.example.com"}
	a := newAuth(t, cfg)
	token := hs256(t, secret, claims("city").with(members{"jti": "1"}))
	for range 2 {
		r, body := postJWT(token)
		expect(t, a, r, body, "", unauthorized("requestor not allowed to use the requested host"))
	}
}

func TestReplayMemory(t *testing.T) {
	t.Parallel()
	c := &clock{now}
	cfg := config()
	cfg.Now, cfg.ReplayMemory = c.Now, 100
	a := newAuth(t, cfg)
	if !use(t, a, c, "city", "first") {
		t.Fatal("the first JWT was refused")
	}
	for i := range 99 {
		use(t, a, c, "city", fmt.Sprint(i))
	}
	if use(t, a, c, "city", "first") {
		t.Error("forgotten before the memory was full")
	}
	for i := range 150 {
		use(t, a, c, "city", fmt.Sprint(100+i))
	}
	if !use(t, a, c, "city", "first") {
		t.Error("still remembered after many others")
	}
}

func TestReplayMemoryOff(t *testing.T) {
	t.Parallel()
	c := &clock{now}
	cfg := config()
	cfg.Now, cfg.ReplayMemory = c.Now, -1
	a := newAuth(t, cfg)
	for range 2 {
		if !use(t, a, c, "city", "1") {
			t.Error("refused though nothing is remembered")
		}
	}
}

func TestReplayAtOnce(t *testing.T) {
	t.Parallel()
	a := newAuth(t, config())
	token := hs256(t, secret, claims("city").with(members{"jti": "1"}))
	var accepted atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, _, err := a.Authenticate(postJWT(token)); err == nil {
				accepted.Add(1)
			}
		})
	}
	group.Wait()
	if n := accepted.Load(); n != 1 {
		t.Errorf("%d of 20 were accepted, want 1", n)
	}
}

// TestTakeOver replaces an Authenticator: what was used stays used.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	c := &clock{now}
	cfg := config()
	cfg.Now = c.Now
	before := newAuth(t, cfg)
	if !use(t, before, c, "city", "1") {
		t.Fatal("first use refused")
	}
	cfg.MaxRequestAge = 10 * time.Minute
	after := newAuth(t, cfg)
	after.TakeOver(before)
	for _, step := range []struct {
		name, jti string
		want      bool
	}{{"city", "1", false}, {"city", "2", true}, {"bank", "1", true}} {
		if got := use(t, after, c, step.name, step.jti); got != step.want {
			t.Errorf("%s %s: got %v", step.name, step.jti, got)
		}
	}
	c.now = now.Add(9 * time.Minute)
	if use(t, after, c, "city", "2") {
		t.Error("forgotten within the new age")
	}
	if use(t, before, c, "bank", "1") {
		t.Error("the memory is not shared")
	}
}

// TestTakeOverOfAbsent takes a requestor away for a while: what it used stays
// used.
func TestTakeOverOfAbsent(t *testing.T) {
	t.Parallel()
	c := &clock{now}
	cfg := config()
	cfg.Now = c.Now
	others := cfg
	others.Requestors = slices.DeleteFunc(slices.Clone(cfg.Requestors), func(r auth.Requestor) bool { return r.Name == "city" })
	first := newAuth(t, cfg)
	for _, jti := range []string{"1", "2"} {
		if !use(t, first, c, "city", jti) {
			t.Fatal("first use refused")
		}
	}
	without := newAuth(t, others)
	without.TakeOver(first)
	still := newAuth(t, others)
	still.TakeOver(without)
	again := newAuth(t, cfg)
	again.TakeOver(still)
	c.now = now.Add(299 * time.Second)
	if use(t, again, c, "city", "1") {
		t.Error("what was used can be used again")
	}
	if !use(t, again, c, "city", "3") {
		t.Error("what was not used is refused")
	}
}
