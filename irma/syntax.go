package irma

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// checkSyntax returns the decoder's message on text that is not JSON, with
// the place if the text has several lines.
func checkSyntax(data []byte) error {
	if shape.Valid(data) {
		return nil
	}
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return errors.New("not valid JSON")
	}
	before := data[:min(max(int(syntax.Offset)-1, 0), len(data))]
	line := 1 + bytes.Count(before, []byte{'\n'})
	if len(bytes.TrimSpace(data)) == 0 {
		return fmt.Errorf("%w: there is nothing, where JSON should be", syntax)
	}
	if line == 1 {
		return syntax
	}
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("%w (line %d, column %d)", syntax, line, column)
}
