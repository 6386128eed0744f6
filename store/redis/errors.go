package redis

import (
	"errors"
	"fmt"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

var errClosed = errors.New("redis: the store is closed")

// advice is what operators can do about what Redis answers, by how that begins.
var advice = []struct{ prefix, text string }{
	{"OOM ", "Redis is out of memory; raise its maxmemory"},
	{"MISCONF ", "Redis cannot save to its disk and refuses writes"},
	{"NOAUTH ", "Redis asks for a password"},
	{"WRONGPASS ", "Redis refuses the username or password"},
	{"NOPERM ", "the Redis user lacks a permission"},
	{"READONLY ", "this Redis is a replica, which takes no writes"},
	{"LOADING ", "Redis is starting"},
	{"CLUSTERDOWN ", "the Redis Cluster is not complete"},
}

// explain returns an error of the client with what it means.
func explain(err error) error {
	var reply goredis.Error
	if errors.As(err, &reply) {
		for _, a := range advice {
			if strings.HasPrefix(reply.Error(), a.prefix) {
				return fmt.Errorf("redis: %s: %w", a.text, err)
			}
		}
	}
	return fmt.Errorf("asking redis: %w", err)
}
