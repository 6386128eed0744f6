package manual

import (
	"fmt"
	"strings"
)

// Page returns the manual page, in roff.
func Page(chapters []Chapter, version string) string {
	var text strings.Builder
	fmt.Fprintf(&text, ".TH IRMAD 1 \"\" \"irmad %s\"\n", roff(version))
	text.WriteString(".SH NAME\nirmad \\- server for IRMA (Yivi) sessions\n")
	text.WriteString(".SH SYNOPSIS\n.B irmad\n[\\fIcommand\\fR] [\\fIflags\\fR]\n")
	text.WriteString(".SH COMMANDS\n")
	for _, c := range chapters {
		fmt.Fprintf(&text, ".TP\n.B %s\n%s\n", roff(c.Name), roff(c.summary))
	}
	for _, c := range chapters {
		if c.Text != "" {
			fmt.Fprintf(&text, ".SH %s\n.EX\n%s\n.EE\n", strings.ToUpper(roff(c.Name)), roff(strings.TrimSpace(c.Text)))
		}
	}
	text.WriteString(".SH FILES\n.I /etc/irmaserver/irmaserver.yaml\n")
	return text.String()
}

// roff escapes text for a manual page.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
