package explain

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// summary says in a sentence what happens.
func (e *Explanation) summary() string {
	required, optional := 0, 0
	for _, q := range e.Questions {
		if q.Optional {
			optional++
		} else {
			required++
		}
	}
	var parts []string
	if e.Message != "" {
		parts = append(parts, "to sign a message")
	}
	if required > 0 {
		parts = append(parts, "to show "+things(required))
	}
	if len(e.Credentials) > 0 {
		parts = append(parts, "to accept "+count(len(e.Credentials), "credential"))
	}
	text := "The user is asked " + strings.Join(parts, " and ")
	if optional > 0 {
		text += ", and may show " + things(optional) + " more"
	}
	if len(parts) == 0 {
		text = "The user may show " + things(optional)
	}
	return text + "."
}

func things(n int) string { return count(n, "thing") }

func count(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// String says what the attribute is and who vouches for it.
func (a Attribute) String() string {
	text := fmt.Sprintf("%s, from %s of %s", a.Name, a.Credential, a.Issuer)
	if a.Whole {
		text = fmt.Sprintf("having %s of %s", a.Credential, a.Issuer)
	}
	switch {
	case a.Value != nil:
		text += fmt.Sprintf(", which must be %q", *a.Value)
	case a.NotNull:
		text += ", which must have a value"
	}
	if !a.Known {
		text += " (no installed scheme has this)"
	}
	return text + " [" + string(a.ID) + "]"
}

// Print writes the explanation as text.
func (e *Explanation) Print(w io.Writer) error {
	var b strings.Builder
	if e.Problem != nil {
		e.Problem.print(&b)
	}
	if e.Summary != "" {
		fmt.Fprintf(&b, "%s\n", e.Summary)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, "\nThe message to sign:\n%s\n", indent(e.Message, "  | "))
	}
	for i, q := range e.Questions {
		q.print(&b, i+1)
	}
	for _, cred := range e.Credentials {
		cred.print(&b)
	}
	list(&b, "Besides", e.Settings)
	list(&b, "Warnings", e.Warnings)
	if e.Valid {
		b.WriteString("\nA server with these schemes takes this request.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p *Problem) print(b *strings.Builder) {
	fmt.Fprintf(b, "A server refuses this request with status %d:\n%s\n", p.Error.Status, indent(string(p.Error.Name)+": "+p.Error.Message, "  "))
	if p.Line > 0 {
		fmt.Fprintf(b, "  at line %d, column %d\n", p.Line, p.Column)
	}
	if p.Hint != "" {
		fmt.Fprintf(b, "  %s\n", p.Hint)
	}
	b.WriteString("\n")
}

func (q *Question) print(b *strings.Builder, number int) {
	fmt.Fprintf(b, "\n%d. ", number)
	if q.Label != "" {
		fmt.Fprintf(b, "%q: ", q.Label)
	}
	if q.Optional {
		b.WriteString("if the user likes, ")
	}
	if len(q.Choices) != 1 {
		b.WriteString("one of these")
	} else {
		b.WriteString("show")
	}
	b.WriteString(":\n")
	for i, choice := range q.Choices {
		for j, attr := range choice.Attributes {
			bullet := "- "
			if j > 0 {
				bullet = "  and "
			} else if i > 0 {
				bullet = "- or "
			}
			fmt.Fprintf(b, "   %s%s\n", bullet, attr)
		}
	}
}

func (c *Credential) print(b *strings.Builder) {
	fmt.Fprintf(b, "\nThe user receives %s of %s, valid until %s:\n", c.Name, c.Issuer, c.Expires.Time().UTC().Format(time.DateOnly))
	for _, attr := range c.Attributes {
		fmt.Fprintf(b, "   - %s: %q\n", attr.Name, *attr.Value)
	}
}

func list(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "   - %s\n", line)
	}
}

func indent(text, prefix string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}
