package redis

import (
	"bytes"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/store"
)

// TestForget checks that nothing remains of channels that nobody watches.
func TestForget(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr, ContextTimeoutEnabled: true})
	defer func() { _ = client.Close() }() // the test is over
	s, err := New(client, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // the test is over
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := s.Watch(t.Context(), "a", 0); err != nil {
			t.Fatal(err)
		}
	}
	if got := server.Do("PUBSUB", "CHANNELS"); got != "changed:a" {
		t.Errorf("subscribed to %q, want the channel just watched", got)
	}
	w, err := s.hub.join("changed:a", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.hub.forget(time.Now().Add(time.Hour)); len(got) != 0 {
		t.Errorf("forgets %q, which is watched", got)
	}
	s.hub.leave(w)
	if got := s.hub.forget(time.Now().Add(-time.Hour)); len(got) != 0 {
		t.Errorf("forgets %q, which was watched just now", got)
	}
	got := s.hub.forget(time.Now().Add(time.Hour))
	if len(got) != 1 || len(s.hub.topics) != 0 || len(s.hub.left) != 0 {
		t.Errorf("forgot %q; %d topics and %d leavings remain", got, len(s.hub.topics), len(s.hub.left))
	}
	s.hub.tell(s.hub.pubsub.Unsubscribe, got)
	server.Await(func() bool { return server.Do("PUBSUB", "CHANNELS") == "" }, "nothing is subscribed to")
}

// FuzzDecode checks that no stored bytes do harm, and that what is read is what
// was written.
func FuzzDecode(f *testing.F) {
	f.Add(encode(store.Record{Data: []byte("data"), Revision: 3, Due: time.Unix(1, 2), Expires: time.Unix(3, 4)}))
	f.Add(encode(store.Record{}))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := decode(data)
		if err != nil {
			return
		}
		again, err := decode(encode(rec))
		if err != nil || again.Revision != rec.Revision || !bytes.Equal(again.Data, rec.Data) ||
			!again.Expires.Equal(max0(rec.Expires)) || !again.Due.Equal(max0(rec.Due)) {
			t.Errorf("%+v came back as %+v, %v", rec, again, err)
		}
	})
}

// max0 returns the time, or 1970 if it is before that.
func max0(t time.Time) time.Time {
	if !t.IsZero() && t.Unix() < 0 {
		return time.Unix(0, 0)
	}
	return t
}
