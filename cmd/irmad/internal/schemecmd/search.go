package schemecmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const searchText = `Usage: irmad scheme search [flags] WORD...

Finds credentials and attributes by words in their identifiers, names and
descriptions, in any language. The first column is what a session request takes:

  irmad scheme search over 18
  irmad session --disclose irmad-demo.gov.ageLimits.over18

The demo scheme is always searched, and the schemes where irmad serve looks.

Flags:
%s
Exit status: 1 if nothing is found.
`

// lookFlags are those of commands that look something up.
type lookFlags struct {
	schemes  installed.Flags
	language string
	json     bool
}

func (f *lookFlags) set(flags *pflag.FlagSet) {
	f.schemes.Set(flags)
	flags.StringVar(&f.language, "lang", "", "`language` of names, such as en or nl (default that of the environment)")
	flags.BoolVar(&f.json, "json", false, "print JSON, for scripts")
}

// searchSchemes prints what the arguments describe.
func searchSchemes(_ context.Context, p *cli.Process) error {
	var f lookFlags
	flags := pflag.NewFlagSet("irmad scheme search", pflag.ContinueOnError)
	f.set(flags)
	if more, err := p.Parse(flags, searchText); !more {
		return err
	}
	query := strings.Join(flags.Args(), " ")
	if strings.TrimSpace(query) == "" {
		return cli.Usage("scheme search takes words to look for")
	}
	set, err := f.schemes.Load(p, cli.CommandLogger(0, p.Stderr))
	if err != nil {
		return err
	}
	found := set.Search(query)
	if f.json {
		err = printMatchesJSON(p.Stdout, found)
	} else {
		err = printMatches(p.Stdout, found, language(f.language, p.Env))
	}
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("nothing found for %q%s", query, meant(set, query)+notThere(set))
	}
	return err
}

// meant suggests a name that is like the query. Names in schemes consist of words.
func meant(set *scheme.Set, query string) string {
	var names []string
	add := func(id string, name irma.TranslatedString) {
		names = append(names, id)
		for _, text := range name {
			names = append(names, strings.Fields(strings.ToLower(text))...)
		}
	}
	for typ := range set.CredentialTypes() {
		add(typ.ID.Name(), typ.Name)
		for _, attr := range typ.Attributes {
			add(attr.ID, attr.Name)
		}
	}
	return cli.DidYouMean(strings.ToLower(query), names)
}

func printMatches(w io.Writer, found []scheme.Match, lang string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range found {
		name := inLanguage(m.Type.Name, lang)
		if m.Attribute != nil {
			name += ": " + inLanguage(m.Attribute.Name, lang)
		}
		fmt.Fprintf(table, "%s\t%s\n", m.ID(), name)
	}
	return table.Flush()
}

// matchJSON is a line of the output in JSON.
type matchJSON struct {
	ID          irma.AttributeTypeID  `json:"id"`
	Kind        string                `json:"kind"` // credential or attribute
	Name        irma.TranslatedString `json:"name"`
	Description irma.TranslatedString `json:"description,omitempty"`
}

func printMatchesJSON(w io.Writer, found []scheme.Match) error {
	out := make([]matchJSON, len(found))
	for i, m := range found {
		out[i] = matchJSON{m.ID(), "credential", m.Type.Name, m.Type.Description}
		if m.Attribute != nil {
			out[i] = matchJSON{m.ID(), "attribute", m.Attribute.Name, m.Attribute.Description}
		}
	}
	return printJSON(w, out)
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// language returns the language code to use: the one given, that of the environment
// or English.
func language(given string, environ []string) string {
	for _, value := range []string{given, cli.Variable(environ, "LC_ALL"), cli.Variable(environ, "LC_MESSAGES"), cli.Variable(environ, "LANG")} {
		if code, _, _ := strings.Cut(value, "_"); len(code) == 2 {
			return strings.ToLower(code)
		}
	}
	return "en"
}

// inLanguage returns the text in a language or else one that is there.
func inLanguage(text irma.TranslatedString, lang string) string {
	for _, code := range []string{lang, "en", "nl"} {
		if text[code] != "" {
			return text[code]
		}
	}
	for _, code := range slices.Sorted(maps.Keys(text)) {
		if text[code] != "" {
			return text[code]
		}
	}
	return ""
}
