package storage

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/store/redis"
)

const (
	// redisTimeout bounds what the engine asks of Redis. Wallets wait four
	// seconds for their answer.
	redisTimeout = 3 * time.Second

	// redisDialTimeout bounds making a connection, redisStartup finding out at
	// the start what Redis is like.
	redisDialTimeout = 2 * time.Second
	redisStartup     = 5 * time.Second

	// redisRetries is how often a command is sent again, within redisTimeout,
	// when its connection breaks or Redis says that it is not ready.
	redisRetries = 5

	// redisSkew is how far clocks may be apart before it is worth a warning.
	redisSkew = 2 * time.Second
)

// hushed keeps the client from printing: what concerns anybody comes as errors.
var hushed = sync.OnceFunc(func() { goredis.SetLogger(hush{}) })

type hush struct{}

// Printf implements the client's logger.
func (hush) Printf(context.Context, string, ...any) {}

// openRedis returns the store in Redis, after asking that what it is like. Nothing
// is written yet. Who only checks the configuration gets no store.
func openRedis(s *config.Settings) (*Sessions, error) {
	opts, err := redisClientOptions(s)
	if err != nil {
		return nil, err
	}
	hushed()
	ctx, cancel := context.WithTimeout(context.Background(), redisStartup)
	defer cancel()
	client, warnings, err := connectRedis(ctx, s, opts)
	if err != nil {
		return nil, err
	}
	if s.Dry {
		return &Sessions{Warnings: warnings}, client.Close()
	}
	sessions, err := redis.New(client, redis.Options{Prefix: redisPrefix(s), Timeout: redisTimeout})
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return &Sessions{
		Store:    sessions,
		Ping:     func(ctx context.Context) error { _, err := sessions.Check(ctx); return err },
		end:      func() error { return errors.Join(sessions.Close(), client.Close()) },
		Warnings: warnings,
	}, nil
}

// redisPrefix is what all keys and channels begin with.
func redisPrefix(s *config.Settings) string {
	if s.RedisACLUseKeyPrefixes {
		return s.RedisUsername + ":irmad:"
	}
	return "irmad:"
}

// redisClientOptions returns the client's options for all kinds of Redis.
func redisClientOptions(s *config.Settings) (*goredis.UniversalOptions, error) {
	tlsConfig, err := s.RedisTLS()
	if err != nil {
		return nil, err
	}
	password, sentinelPassword, err := s.RedisPasswords()
	if err != nil {
		return nil, err
	}
	return &goredis.UniversalOptions{
		Addrs:                 s.RedisAddrs(),
		Username:              s.RedisUsername,
		Password:              password,
		SentinelUsername:      s.RedisSentinelUsername,
		SentinelPassword:      sentinelPassword,
		DB:                    s.RedisDB,
		TLSConfig:             tlsConfig,
		MaxRetries:            redisRetries,
		DialTimeout:           redisDialTimeout,
		DialerRetries:         1,
		ReadTimeout:           redisTimeout,
		WriteTimeout:          redisTimeout,
		PoolTimeout:           redisTimeout,
		ContextTimeoutEnabled: true,
	}, nil
}

