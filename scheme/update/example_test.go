package update_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// A server has what is on disk at once and what is published when it arrives.
func Example() {
	dir, err := os.MkdirTemp("", "schemes")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	updater, err := update.New(update.Config{
		Dir: dir,
		Observer: func(e update.Event) {
			if e.State == update.Failed {
				log.Print(e.Err)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for s := range updater.Current().Schemes() {
		fmt.Println(s.ID)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // a server goes on until it is told to stop
	fmt.Println(updater.Watch(ctx, func(set *scheme.Set) { log.Print("new schemes") }))
	// Output: context canceled
}
