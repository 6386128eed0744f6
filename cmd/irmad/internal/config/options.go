package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"strings"
)

// kind is the type of an option's value.
type kind int

const (
	text kind = iota
	number
	toggle
	count // a number that, as a flag, is repeated instead of given
	list
	object
)

// option is one setting (spec 06 §3). As a flag it is written with dashes, as
// an environment variable in capitals after IRMASERVER_.
type option struct {
	name    string
	short   string
	kind    kind
	initial any    // the default
	strict  any    // the default in production; nil for the same
	usage   string // empty for options that this version does not have

	secret  bool   // not to be shown
	live    bool   // can change without a restart
	feature string // what an option without usage belongs to
	implied string // the value by which it asks for what is done anyway; empty for the zero value
}

// optionGroup has options that are explained together.
type optionGroup struct {
	title   string
	options []option
}

// options are all settings, in the order in which they are explained.
var options = allOptions()

func allOptions() []option {
	var all []option
	for _, t := range topics {
		all = append(all, t.options...)
	}
	return append(all, unavailable...)
}

// available reports whether this version has the option.
func (o *option) available() bool { return o.usage != "" }

// asksNothing reports whether this value of an option that is not available asks
// for what is done anyway.
func (o *option) asksNothing(value any) bool {
	if words, isList := value.([]string); isList {
		value = strings.Join(words, ",")
	}
	if text, isText := value.(string); isText && o.kind == object {
		var members map[string]any
		err := json.Unmarshal([]byte(cmp.Or(text, "{}")), &members)
		maps.DeleteFunc(members, func(_ string, member any) bool { return member == "" })
		return err == nil && len(members) == 0 // as in sdjwtvc: {issuer_certificates_dir: ""}
	}
	return value == zero(o.kind) || o.implied != "" && value == o.implied
}

// ignored reports whether the option is accepted without effect.
func (o *option) ignored() bool { return o.name == "email" || o.name == "no_email" }

// convert turns a value from a source into the Go type of the option's kind.
func (o *option) convert(value any) (any, error) {
	if o.name == "production" {
		value = consent(value)
	}
	converted, err := convert(o.kind, value)
	switch { // nothing of a secret is quoted
	case err != nil && o.secret && o.kind == list:
		return nil, errors.New("is not a list")
	case err != nil && o.secret && o.kind != object:
		return nil, errors.New("is not a text")
	}
	return converted, err
}

// OptionNames returns the names of all options of this version, in the order in which
// they are explained.
func OptionNames() []string {
	var names []string
	for _, o := range options {
		if o.available() {
			names = append(names, o.name)
		}
	}
	return names
}

func findOption(name string) *option {
	for i := range options {
		if options[i].name == name {
			return &options[i]
		}
	}
	return nil
}
