package main

import (
	"context"

	"github.com/irmad/irmaserver/bench/internal/target"
)

// scenario measures one server in one round.
type scenario struct {
	name string
	run  func(ctx context.Context, b *bench, kind *target.Kind) error
}

var scenarios = []scenario{
	{"startup", startUp},
	{"sessions", sessions},
	{"sizes", sizes},
	{"live", live},
	{"streams", streams},
	{"crowd", crowd},
}

func scenarioNames() []string {
	var out []string
	for _, s := range scenarios {
		out = append(out, s.name)
	}
	return out
}
