package config

import (
	"fmt"
	"strings"
)

// decodeEnv reads lines NAME=VALUE, with the names of options and values as in
// environment variables. Values may be in quotes; in double ones \n stands for a
// line break, as keys need.
func decodeEnv(data []byte) (map[string]any, error) {
	values := map[string]any{}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, fmt.Errorf("line %d is not of the form NAME=VALUE", number)
		}
		value, err := unquote(strings.TrimSpace(value))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if value != "" { // as with environment variables
			values[name] = value
		}
	}
	return values, nil
}

func unquote(value string) (string, error) {
	if value == "" || value[0] != '"' && value[0] != '\'' {
		value, _, _ = strings.Cut(value, " #")
		return strings.TrimSpace(value), nil
	}
	quote := value[:1]
	inner, rest, closed := cutQuoted(value[1:], quote[0])
	if rest = strings.TrimSpace(rest); !closed || rest != "" && rest[0] != '#' {
		return "", fmt.Errorf("the value does not end with the %s it begins with", quote)
	}
	if quote == `"` {
		inner = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(inner)
	}
	return inner, nil
}

// cutQuoted splits text at the first quote that no backslash precedes.
func cutQuoted(text string, quote byte) (before, after string, found bool) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}
