package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// man prints a manual page.
func man(ctx context.Context, p *process) error {
	if len(p.Args) > 0 {
		return cli.Usage("man takes no arguments")
	}
	chapters, err := manual(ctx)
	if err != nil {
		return err
	}
	var page strings.Builder
	fmt.Fprintf(&page, ".TH IRMAD 1 \"\" \"irmad %s\"\n", roff(buildVersion()))
	page.WriteString(".SH NAME\nirmad \\- server for IRMA (Yivi) sessions\n")
	page.WriteString(".SH SYNOPSIS\n.B irmad\n[\\fIcommand\\fR] [\\fIflags\\fR]\n")
	page.WriteString(".SH COMMANDS\n")
	for _, c := range chapters {
		fmt.Fprintf(&page, ".TP\n.B %s\n%s\n", roff(c.name), roff(c.summary))
	}
	for _, c := range chapters {
		if c.text != "" {
			fmt.Fprintf(&page, ".SH %s\n.EX\n%s\n.EE\n", strings.ToUpper(roff(c.name)), roff(strings.TrimSpace(c.text)))
		}
	}
	page.WriteString(".SH FILES\n.I /etc/irmaserver/irmaserver.yaml\n")
	_, err = io.WriteString(p.Stdout, page.String())
	return err
}

// roff escapes text for a manual page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
