package irma

// MarshalJSON implements json.Marshaler.
func (p *SessionPackage) MarshalJSON() ([]byte, error) {
	o := newObject()
	o.name("sessionPtr")
	o.members(func(o *object) {
		o.text("u", p.SessionPtr.URL)
		o.text("irmaqr", string(p.SessionPtr.Action))
	})
	o.text("token", string(p.Token))
	o.name("frontendRequest")
	o.members(func(o *object) {
		o.text("authorization", string(p.FrontendRequest.Authorization))
		o.flag("pairingHint", p.FrontendRequest.PairingHint)
		o.text("minProtocolVersion", p.FrontendRequest.MinProtocolVersion.String())
		o.text("maxProtocolVersion", p.FrontendRequest.MaxProtocolVersion.String())
	})
	return o.bytes()
}

// MarshalJSON implements json.Marshaler.
func (r *ClientSessionRequest) MarshalJSON() ([]byte, error) {
	o := newObject()
	o.text("@context", r.LDContext)
	o.text("protocolVersion", r.ProtocolVersion.String())
	o.name("options")
	o.members(func(o *object) {
		o.text("@context", r.Options.LDContext)
		o.text("pairingMethod", string(r.Options.PairingMethod))
		o.optionalText("pairingCode", r.Options.PairingCode)
	})
	if r.Request != nil {
		o.name("request")
		o.members(r.Request.write)
	}
	return o.bytes()
}
