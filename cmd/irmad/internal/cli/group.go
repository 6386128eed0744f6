package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// Command is something that irmad, or a group, can do.
type Command struct {
	Name    string
	Summary string // what it does, in a few words
	Run     func(context.Context, *Process) error
}

// Group is a command that consists of others.
type Group struct {
	Name     string
	About    string // text at the top of its help
	Commands []Command
}

// Run runs the command that the first argument names, or explains them all.
func (g *Group) Run(ctx context.Context, p *Process) error {
	if len(p.Args) == 0 || p.Args[0] == "-h" || p.Args[0] == "--help" {
		return g.overview(p.Stdout)
	}
	if p.Args[0] == "help" {
		return g.Explain(ctx, p)
	}
	var names []string
	for _, c := range g.Commands {
		if c.Name == p.Args[0] {
			p.Topic += " " + c.Name
			p.Args = p.Args[1:]
			return c.Run(ctx, p)
		}
		names = append(names, c.Name)
	}
	return Usage(fmt.Sprintf("unknown command \"%s %s\"%s", g.Name, p.Args[0], DidYouMean(p.Args[0], names)))
}

// Explain is help: about the group, or about the command in it that the second
// argument names.
func (g *Group) Explain(ctx context.Context, p *Process) error {
	if len(p.Args) < 2 {
		return g.overview(p.Stdout)
	}
	p.Args = append(slices.Clone(p.Args[1:]), "--help")
	return g.Run(ctx, p)
}

func (g *Group) overview(w io.Writer) error {
	fmt.Fprintf(w, "Usage: irmad %s COMMAND\n\n%s\nCommands:\n", g.Name, g.About)
	for _, c := range g.Commands {
		fmt.Fprintf(w, "  %-9s  %s\n", c.Name, c.Summary)
	}
	_, err := fmt.Fprintf(w, "\n\"irmad help %s COMMAND\" tells more about a command, and lists its flags.\n", g.Name)
	return err
}
