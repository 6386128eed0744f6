package main

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/manual"
)

// chapters returns what help tells about all commands.
func chapters(ctx context.Context) ([]manual.Chapter, error) {
	var all []cli.Command
	for _, c := range commands() {
		all = append(all, cli.Command{Name: c.name, Summary: c.summary})
	}
	return manual.New(all, groups(), func(words ...string) (string, error) {
		var out bytes.Buffer
		err := help(ctx, &process{Process: cli.Process{Args: words, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}})
		return out.String(), err
	})
}

// completion prints what makes a shell complete irmad's commands and flags.
func completion(ctx context.Context, p *process) error {
	if len(p.Args) != 1 || manual.Completion(p.Args[0]) == nil {
		return cli.Usage("completion takes a shell: bash, zsh or fish")
	}
	all, err := chapters(ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.Stdout, manual.Completion(p.Args[0])(all))
	return err
}

// man prints a manual page.
func man(ctx context.Context, p *process) error {
	if len(p.Args) > 0 {
		return cli.Usage("man takes no arguments")
	}
	all, err := chapters(ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.Stdout, manual.Page(all, buildVersion()))
	return err
}
