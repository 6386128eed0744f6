package main

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// group is a command that consists of others.
type group struct {
	name     string
	about    string
	commands []command
}

func findGroup(name string) (group, bool) {
	for _, g := range []group{schemeGroup(), issuerGroup()} {
		if g.name == name {
			return g, true
		}
	}
	return group{}, false
}

// run runs the command that the first argument names, or explains them all.
func (g *group) run(ctx context.Context, p *process) error {
	if len(p.args) == 0 || p.args[0] == "-h" || p.args[0] == "--help" {
		return g.overview(p.stdout)
	}
	if p.args[0] == "help" {
		return g.explain(ctx, p)
	}
	var names []string
	for _, c := range g.commands {
		if c.name == p.args[0] {
			p.topic += " " + c.name
			p.args = p.args[1:]
			return c.run(ctx, p)
		}
		names = append(names, c.name)
	}
	return &usageError{fmt.Sprintf("unknown command \"%s %s\"%s", g.name, p.args[0], didYouMean(p.args[0], names))}
}

// explain is help: about the group, or about the command in it that the second
// argument names.
func (g *group) explain(ctx context.Context, p *process) error {
	if len(p.args) < 2 {
		return g.overview(p.stdout)
	}
	p.args = append(slices.Clone(p.args[1:]), "--help")
	return g.run(ctx, p)
}

func (g *group) overview(w io.Writer) error {
	fmt.Fprintf(w, "Usage: irmad %s COMMAND\n\n%s\nCommands:\n", g.name, g.about)
	for _, c := range g.commands {
		fmt.Fprintf(w, "  %-9s  %s\n", c.name, c.summary)
	}
	_, err := fmt.Fprintf(w, "\n\"irmad help %s COMMAND\" tells more about a command, and lists its flags.\n", g.name)
	return err
}
