package schemecmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// printer prints for people, in a language.
type printer struct {
	io.Writer
	lang string
}

// title prints a name and what it stands for, as the heading of what follows.
func (p printer) title(id string, name, description irma.TranslatedString) {
	fmt.Fprintf(p, "%s: %s\n", id, inLanguage(name, p.lang))
	if text := strings.Join(strings.Fields(inLanguage(description, p.lang)), " "); text != "" {
		fmt.Fprintf(p, "%s\n", text)
	}
}

// line prints a property if there is something to tell.
func (p printer) line(label, value string) {
	if value != "" {
		fmt.Fprintf(p, "  %s: %s\n", label, value)
	}
}

// list prints things under a heading, in columns.
func (p printer) list(heading string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintf(p, "\n%s:\n", heading)
	return p.table("  ", rows)
}

func (p printer) table(indent string, rows [][]string) error {
	table := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(table, strings.TrimRight(indent+strings.Join(row, "\t"), "\t "))
	}
	return table.Flush()
}

func (p printer) names(list []named) [][]string {
	var rows [][]string
	for _, n := range list {
		rows = append(rows, []string{n.ID, inLanguage(n.Name, p.lang)})
	}
	return rows
}

func day(t time.Time) string {
	if t.Unix() <= 0 {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func when(set bool, word string) string {
	if set {
		return word
	}
	return ""
}

// marks joins the words that are not empty.
func marks(words ...string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}

func (l schemeList) print(p printer) error {
	var rows [][]string
	for _, s := range l {
		size := fmt.Sprintf("%d issuers, %d credentials", s.Issuers, s.Credentials)
		if s.Type == "requestor" {
			size = fmt.Sprintf("%d requestors", s.Requestors)
		}
		rows = append(rows, []string{s.ID, size, "signed " + day(s.Version), inLanguage(s.Name, p.lang)})
	}
	return p.table("", rows)
}

func (s *shownScheme) print(p printer) error {
	p.title(s.ID, s.Name, s.Description)
	p.line("signed", s.Version.Format(time.RFC3339))
	p.line("published at", s.URL)
	p.line("keyshare server", s.KeyshareServer)
	p.line("timestamp server", s.TimestampServer)
	p.line("demo", when(s.Demo, "yes: its keys are public, and its credentials prove nothing"))
	return p.list("Issuers", p.names(s.IssuerList))
}

func (s *shownIssuer) print(p printer) error {
	p.title(s.ID, s.Name, nil)
	p.line("contact", s.Contact)
	p.line("deprecated since", day(s.DeprecatedSince.Time()))
	var keys [][]string
	for _, k := range s.Keys {
		if k.Error != "" {
			keys = append(keys, []string{fmt.Sprint(k.Counter), k.Error})
			continue
		}
		keys = append(keys, []string{
			fmt.Sprint(k.Counter), fmt.Sprintf("%d bits", k.Bits), fmt.Sprintf("%d attributes", k.Attributes),
			"expires " + day(k.Expires), marks(when(k.Revocation, "revocation"), when(k.Private, "private key present")),
		})
	}
	if err := p.list("Keys", keys); err != nil {
		return err
	}
	return p.list("Credentials", p.names(s.CredentialList))
}

func (s *shownCredential) print(p printer) error {
	p.title(s.ID, s.Name, s.Description)
	p.line("issuer", s.Issuer.ID+" ("+inLanguage(s.Issuer.Name, p.lang)+")")
	p.line("obtained at", inLanguage(s.IssueURL, p.lang))
	p.line("properties", marks(when(s.Singleton, "one per wallet"), when(s.Revocation, "can be revoked")))
	p.line("deprecated since", day(s.DeprecatedSince.Time()))
	var rows [][]string
	for _, a := range s.Attributes {
		rows = append(rows, []string{a.ID, inLanguage(a.Name, p.lang), a.marks()})
	}
	return p.list("Attributes", rows)
}

func (s *shownAttribute) marks() string {
	return marks(when(s.Optional, "optional"), when(s.Randomblind, "random blind"))
}

func (s *shownAttribute) print(p printer) error {
	p.title(s.ID, s.Name, s.Description)
	p.line("properties", s.marks())
	p.line("shown as", s.DisplayHint)
	return nil
}

func (s *shownRequestorScheme) print(p printer) error {
	fmt.Fprintln(p, s.ID)
	p.line("signed", s.Version.Format(time.RFC3339))
	p.line("published at", s.URL)
	return p.list("Requestors", p.names(s.RequestorList))
}

func (s *shownRequestor) print(p printer) error {
	p.title(s.ID, s.Name, nil)
	p.line("industry", inLanguage(s.Industry, p.lang))
	p.line("hosts", strings.Join(s.Hostnames, ", "))
	p.line("logo", s.Logo)
	p.line("valid until", day(s.ValidUntil.Time()))
	p.line("verified", when(!s.Verified, "no"))
	return p.list("Wizards", p.names(s.Wizards))
}
