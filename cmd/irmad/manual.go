package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// chapter is what help tells about a command.
type chapter struct {
	command
	text  string // empty if there is no more to tell than the summary
	flags []flagLine
	parts []cli.Command // the commands that it consists of; their chapters follow
	group string        // of which it is part; the name begins with that
}

// word returns the last word of the name.
func (c *chapter) word() string { return c.name[strings.LastIndexByte(c.name, ' ')+1:] }

// flagLine is a flag as help lists it.
type flagLine struct {
	name, short string
	value       string // what the flag takes; empty for nothing
	usage       string
}

var flagPattern = pattern(`(?m)^ +(?:-(\w), )?--([a-z0-9-]+)(?: (\S+))? {2,}(.*)$`)

// manual returns all commands with what help tells about them, so that what is
// made of it has the same flags.
func manual(ctx context.Context) ([]chapter, error) {
	tell := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := help(ctx, &process{Process: cli.Process{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}})
		return out.String(), err
	}
	overview, err := tell()
	if err != nil {
		return nil, err
	}
	var chapters []chapter
	for _, c := range commands() {
		next := chapter{command: c}
		if g, isGroup := findGroup(c.name); isGroup {
			next.parts = g.Commands
		}
		chapters = append(chapters, next)
		for _, p := range next.parts {
			part := command{name: c.name + " " + p.Name, summary: p.Summary}
			chapters = append(chapters, chapter{command: part, group: c.name})
		}
	}
	for i := range chapters {
		c := &chapters[i]
		text, err := tell(strings.Fields(c.name)...)
		if err != nil {
			return nil, fmt.Errorf("explaining %s: %w", c.name, err)
		}
		if text != overview {
			c.text = text
		}
		for _, found := range flagPattern().FindAllStringSubmatch(text, -1) {
			c.flags = append(c.flags, flagLine{short: found[1], name: found[2], value: found[3], usage: found[4]})
		}
	}
	return chapters, nil
}

// takesPath reports whether the flag's value names something in the file system.
func (f *flagLine) takesPath() bool { return f.value == "file" || f.value == "directory" }