// connectRedis returns a client that fits what is at the addresses.
func connectRedis(ctx context.Context, s *config.Settings, opts *goredis.UniversalOptions) (goredis.UniversalClient, []string, error) {
	if len(s.RedisSentinelAddrs) > 0 {
		opts.Addrs, opts.MasterName = s.RedisSentinelAddrs, s.RedisSentinelMasterName
		client := goredis.NewFailoverClient(opts.Failover())
		facts, err := askRedis(ctx, client)
		if err != nil {
			return nil, nil, errors.Join(err, client.Close())
		}
		return client, append(facts.warnings(), redisWarnings(s)...), nil
	}
	simple := *opts
	simple.Addrs = opts.Addrs[:1]
	client := goredis.NewClient(simple.Simple())
	facts, err := askRedis(ctx, client)
	if err != nil {
		return nil, nil, errors.Join(err, client.Close())
	}
	warnings := append(facts.warnings(), redisWarnings(s)...)
	if !facts.cluster && len(opts.Addrs) == 1 {
		return client, warnings, nil
	}
	_ = client.Close() // it has done its work
	switch {
	case !facts.cluster:
		return nil, nil, errors.New("redis_addr has several addresses, but what is at the first one is not a Cluster")
	case !s.RedisAcceptInconsistency:
		return nil, nil, config.InconsistentError("a Cluster")
	case s.RedisDB != 0:
		return nil, nil, errors.New("redis_db cannot be combined with a Cluster, which has one database")
	}
	cluster := goredis.NewClusterClient(opts.Cluster())
	if err := cluster.Ping(ctx).Err(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("failed to connect to Redis: %w", err), cluster.Close())
	}
	return cluster, warnings, nil
}

// redisWarnings are about the settings.
func redisWarnings(s *config.Settings) []string {
	if !s.RedisNoTLS {
		return nil
	}
	for _, address := range append(s.RedisAddrs(), s.RedisSentinelAddrs...) {
		host, _, _ := net.SplitHostPort(address) // was checked
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return []string{"redis_no_tls: sessions, with the attributes in them, travel to " + address + " readable for others"}
		}
	}
	return nil
}

// redisFacts are what Redis tells about itself.
type redisFacts struct {
	cluster  bool
	replicas int           // -1 if that is not told, or does not matter
	policy   string        // when memory is full; empty if that is not told
	ahead    time.Duration // of our clock
}

// unreachableRedis says what may help against an error of the first connection.
func unreachableRedis(err error, encrypted bool) error {
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &noTLS), encrypted && errors.Is(err, io.EOF):
		return fmt.Errorf("failed to connect to Redis: %w: it does not seem to have TLS there; set redis_no_tls if that is right", err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("failed to connect to Redis: %w: nothing listens there; start Redis, or correct redis_addr", err)
	}
	return fmt.Errorf("failed to connect to Redis: %w", err)
}

// askRedis asks Redis what it is like, without writing. What the user may not
// ask stays unknown.
func askRedis(ctx context.Context, client *goredis.Client) (*redisFacts, error) {
	start := time.Now()
	clock, err := client.Time(ctx).Result()
	if err != nil && !strings.HasPrefix(err.Error(), "NOPERM ") {
		return nil, unreachableRedis(err, client.Options().TLSConfig != nil)
	}
	facts := &redisFacts{replicas: -1}
	if err == nil {
		facts.ahead = clock.Sub(start.Add(time.Since(start) / 2))
	}
	info, err := client.Info(ctx).Result()
	if err != nil {
		return facts, nil
	}
	told := map[string]string{}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		told[name] = value
	}
	facts.cluster = told["redis_mode"] == "cluster"
	facts.policy = told["maxmemory_policy"]
	if client.Options().Addr == "FailoverClient" {
		if n, err := strconv.Atoi(told["connected_slaves"]); err == nil {
			facts.replicas = n
		}
	}
	return facts, nil
}

// warnings tells what is not as it should be.
func (f *redisFacts) warnings() []string {
	var out []string
	if f.ahead.Abs() > redisSkew {
		out = append(out, fmt.Sprintf("the clock of Redis is %v ahead of this machine's; sessions need the time to be the same everywhere", f.ahead.Round(time.Millisecond)))
	}
	if f.policy != "" && f.policy != "noeviction" {
		out = append(out, fmt.Sprintf("Redis may throw sessions away when its memory is full: its maxmemory-policy is %s; noeviction keeps them", f.policy))
	}
	if f.replicas >= 0 && f.replicas < 2 {
		out = append(out, fmt.Sprintf("Redis has %d replicas; with fewer than two, a failover leaves no copy of the sessions", f.replicas))
	}
	return out
}
