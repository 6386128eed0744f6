package requestor

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/irmad/irmaserver/irma"
)

// decodeResult reads a result in any of its forms.
func decodeResult(data []byte) (*irma.SessionResult, error) {
	type plain irma.SessionResult
	in, err := decode[struct {
		plain
		Disclosed []disjunction `json:"disclosed"`
	}](data)
	if err != nil {
		return nil, fmt.Errorf("session result: %w", err)
	}
	if position(in.Status) == 0 {
		return nil, fmt.Errorf("session result: unknown status %.40q", in.Status)
	}
	out := irma.SessionResult(in.plain)
	for _, attributes := range in.Disclosed {
		out.Disclosed = append(out.Disclosed, attributes)
	}
	return &out, nil
}

// disjunction is what was disclosed for one disjunction: a list, or in the flat
// form of results a single attribute.
type disjunction []*irma.DisclosedAttribute

// UnmarshalJSON implements json.Unmarshaler. Null, which stands for a disjunction
// that was not satisfied, gives nil.
func (d *disjunction) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, (*[]*irma.DisclosedAttribute)(d))
	}
	attribute := new(irma.DisclosedAttribute)
	*d = disjunction{attribute}
	return json.Unmarshal(data, attribute)
}
