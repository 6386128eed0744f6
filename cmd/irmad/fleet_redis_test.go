package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// TestFleetRedisKilled kills Redis after each step of a session and starts it
// again with what it has saved: nobody notices.
func TestFleetRedisKilled(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	f, results := newFleet(t, 2, withRedis(redis)...), newResultHook(t)
	steps := f.afterEachStep(t, func() { f.full(t, results) }, func() {}, func(*child) {
		redis.Kill()
		redis.Restart()
	})
	if steps < 7 {
		t.Errorf("the session had %d steps, want all of them", steps)
	}
}

// TestFleetRedisGone has Redis fail for good, and come back without the sessions.
func TestFleetRedisGone(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	f := newFleet(t, 2, withRedis(redis)...)
	session, err := f.client.StartSession(t.Context(), age())
	must(t, err)
	redis.Kill()
	start := time.Now()
	resp, err := http.Get(session.SessionPtr.URL + "/status")
	must(t, err)
	defer resp.Body.Close()
	var told irma.Error
	must(t, json.NewDecoder(resp.Body).Decode(&told))
	if took := time.Since(start); resp.StatusCode != http.StatusServiceUnavailable || !told.Is(irma.ErrUnavailable) || resp.Header.Get("Retry-After") == "" || took > 10*time.Second {
		t.Errorf("without Redis: status %d, %+v, Retry-After %q after %v", resp.StatusCode, told, resp.Header.Get("Retry-After"), took)
	}
	for _, c := range f.all {
		awaitStatus(t, c.admin+"/ready", http.StatusServiceUnavailable)
	}
	redis.Restart()
	for _, c := range f.all {
		awaitStatus(t, c.admin+"/ready", http.StatusOK)
	}
	if _, err := f.client.Status(t.Context(), session.Token); !errors.Is(err, irma.ErrSessionUnknown) {
		t.Errorf("a session that Redis has lost: %v, want %v", err, irma.ErrSessionUnknown)
	}
	f.perform(t, phone(t, wallet.Config{}), age())
}

// TestFleetOutOfMemory has Redis run out of memory in the middle of a session: that
// stays as it is, and goes on when there is memory again.
func TestFleetOutOfMemory(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	f := newFleet(t, 2, withRedis(redis)...)
	w := phone(t, wallet.Config{})
	session, err := f.client.StartSession(t.Context(), age())
	must(t, err)
	redis.Do("CONFIG", "SET", "maxmemory", "1")
	if _, err := f.client.StartSession(t.Context(), age()); !errors.Is(err, irma.ErrUnavailable) {
		t.Errorf("starting a session: %v, want %v", err, irma.ErrUnavailable)
	}
	if _, err := w.Perform(t.Context(), session.SessionPtr); !errors.Is(err, irma.ErrUnavailable) {
		t.Errorf("connecting: %v, want %v", err, irma.ErrUnavailable)
	}
	status, body := get(t.Context(), f.all[0].admin+"/ready")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "raise its maxmemory") {
		t.Errorf("ready: status %d, %s", status, body)
	}
	redis.Do("CONFIG", "SET", "maxmemory", "0")
	if got, err := f.client.Status(t.Context(), session.Token); err != nil || got != irma.StatusInitialized {
		t.Errorf("the session is %s, %v", got, err)
	}
	_, err = w.Perform(t.Context(), session.SessionPtr)
	must(t, err)
}

// TestFleetFailover kills the Redis that Sentinel has as master in the middle of
// a session, which goes on with the replica.
func TestFleetFailover(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	redistest.Replica(t, master)
	sentinel := redistest.Sentinel(t, "sessions", master)
	f := newFleet(t, 2, "--store-type", "redis", "--redis-sentinel-addrs", sentinel.Addr, "--redis-sentinel-master-name", "sessions",
		"--redis-accept-inconsistency-risk", "--redis-allow-empty-password", "--redis-no-tls")
	var once sync.Once
	fail := func(*http.Request, *child) {
		once.Do(func() {
			master.Replicated()
			before := sentinel.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "sessions")
			master.Kill()
			sentinel.Await(func() bool { return sentinel.Do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "sessions") != before }, "there is another master")
			for _, c := range f.all {
				awaitStatus(t, c.admin+"/ready", http.StatusOK)
			}
		})
	}
	f.answered.Store(&fail)
	f.full(t, newResultHook(t))
}

// TestFleetCluster does sessions on a Cluster of three nodes, and has one time
// out.
func TestFleetCluster(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t, 3)
	f := newFleet(t, 2, withRedis(nodes[0], "--redis-accept-inconsistency-risk")...)
	results := newResultHook(t)
	f.full(t, results)
	w := phone(t, wallet.Config{})
	for range 8 {
		f.perform(t, w, age())
	}
	request := adult()
	request.Timeout, request.CallbackURL = 1, results.URL
	session, err := f.client.StartSession(t.Context(), request)
	must(t, err)
	if p := results.await(t, session.Token, time.Minute); p.status != irma.StatusTimeout {
		t.Errorf("posted %+v, want the timeout", p)
	}
	used := 0
	for _, node := range nodes {
		if node.Do("DBSIZE") != "0" {
			used++
		}
	}
	if used < 2 {
		t.Errorf("all is on %d node", used)
	}
}

// TestRedisUser does sessions as a user of Redis that may do what the
// documentation names, and nothing else.
func TestRedisUser(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/configuration.md")
	must(t, err)
	commands := strings.Fields(strings.Trim(regexp.MustCompile("`\\+get [^`]+`").FindString(string(doc)), "`"))
	if len(commands) < 10 {
		t.Fatalf("the documentation names %q", commands)
	}
	redis := redistest.Start(t)
	redis.Do(append([]string{"ACL", "SETUSER", "irmad", "on", ">sesame", "-@all", "~irmad:irmad:*", "&irmad:irmad:*"}, commands...)...)
	f := newFleet(t, 2, "--store-type", "redis", "--redis-addr", redis.Addr, "--redis-no-tls",
		"--redis-username", "irmad", "--redis-pw", "sesame", "--redis-acl-use-key-prefixes")
	f.full(t, newResultHook(t))
	for _, c := range f.all {
		awaitStatus(t, c.admin+"/ready", http.StatusOK)
	}
	if refused := redis.Do("ACL", "LOG"); refused != "" {
		t.Errorf("Redis has refused something: %s", refused)
	}
}
