package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// toObject returns the JSON of an object, or "" for an empty one. As JSON its
// keys keep their case and their dots, and an object in a stronger source
// replaces a weaker one as a whole.
func toObject(value any) (string, error) {
	if err := refuseDates(value); err != nil {
		return "", err
	}
	encoded, isText := value.(string)
	if !isText {
		data, err := json.Marshal(value)
		if err != nil {
			return "", fmt.Errorf("cannot be written as JSON: %w", err)
		}
		encoded = string(data)
	}
	if strings.TrimSpace(encoded) == "" {
		return "", nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(encoded), &members); err != nil {
		return "", fmt.Errorf("is not a JSON object: %w", err)
	}
	if len(members) == 0 {
		return "", nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(encoded)); err != nil {
		return "", err
	}
	return compact.String(), nil
}

// refuseDates finds what YAML takes for a date: as JSON it would become another
// text than the operator wrote.
func refuseDates(value any) error {
	switch value := value.(type) {
	case time.Time:
		return errors.New(value.Format(time.DateOnly) + " is a date; put quotes around it")
	case map[string]any:
		for key, member := range value {
			if err := refuseDates(member); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
	case []any:
		for _, element := range value {
			if err := refuseDates(element); err != nil {
				return err
			}
		}
	}
	return nil
}
