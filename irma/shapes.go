package irma

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// maxSafeInt is the largest integer that all JSON readers keep exact.
const maxSafeInt = 1<<53 - 1

// Shapes of values that occur everywhere (spec 01 §1).
var (
	boolShape      = &shape.Shape{Want: "true or false", Kinds: shape.Bool}
	bigShape       = &shape.Shape{Want: errInt.Error()[len("expected "):], Kinds: shape.String | shape.Number, Check: checkInt}
	versionShape   = &shape.Shape{Want: `a protocol version such as "2.8"`, Kinds: shape.String | shape.Number, Check: decodes[Version]}
	timestampShape = &shape.Shape{Want: "whole Unix seconds as a bare number", Kinds: shape.Number, Check: decodes[Timestamp]}
)

// fields makes the fields of a record from names and shapes in turn.
func fields(namesAndShapes ...any) []shape.Field {
	var out []shape.Field
	for i := 0; i < len(namesAndShapes); i += 2 {
		field := shape.Field{Name: namesAndShapes[i].(string)}
		field.Shape, _ = namesAndShapes[i+1].(*shape.Shape)
		out = append(out, field)
	}
	return out
}

func record(want string, fields []shape.Field) *shape.Shape {
	return &shape.Shape{Want: want, Kinds: shape.Object, Fields: fields}
}

func listOf(want, hint string, elem *shape.Shape) *shape.Shape {
	return &shape.Shape{Want: want, Hint: hint, Kinds: shape.List, Elem: elem}
}

func mapOf(want string, values *shape.Shape) *shape.Shape {
	return &shape.Shape{Want: want, Kinds: shape.Object, Values: values}
}

func textShape(want string) *shape.Shape {
	return &shape.Shape{Want: want, Kinds: shape.String}
}

func integerShape(want string, least, most int64) *shape.Shape {
	return &shape.Shape{Want: want, Kinds: shape.Number, Check: func(text []byte) string {
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || n < least || n > most {
			return fmt.Sprintf("expected %s, a whole number from %d to %d", want, least, most)
		}
		return ""
	}}
}

// decodes reports what is wrong with a scalar that is read by a type's own
// UnmarshalJSON.
func decodes[T any, P interface {
	*T
	json.Unmarshaler
}](text []byte) string {
	if err := P(new(T)).UnmarshalJSON(text); err != nil {
		return err.Error()
	}
	return ""
}

func indexKey(key string) string {
	if _, err := strconv.Atoi(key); err != nil {
		return "expected a whole number as key"
	}
	return ""
}

// byteText is base64 as encoding/json reads it into a []byte.
type byteText []byte

// UnmarshalJSON implements json.Unmarshaler.
func (b *byteText) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*[]byte)(b)) != nil {
		return errors.New("expected base64")
	}
	return nil
}
