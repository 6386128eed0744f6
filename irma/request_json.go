package irma

import (
	"bytes"
	"encoding/json"
	"errors"
)

// MarshalJSON implements json.Marshaler. A signature request always has a
// message, even an empty one.
func (r SessionRequest) MarshalJSON() ([]byte, error) {
	type plain SessionRequest
	if r.Action() != Signing {
		return json.Marshal(plain(r))
	}
	return json.Marshal(struct {
		plain
		Message string `json:"message"`
	}{plain(r), r.Message})
}

// attributeObject is the object form of an AttributeRequest.
type attributeObject AttributeRequest

// MarshalJSON implements json.Marshaler.
func (r AttributeRequest) MarshalJSON() ([]byte, error) {
	if r.Value == nil && !r.NotNull {
		return json.Marshal(string(r.Type))
	}
	return json.Marshal(attributeObject(r))
}

var errAttributeRequest = errors.New("expected an attribute identifier or an object with type and value")

// UnmarshalJSON implements json.Unmarshaler. Null gives the zero value.
func (r *AttributeRequest) UnmarshalJSON(data []byte) error {
	*r = AttributeRequest{}
	switch data = bytes.TrimSpace(data); {
	case len(data) == 0:
		return errAttributeRequest
	case data[0] == '"':
		return r.unmarshalString(data)
	case data[0] == '{':
		return json.Unmarshal(data, (*attributeObject)(r))
	case string(data) == "null":
		return nil
	}
	return errAttributeRequest
}

// unmarshalString spares a decoder for identifiers, which have no escapes.
func (r *AttributeRequest) unmarshalString(data []byte) error {
	inner := data[1:max(1, len(data)-1)]
	for _, c := range inner {
		if c < ' ' || c > '~' || c == '\\' || c == '"' {
			return json.Unmarshal(data, (*string)(&r.Type))
		}
	}
	if data[len(data)-1] != '"' || len(data) < 2 {
		return errAttributeRequest
	}
	r.Type = AttributeTypeID(inner)
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *RevocationRequests) UnmarshalJSON(data []byte) error {
	*r = nil
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '[' {
		return json.Unmarshal(data, (*map[CredentialTypeID]RevocationRequest)(r))
	}
	var types []CredentialTypeID
	if err := json.Unmarshal(data, &types); err != nil {
		return err
	}
	*r = make(RevocationRequests, len(types))
	for _, typ := range types {
		(*r)[typ] = RevocationRequest{}
	}
	return nil
}
