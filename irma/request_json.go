package irma

import (
	"bytes"
	"encoding/json"
	"errors"
)

// MarshalJSON implements json.Marshaler.
func (r *ExtendedRequest) MarshalJSON() ([]byte, error) {
	o := newObject()
	o.number("validity", int64(r.Validity))
	o.number("timeout", int64(r.Timeout))
	o.optionalText("callbackUrl", r.CallbackURL)
	if r.NextSession != nil {
		o.other("nextSession", r.NextSession)
	}
	o.name("request")
	if r.Request == nil {
		o.null()
	} else {
		o.members(r.Request.write)
	}
	return o.bytes()
}

// MarshalJSON implements json.Marshaler. A signature request always has a
// message, even an empty one.
func (r SessionRequest) MarshalJSON() ([]byte, error) {
	o := newObject()
	r.write(o)
	return o.bytes()
}

// write adds all members.
func (r *SessionRequest) write(o *object) {
	o.text("@context", r.LDContext)
	o.integer("context", r.Context)
	o.integer("nonce", r.Nonce)
	if r.ProtocolVersion != nil {
		o.text("protocolVersion", r.ProtocolVersion.String())
	}
	if len(r.Revocation) > 0 {
		o.other("revocation", r.Revocation)
	}
	o.optionalText("type", string(r.LegacyType))
	o.flag("devMode", r.DevMode)
	o.optionalText("clientReturnUrl", r.ClientReturnURL)
	o.flag("augmentReturnUrl", r.AugmentReturnURL)
	o.optionalText("host", r.Host)
	r.writeDisclose(o)
	signing := r.Action() == Signing
	if !signing {
		o.optionalText("message", r.Message)
	}
	if len(r.Credentials) > 0 {
		o.name("credentials")
		list(o, r.Credentials, writeCredential)
	}
	if signing {
		o.text("message", r.Message)
	}
}

// writeDisclose adds the members about what is to be disclosed.
func (r *SessionRequest) writeDisclose(o *object) {
	if len(r.Disclose) > 0 {
		o.name("disclose")
		r.Disclose.write(o)
	}
	if len(r.Labels) > 0 {
		o.other("labels", r.Labels)
	}
	if len(r.SkipExpiryCheck) > 0 {
		o.other("skipExpiryCheck", r.SkipExpiryCheck)
	}
}

func (c ConDisCon) write(o *object) {
	list(o, c, func(o *object, discon *DisCon) {
		list(o, *discon, func(o *object, con *Con) { list(o, *con, writeAttribute) })
	})
}

func writeAttribute(o *object, r *AttributeRequest) {
	if r.Value == nil && !r.NotNull {
		o.string(string(r.Type))
		return
	}
	o.members(func(o *object) {
		o.text("type", string(r.Type))
		if r.Value != nil {
			o.text("value", *r.Value)
		}
		o.flag("notNull", r.NotNull)
	})
}

func writeCredential(o *object, cred *CredentialRequest) {
	o.members(func(o *object) {
		o.number("validity", int64(cred.Validity))
		o.count("keyCounter", cred.KeyCounter)
		o.text("credential", string(cred.CredentialTypeID))
		o.texts("attributes", cred.Attributes)
		o.optionalText("revocationKey", cred.RevocationKey)
		o.flag("revocationSupported", cred.RevocationSupported)
		if len(cred.RandomblindIDs) > 0 {
			o.other("randomblindIDs", cred.RandomblindIDs)
		}
		o.count("sdJwtBatchSize", cred.SDJWTBatchSize)
	})
}

// attributeObject is the object form of an AttributeRequest.
type attributeObject AttributeRequest

// MarshalJSON implements json.Marshaler.
func (r AttributeRequest) MarshalJSON() ([]byte, error) {
	var o object
	writeAttribute(&o, &r)
	return o.out, o.err
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
