package config

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
)

const hidden = "(hidden)"

// Shown returns the values of all options by name, without what must not be seen.
func (s *Settings) Shown() map[string]any {
	out := maps.Clone(s.values)
	out["url"] = s.URL // complete
	for i := range options {
		o := &options[i]
		switch value := out[o.name]; {
		case !o.available() || !o.secret || o.asksNothing(value):
		case o.name == "requestors":
			out[o.name] = s.shownRequestors()
		case o.kind == object:
			out[o.name] = shownObject(value)
		default:
			out[o.name] = hidden
		}
	}
	return out
}

// shownRequestors returns the requestors without their keys.
func (s *Settings) shownRequestors() map[string]requestorSettings {
	out := maps.Clone(s.requestors)
	for name, r := range out {
		if r.Key != "" {
			r.Key = hidden
		}
		out[name] = r
	}
	return out
}

// shownObject returns the names in an object.
func shownObject(encoded any) map[string]string {
	var members map[string]json.RawMessage
	text, _ := encoded.(string)
	_ = json.Unmarshal([]byte(text), &members) // was checked when it was read
	out := map[string]string{}
	for name := range members {
		out[name] = hidden
	}
	return out
}

// setting is an option's value and where it comes from.
type setting struct {
	Value  any    `json:"value"`
	Origin string `json:"origin"`
}

// Print writes all settings as JSON, one option on each line, with where they come
// from and without what must not be seen.
func (s *Settings) Print(w io.Writer) error {
	values := s.Shown()
	names := OptionNames()
	fmt.Fprintln(w, "{")
	for i, name := range names {
		line, err := json.Marshal(setting{values[name], s.origins[name]})
		if err != nil {
			return fmt.Errorf("showing option %s: %w", name, err)
		}
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Fprintf(w, "  %q: %s%s\n", name, line, comma)
	}
	_, err := fmt.Fprintln(w, "}")
	return err
}
