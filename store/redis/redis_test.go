package redis_test

import (
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/redis"
	"github.com/irmad/irmaserver/store/storetest"
)

// open returns a store that uses a client, which it closes.
func open(t *testing.T, client goredis.UniversalClient, opts redis.Options) *redis.Store {
	t.Helper()
	s, err := redis.New(client, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
		_ = client.Close() // some tests close it before
	})
	return s
}

// connect returns a client of one server.
func connect(server *redistest.Server) *goredis.Client {
	return goredis.NewClient(&goredis.Options{Addr: server.Addr, ContextTimeoutEnabled: true})
}

func TestContract(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	storetest.Run(t, func(t *testing.T) store.Store {
		return open(t, connect(server), redis.Options{Prefix: t.Name() + ":"})
	})
}

func TestContractCluster(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t, 3)
	storetest.Run(t, func(t *testing.T) store.Store {
		client := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{nodes[0].Addr}, ContextTimeoutEnabled: true})
		return open(t, client, redis.Options{Prefix: t.Name() + ":"})
	})
}

func TestContractSentinel(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	redistest.Replica(t, master)
	sentinel := redistest.Sentinel(t, "sessions", master)
	storetest.Run(t, func(t *testing.T) store.Store {
		client := goredis.NewFailoverClient(&goredis.FailoverOptions{
			MasterName: "sessions", SentinelAddrs: []string{sentinel.Addr}, ContextTimeoutEnabled: true,
		})
		return open(t, client, redis.Options{Prefix: t.Name() + ":"})
	})
}
