package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// zero returns the value of this kind that stands for "nothing".
func zero(k kind) any {
	switch k {
	case number, count:
		return 0
	case toggle:
		return false
	}
	return ""
}

// convert turns a value, as found in a file, the environment or a flag, into
// the Go type of its kind: int, bool, []string or string, which for an object
// holds its JSON.
func convert(k kind, value any) (any, error) {
	switch k {
	case number, count:
		return toInt(value)
	case toggle:
		return toBool(value)
	case list:
		return toList(value)
	case object:
		return toObject(value)
	}
	return toText(value)
}

func toText(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case int, int64, float64:
		return fmt.Sprint(value), nil
	}
	return "", fmt.Errorf("%v is not a text", value)
}

func toInt(value any) (int, error) {
	switch value := value.(type) {
	case int:
		return value, nil
	case int64:
		return int(value), nil
	case float64: // of JSON
		if value == math.Trunc(value) && math.Abs(value) < 1<<53 {
			return int(value), nil
		}
	case string:
		if n, err := strconv.Atoi(value); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%#v is not a whole number", value)
}

// toBool refuses what it does not know: a misread "yes" could leave a server
// open.
func toBool(value any) (bool, error) {
	switch value := value.(type) {
	case bool:
		return value, nil
	case string:
		switch strings.ToLower(value) {
		case "1", "t", "true":
			return true, nil
		case "0", "f", "false":
			return false, nil
		}
	}
	return false, fmt.Errorf("%#v is neither true nor false", value)
}

// consent makes the answers of people to a question known to toBool. Where
// production is asked for in other words than true, the server must not be the
// open one that developers use.
func consent(value any) any {
	word, isText := value.(string)
	if !isText {
		return value
	}
	switch strings.ToLower(word) {
	case "yes", "y", "on":
		return true
	case "no", "n", "off":
		return false
	}
	return value
}

// toList takes a text, as environment variables are, as words between spaces.
func toList(value any) ([]string, error) {
	out := []string{} // an empty list differs from none
	switch value := value.(type) {
	case string:
		return append(out, strings.Fields(value)...), nil
	case []string:
		return append(out, value...), nil
	case []any:
		for _, element := range value {
			word, err := toText(element)
			if err != nil {
				return nil, err
			}
			out = append(out, word)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%v is not a list", value)
}
