package irmaserver

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// variable is a source without a lock.
type variable struct{ set *scheme.Set }

func (v *variable) Current() *scheme.Set { return v.set }

// TestEditions checks which schemes sessions get as time passes.
func TestEditions(t *testing.T) {
	t.Parallel()
	now := time.Unix(1795046400, 0)
	sets := make([]*scheme.Set, maxEditions+3)
	for i := range sets {
		sets[i] = new(scheme.Set)
	}
	schemes := &variable{sets[0]}
	var inUse []*scheme.Set
	e := newEditions(Config{Schemes: schemes, Now: func() time.Time { return now }}, func(sets []*scheme.Set) { inUse = sets })
	begin := func(want int, longest time.Duration) uint64 {
		t.Helper()
		set, id := e.begin(longest)
		if set != sets[want] || id == 0 {
			t.Errorf("a session began with another set than %d, and id %d", want, id)
		}
		return id
	}
	of := func(id uint64, want int) {
		t.Helper()
		if e.of(id) != sets[want] {
			t.Errorf("session has another set than %d", want)
		}
	}
	count := func(want int) {
		t.Helper()
		if len(inUse) != want {
			t.Errorf("%d sets in use, want %d", len(inUse), want)
		}
	}
	a := begin(0, 2*time.Hour)
	begin(0, time.Minute) // a shorter session changes nothing
	of(a, 0)
	count(0) // not told of the first one

	schemes.set = sets[1]
	of(a, 0)
	if e.current() != sets[1] {
		t.Error("the newest set is not used")
	}
	count(2)
	of(a, 0)
	of(0, 1)     // of another server, or from before
	of(a^2, 1)   // unknown
	begin(1, -1) // over at once
	schemes.set = sets[2]
	begin(2, time.Hour)
	count(2) // the second had no session

	now = now.Add(2 * time.Hour)
	of(a, 0)
	now = now.Add(time.Second)
	e.current()
	of(a, 2)
	count(1)

	var ids []uint64
	for i := 2; i < len(sets); i++ {
		schemes.set = sets[i]
		ids = append(ids, begin(i, time.Hour))
	}
	count(maxEditions + 1)
	for i, id := range ids {
		of(id, i+2)
	}
	schemes.set = new(scheme.Set)
	sets = append(sets, schemes.set)
	of(ids[0], 2) // is still there as long as nobody looked
	e.current()
	of(ids[0], len(sets)-1) // had to go for the newest
	of(ids[1], 3)
	count(maxEditions + 1)
}

// TestRefusedSchemes gives a server in production schemes that it may not use.
func TestRefusedSchemes(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.ErrorLevel)
	good, better := new(scheme.Set), new(scheme.Set)
	schemes := &variable{good}
	cfg, err := Config{Schemes: schemes, Production: true, Logger: zap.New(core)}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	e := newEditions(cfg, func([]*scheme.Set) {})
	set, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		schemes.set = set
		if e.current() != good {
			t.Error("the demo scheme is used in production")
		}
	}
	if entries := logs.All(); len(entries) != 1 || !strings.Contains(entries[0].Message, "not used") {
		t.Errorf("log: %v", entries)
	}
	schemes.set = nil
	if e.current() != good {
		t.Error("nothing is used")
	}
	schemes.set = better
	if e.current() != better {
		t.Error("good schemes are not used")
	}
	if _, err := (Config{Schemes: (*scheme.Set)(nil)}).withDefaults(); err == nil {
		t.Error("no schemes are accepted at the start")
	}
}
