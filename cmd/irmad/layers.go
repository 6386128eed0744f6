package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

const envPrefix = "IRMASERVER_"

// layer is one source of settings.
type layer struct {
	values map[string]any
	origin func(key string) string // tells where the user finds a key
}

// newFlags returns the flags of serve and check. Those for options that this
// version lacks are understood but not listed.
func newFlags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("irmad", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	for i := range options {
		o := &options[i]
		name := flagName(o.name)
		switch o.kind {
		case number:
			initial, _ := o.initial.(int)
			flags.IntP(name, o.short, initial, o.usage)
		case toggle:
			initial, _ := o.initial.(bool)
			flags.BoolP(name, o.short, initial, o.usage)
		case count:
			flags.CountP(name, o.short, o.usage)
		case list:
			initial, _ := o.initial.([]string)
			flags.StringSliceP(name, o.short, initial, o.usage)
		default:
			initial, _ := o.initial.(string)
			flags.StringP(name, o.short, initial, o.usage)
		}
		flags.Lookup(name).Hidden = !o.available()
	}
	return flags
}

func flagName(option string) string { return strings.ReplaceAll(option, "_", "-") }

// parseFlags reads the command line. It returns the arguments that are no flags
// too.
func parseFlags(args []string) (layer, []string, error) {
	flags := newFlags()
	if err := flags.Parse(args); err != nil {
		return layer{}, nil, flagError(err)
	}
	given := func(f *pflag.Flag) (string, any) {
		if !f.Changed {
			return "", nil
		}
		return strings.ReplaceAll(f.Name, "-", "_"), posflag.FlagVal(flags, f)
	}
	k := koanf.New(".")
	if err := k.Load(posflag.ProviderWithFlag(flags, ".", nil, given), nil); err != nil {
		return layer{}, nil, fmt.Errorf("reading flags: %w", err)
	}
	origin := func(key string) string { return "flag --" + flagName(key) }
	return layer{k.Raw(), origin}, flags.Args(), nil
}

func flagError(err error) error {
	var unknown *pflag.NotExistError
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case !errors.As(err, &unknown):
		return &usageError{err.Error()}
	}
	var names []string
	for _, name := range optionNames() {
		names = append(names, flagName(name))
	}
	return &usageError{err.Error() + didYouMean(unknown.GetSpecifiedName(), names)}
}

// readEnv returns the settings in the environment. Empty variables count as not
// set.
func readEnv(environ []string) (layer, error) {
	name := func(key, value string) (string, any) {
		if value == "" {
			return "", nil
		}
		return strings.ToLower(strings.TrimPrefix(key, envPrefix)), value
	}
	k := koanf.New("\x00")
	provider := env.Provider("", env.Opt{Prefix: envPrefix, TransformFunc: name, EnvironFunc: func() []string { return environ }})
	if err := k.Load(provider, nil); err != nil {
		return layer{}, fmt.Errorf("reading environment: %w", err)
	}
	origin := func(key string) string { return "environment variable " + envPrefix + strings.ToUpper(key) }
	return layer{k.Raw(), origin}, nil
}

// fileLayer returns the settings in a configuration file.
func fileLayer(path string) (layer, error) {
	values, err := readFile(path)
	if err != nil {
		return layer{}, err
	}
	origin := func(key string) string { return fmt.Sprintf("key %s in %s", key, path) }
	return layer{values, origin}, nil
}

// checked returns the layer's values by option name, with the right types, and
// warnings about keys that mean nothing.
func (l layer) checked() (values map[string]any, warnings []string, err error) {
	values = map[string]any{}
	for _, key := range sortedKeys(l.values) {
		name, value := strings.ToLower(key), l.values[key]
		o := findOption(name)
		switch {
		case o == nil:
			warnings = append(warnings, l.origin(key)+" is not known and has no effect"+didYouMean(name, optionNames()))
			continue
		case o.ignored():
			warnings = append(warnings, l.origin(key)+" has no effect any more")
			continue
		case value == nil:
			continue
		}
		converted, err := convert(o.kind, value)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", l.origin(key), err)
		}
		if o.available() {
			values[name] = converted
		} else if !o.asksNothing(converted) {
			return nil, nil, fmt.Errorf("%s: this version of irmad has no %s", l.origin(key), strings.TrimPrefix(o.feature, "the "))
		}
	}
	return values, warnings, nil
}

func sortedKeys(values map[string]any) []string {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
