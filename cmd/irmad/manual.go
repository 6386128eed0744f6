package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
)

// chapter is what help tells about a command.
type chapter struct {
	command
	text  string // empty if there is no more to tell than the summary
	flags []flagLine
}

// flagLine is a flag as help lists it.
type flagLine struct {
	name, short string
	value       string // what the flag takes; empty for nothing
	usage       string
}

var flagPattern = regexp.MustCompile(`(?m)^ +(?:-(\w), )?--([a-z0-9-]+)(?: (\S+))? {2,}(.*)$`)

// manual returns all commands with what help tells about them, so that what is
// made of it has the same flags.
func manual(ctx context.Context) ([]chapter, error) {
	tell := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := help(ctx, &process{args: args, stdin: strings.NewReader(""), stdout: &out, stderr: &out})
		return out.String(), err
	}
	overview, err := tell()
	if err != nil {
		return nil, err
	}
	var chapters []chapter
	for _, c := range commands() {
		text, err := tell(c.name)
		if err != nil {
			return nil, fmt.Errorf("explaining %s: %w", c.name, err)
		}
		next := chapter{command: c}
		if text != overview {
			next.text = text
		}
		for _, found := range flagPattern.FindAllStringSubmatch(next.text, -1) {
			next.flags = append(next.flags, flagLine{short: found[1], name: found[2], value: found[3], usage: found[4]})
		}
		chapters = append(chapters, next)
	}
	return chapters, nil
}

// takesPath reports whether the flag's value names something in the file system.
func (f *flagLine) takesPath() bool { return f.value == "file" || f.value == "directory" }
