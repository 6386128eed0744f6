package config

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/posflag"
	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// EnvPrefix comes before the name of an option, in capitals, in that of its
// environment variable.
const EnvPrefix = "IRMASERVER_"

// layer is one source of settings.
type layer struct {
	values map[string]any
	where  func(key string) string // tells where the user finds a key, in sentences
	origin func(key string) string // the same, in lists
}

// newFlags returns the flags of serve and check. Those for options that this
// version lacks are understood but not listed.
func newFlags() *pflag.FlagSet {
	flags := flagsOf(options)
	for i := range options {
		flags.Lookup(FlagName(options[i].name)).Hidden = !options[i].available()
	}
	return flags
}

func flagsOf(options []option) *pflag.FlagSet {
	flags := pflag.NewFlagSet("irmad", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	for i := range options {
		options[i].addTo(flags)
	}
	return flags
}

func (o *option) addTo(flags *pflag.FlagSet) {
	name, usage := FlagName(o.name), o.usage
	switch o.strict.(type) {
	case bool:
		usage += fmt.Sprintf(" (in production %t)", o.strict)
	case []string:
		usage += " (in production none)"
	}
	switch o.kind {
	case number:
		initial, _ := o.initial.(int)
		flags.IntP(name, o.short, initial, usage)
	case toggle:
		initial, _ := o.initial.(bool)
		flags.BoolP(name, o.short, initial, usage)
	case count:
		flags.CountP(name, o.short, usage)
	case list:
		initial, _ := o.initial.([]string)
		flags.StringSliceP(name, o.short, initial, usage)
	default:
		initial, _ := o.initial.(string)
		flags.StringP(name, o.short, initial, usage)
	}
}

// FlagName returns the name of an option's flag, without the dashes before it.
func FlagName(option string) string { return strings.ReplaceAll(option, "_", "-") }

// parseFlags reads the command line. It returns the arguments that are no flags
// too.
func parseFlags(args []string) (layer, []string, error) {
	flags := newFlags()
	if err := flags.Parse(args); err != nil {
		return layer{}, nil, flagError(err)
	}
	values := map[string]any{}
	flags.Visit(func(f *pflag.Flag) { values[strings.ReplaceAll(f.Name, "-", "_")] = posflag.FlagVal(flags, f) })
	where := func(key string) string { return "flag --" + FlagName(key) }
	return layer{values, where, where}, flags.Args(), nil
}

func flagError(err error) error {
	var unknown *pflag.NotExistError
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case !errors.As(err, &unknown):
		return cli.Usage(err.Error())
	}
	var names []string
	for _, name := range OptionNames() {
		names = append(names, FlagName(name))
	}
	return cli.Usage(err.Error() + cli.DidYouMean(unknown.GetSpecifiedName(), names))
}

// readEnv returns the settings in the environment. Empty variables count as not
// set.
func readEnv(environ []string) layer {
	values := map[string]any{}
	for _, variable := range environ {
		name, ours := strings.CutPrefix(variable, EnvPrefix)
		if name, value, _ := strings.Cut(name, "="); ours && name != "" && value != "" {
			values[strings.ToLower(name)] = value
		}
	}
	where := func(key string) string { return "environment variable " + EnvPrefix + strings.ToUpper(key) }
	origin := func(key string) string { return "env " + EnvPrefix + strings.ToUpper(key) }
	return layer{values, where, origin}
}

// fileLayer returns the settings in a configuration file.
func fileLayer(path string) (layer, error) {
	values, err := readFile(path)
	if err != nil {
		return layer{}, err
	}
	where := func(key string) string { return fmt.Sprintf("key %s in %s", key, path) }
	origin := func(string) string { return "file " + path }
	return layer{values, where, origin}, nil
}

// found is what a layer says.
type found struct {
	values   map[string]any    // by option name, with the right types
	origins  map[string]string // by option name
	warnings []string
	unknown  []string // complaints about keys that mean nothing
}

// checked returns what the layer says, if all of it can be understood.
func (l layer) checked() (*found, error) {
	f := &found{values: map[string]any{}, origins: map[string]string{}}
	for _, key := range sortedKeys(l.values) {
		name, value := strings.ToLower(key), l.values[key]
		o := findOption(name)
		switch {
		case o == nil:
			f.unknown = append(f.unknown, l.where(key)+" is not known and has no effect"+cli.DidYouMean(name, OptionNames()))
			continue
		case o.ignored():
			f.warnings = append(f.warnings, l.where(key)+" is deprecated and has no effect any more")
			continue
		case value == nil:
			continue
		}
		converted, err := o.convert(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.where(key), err)
		}
		if _, twice := f.values[name]; twice {
			return nil, fmt.Errorf("%s: the same option is there in another spelling too", l.where(key))
		}
		if o.available() {
			f.values[name], f.origins[name] = converted, l.origin(key)
		} else if !o.asksNothing(converted) {
			return nil, fmt.Errorf("%s: this version of irmad has no %s", l.where(key), strings.TrimPrefix(o.feature, "the "))
		}
	}
	return f, nil
}

func sortedKeys[V any](values map[string]V) []string {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
