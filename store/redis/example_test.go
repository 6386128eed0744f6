package redis_test

import (
	"context"
	"log"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/store/redis"
)

// Several processes that do this, behind one address, are one server.
func Example() {
	client := goredis.NewClient(&goredis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	defer client.Close()
	sessions, err := redis.New(client, redis.Options{Prefix: "shop:"})
	if err != nil {
		log.Fatal(err)
	}
	defer sessions.Close()
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "https://shop.example.com/irma/", Store: sessions})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close(context.Background()) // before the store and the client
}
