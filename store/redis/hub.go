package redis

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// linger is how long a channel stays subscribed after its last watcher has
	// left: most come back to wait for the next change.
	linger = 5 * time.Second

	// maxChannels is how many channels one command subscribes to.
	maxChannels = 512
)

// hub hears of changes for all watchers in the process, on one connection. The
// client keeps that connection up and subscribes again after a loss; Redis
// confirms each subscription, and a confirmation is a reason to look, since
// changes before it went unheard.
type hub struct {
	client  goredis.UniversalClient
	timeout time.Duration
	closed  chan struct{}
	poke    chan struct{} // holds an element when there is something to subscribe to
	work    sync.WaitGroup

	mu     sync.Mutex // guards what follows
	pubsub *goredis.PubSub
	over   bool
	topics map[string]*topic
	wanted []string  // channels to subscribe to
	left   []leaving // the oldest first
}

// leaving is when the last watcher of a topic left it. It may have others since.
type leaving struct {
	topic *topic
	at    time.Time
}

// topic is a channel with its watchers.
type topic struct {
	channel  string
	watchers map[*watcher]struct{}
	heard    uint64    // how often the subscription was confirmed
	since    time.Time // when the last watcher left

	seen  uint64    // the last revision that was found or announced
	until time.Time // when to look again though nothing newer is announced; zero means at once
}

// watcher is one who waits for changes of a record.
type watcher struct {
	topic  *topic
	after  uint64
	heard  bool      // announcements reach it; used by the watcher alone
	until  time.Time // when to look; zero means at once
	wake   chan struct{}
	closed <-chan struct{} // of the hub
}

func newHub(client goredis.UniversalClient, timeout time.Duration) *hub {
	return &hub{
		client:  client,
		timeout: timeout,
		closed:  make(chan struct{}),
		poke:    make(chan struct{}, 1),
		topics:  map[string]*topic{},
	}
}

// join begins to hear what is announced on a channel of revisions later than
// after. The first to join opens the connection.
func (h *hub) join(channel string, after uint64) (*watcher, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return nil, errClosed
	}
	h.open()
	t := h.topics[channel]
	if t == nil {
		t = &topic{channel: channel, watchers: map[*watcher]struct{}{}}
		h.topics[channel] = t
		h.wanted = append(h.wanted, channel)
		select {
		case h.poke <- struct{}{}:
		default:
		}
	}
	w := &watcher{topic: t, after: after, heard: t.heard > 0, wake: make(chan struct{}, 1), closed: h.closed}
	if t.seen <= after {
		w.until = t.until
	}
	t.watchers[w] = struct{}{}
	return w, nil
}

// open starts the hub's work.
func (h *hub) open() {
	if h.pubsub != nil {
		return
	}
	h.pubsub = h.client.Subscribe(context.Background())
	messages := h.pubsub.ChannelWithSubscriptions(goredis.WithChannelSize(1024))
	h.work.Go(func() { h.listen(messages) })
	h.work.Go(h.subscribe)
}

// leave ends what join began.
func (h *hub) leave(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := w.topic
	delete(t.watchers, w)
	if len(t.watchers) == 0 {
		t.since = time.Now()
		h.left = append(h.left, leaving{t, t.since})
	}
}

// listen wakes watchers until the connection is closed for good.
func (h *hub) listen(messages <-chan any) {
	for message := range messages {
		switch m := message.(type) {
		case *goredis.Subscription:
			if m.Kind == "subscribe" {
				h.confirm(m.Channel)
			}
		case *goredis.Message:
			revision, err := strconv.ParseUint(m.Payload, 10, 64)
			if err != nil {
				revision = math.MaxUint64 // not ours, but a reason to look
			}
			h.announce(m.Channel, revision)
		}
	}
}

// confirm wakes all who watch a channel: from now on they hear of changes, and
// have not of earlier ones.
func (h *hub) confirm(channel string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[channel]; t != nil {
		t.heard++
		t.until = time.Time{}
		t.tell(math.MaxUint64)
	}
}

// announce wakes those who wait for a revision on a channel.
func (h *hub) announce(channel string, revision uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[channel]; t != nil {
		t.seen = max(t.seen, revision)
		t.tell(revision)
	}
}

// tell wakes the watchers who wait for this revision.
func (t *topic) tell(revision uint64) {
	for w := range t.watchers {
		if revision > w.after {
			select {
			case w.wake <- struct{}{}:
			default: // it will look anyway
			}
		}
	}
}

// begin returns what found needs to know about a look that begins now.
func (h *hub) begin(t *topic) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.heard
}

// found notes what a look has found that began when the topic had been heard so
// often. If that was heard all the while, nobody needs to look again who knows
// this revision, until a newer one is announced or it is time.
func (h *hub) found(t *topic, heard, revision uint64, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if heard > 0 && heard == t.heard && revision >= t.seen {
		t.seen, t.until = revision, until
	}
}

// subscribe tells Redis what to announce to us, until the hub is closed. It alone
// does, so that the order is right.
func (h *hub) subscribe() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-h.closed:
			return
		case <-h.poke:
		case <-tick.C:
			h.tell(h.pubsub.Unsubscribe, h.forget(time.Now().Add(-linger)))
		}
		h.mu.Lock()
		wanted := h.wanted
		h.wanted = nil
		h.mu.Unlock()
		h.tell(h.pubsub.Subscribe, wanted)
	}
}

// tell gives Redis a command with channels. When it fails, the client does what
// it says with the next connection.
func (h *hub) tell(command func(context.Context, ...string) error, channels []string) {
	for len(channels) > 0 {
		n := min(len(channels), maxChannels)
		ctx, cancel := context.WithTimeout(context.Background(), h.timeout)
		_ = command(ctx, channels[:n]...)
		cancel()
		channels = channels[n:]
	}
}

// forget removes the topics that have had no watchers since a time, and returns
// their channels.
func (h *hub) forget(before time.Time) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var channels []string
	for len(h.left) > 0 && h.left[0].at.Before(before) {
		t, at := h.left[0].topic, h.left[0].at
		h.left[0] = leaving{}
		h.left = h.left[1:]
		if len(t.watchers) == 0 && t.since.Equal(at) && h.topics[t.channel] == t {
			delete(h.topics, t.channel)
			channels = append(channels, t.channel)
		}
	}
	return channels
}

// close ends the connection and waits for the hub's work to end.
func (h *hub) close() error {
	h.mu.Lock()
	if h.over {
		h.mu.Unlock()
		return nil
	}
	h.over = true
	close(h.closed)
	pubsub := h.pubsub
	h.mu.Unlock()
	if pubsub == nil {
		return nil
	}
	err := pubsub.Close()
	h.work.Wait()
	if err != nil {
		return fmt.Errorf("redis: closing the connection for changes: %w", err)
	}
	return nil
}
