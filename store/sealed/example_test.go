package sealed_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/store/sealed"
)

// What the other store holds tells nothing.
func Example() {
	key, err := sealed.ParseKey("c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I=") // openssl rand -base64 32
	if err != nil {
		log.Fatal(err)
	}
	inner := memory.New(memory.Config{}) // in reality a file or a database
	sessions, err := sealed.New(inner, sealed.Config{Keys: []sealed.Key{key}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, now := context.Background(), time.Now()
	if err := sessions.Create(ctx, "token", store.Record{Data: []byte("over18: yes"), Due: now}); err != nil {
		log.Fatal(err)
	}

	names, _, err := inner.Due(ctx, now.Add(time.Minute), 1)
	if err != nil {
		log.Fatal(err)
	}
	found, err := inner.Load(ctx, names[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the other store knows the token:", names[0] == "token")
	fmt.Println("and the data:", bytes.Contains(found.Data, []byte("over18")))

	rec, err := sessions.Load(ctx, "token")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", rec.Data)
	// Output:
	// the other store knows the token: false
	// and the data: false
	// over18: yes
}
