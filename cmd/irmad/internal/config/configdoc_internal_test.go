package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var updateDocs = flag.Bool("update-docs", false, "write the tables of docs/configuration.md")

const (
	configurationDoc = "../../../../docs/configuration.md"
	tablesBegin      = "<!-- tables of options, written by go test ./cmd/irmad/internal/config -update-docs -->\n"
	tablesEnd        = "<!-- end of the tables -->\n"
)

// TestConfigurationDoc compares the documentation with the options.
func TestConfigurationDoc(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(configurationDoc)
	must(t, err)
	before, rest, begins := strings.Cut(string(data), tablesBegin)
	got, after, ends := strings.Cut(rest, tablesEnd)
	if !begins || !ends {
		t.Fatal("the documentation has no place for the tables")
	}
	want := optionTables()
	if *updateDocs {
		must(t, os.WriteFile(configurationDoc, []byte(before+tablesBegin+want+tablesEnd+after), 0o600))
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the tables differ from the options; run go test ./cmd/irmad/internal/config -update-docs (-want +got):\n%s", diff)
	}
}

// optionTables returns a table for each group of options.
func optionTables() string {
	var out strings.Builder
	for _, group := range topics {
		fmt.Fprintf(&out, "\n### %s\n\n| option | type | default | what it does |\n|---|---|---|---|\n", group.title)
		for i := range group.options {
			o := &group.options[i]
			_, usage := pflag.UnquoteUsage(&pflag.Flag{Usage: o.usage, Value: newFlags().Lookup(FlagName(o.name)).Value})
			name := "`" + o.name + "`"
			if o.short != "" {
				name += ", `-" + o.short + "`"
			}
			if o.live {
				usage += " (live)"
			}
			fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", name, kindNames[o.kind], defaultText(o), strings.ReplaceAll(usage, "|", `\|`))
		}
	}
	return out.String() + "\n"
}

var kindNames = map[kind]string{text: "text", number: "number", toggle: "boolean", count: "count", list: "list", object: "object"}

func defaultText(o *option) string {
	shown := func(value any) string {
		switch value := value.(type) {
		case []string:
			if len(value) == 0 {
				return "none"
			}
			return "`" + strings.Join(value, " ") + "`"
		case string:
			if value == "" {
				return ""
			}
		}
		return fmt.Sprintf("`%v`", value)
	}
	out := shown(o.initial)
	if o.strict != nil && shown(o.strict) != out {
		out += "; in production " + shown(o.strict)
	}
	return out
}
