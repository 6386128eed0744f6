package irma

import (
	"maps"
	"slices"
	"strings"
)

// Legacy reports whether the request came in the form without @context, whose
// senders expect the flat form of the result.
func (r *SessionRequest) Legacy() bool { return r.LegacyType != "" }

// PairingHint reports whether frontends should pair before the wallet goes on:
// when another session follows, when the user signs or receives something, or
// when a particular attribute value is asked for.
func (r *ExtendedRequest) PairingHint() bool {
	if r.NextSession != nil && r.NextSession.URL != "" {
		return true
	}
	if action := r.Request.Action(); action == Signing || action == Issuing {
		return true
	}
	for attr := range r.Request.Disclose.Attributes {
		if attr.Value != nil {
			return true
		}
	}
	return false
}

// Clone returns a copy that shares nothing with r.
func (r *SessionRequest) Clone() *SessionRequest {
	if r == nil {
		return nil
	}
	out := *r
	out.Context, out.Nonce = r.Context.clone(), r.Nonce.clone()
	if r.ProtocolVersion != nil {
		version := *r.ProtocolVersion
		out.ProtocolVersion = &version
	}
	out.Revocation = r.Revocation.clone()
	out.Disclose = r.Disclose.clone()
	out.Labels = maps.Clone(r.Labels)
	for i, label := range out.Labels {
		out.Labels[i] = maps.Clone(label)
	}
	out.SkipExpiryCheck = slices.Clone(r.SkipExpiryCheck)
	out.Credentials = slices.Clone(r.Credentials)
	for i := range out.Credentials {
		cred := &out.Credentials[i]
		cred.Attributes = maps.Clone(cred.Attributes)
		cred.RandomblindIDs = slices.Clone(cred.RandomblindIDs)
	}
	return &out
}

func (c ConDisCon) clone() ConDisCon {
	out := slices.Clone(c)
	for i := range out {
		out[i] = slices.Clone(out[i])
		for j := range out[i] {
			con := slices.Clone(out[i][j])
			for k := range con {
				if value := con[k].Value; value != nil {
					con[k].Value = new(*value)
				}
			}
			out[i][j] = con
		}
	}
	return out
}

func (r RevocationRequests) clone() RevocationRequests {
	out := maps.Clone(r)
	for typ, demand := range out {
		demand.Updates = maps.Clone(demand.Updates)
		for counter, update := range demand.Updates {
			demand.Updates[counter] = update.clone()
		}
		out[typ] = demand
	}
	return out
}

func (u *RevocationUpdate) clone() *RevocationUpdate {
	if u == nil {
		return nil
	}
	out := *u
	if u.Accumulator != nil {
		out.Accumulator = &SignedAccumulator{Data: slices.Clone(u.Accumulator.Data), PKCounter: u.Accumulator.PKCounter}
	}
	if u.Events != nil {
		events := RevocationEvents{Index: u.Events.Index, ParentHash: slices.Clone(u.Events.ParentHash)}
		for _, prime := range u.Events.Primes {
			events.Primes = append(events.Primes, prime.clone())
		}
		out.Events = &events
	}
	return &out
}

// Redacted returns a copy for logs. It has no values of attributes, neither
// required nor to be issued, no revocation keys and no message to be signed,
// and its URLs end before the query, which may hold a token.
func (r *ExtendedRequest) Redacted() *ExtendedRequest {
	out := *r
	out.UnknownKeys = slices.Clone(r.UnknownKeys)
	out.CallbackURL = withoutQuery(r.CallbackURL)
	if r.NextSession != nil {
		out.NextSession = &NextSession{URL: withoutQuery(r.NextSession.URL)}
	}
	if r.Request == nil {
		return &out
	}
	req := r.Request.Clone()
	req.ClientReturnURL, req.Message = withoutQuery(req.ClientReturnURL), ""
	for _, discon := range req.Disclose {
		for _, con := range discon {
			for i := range con {
				con[i].Value = nil
			}
		}
	}
	for i := range req.Credentials {
		req.Credentials[i].Attributes, req.Credentials[i].RevocationKey = nil, ""
	}
	out.Request = req
	return &out
}

func withoutQuery(url string) string {
	if end := strings.IndexAny(url, "?#"); end >= 0 {
		return url[:end]
	}
	return url
}
