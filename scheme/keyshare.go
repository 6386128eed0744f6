package scheme

import "github.com/irmad/irmaserver/irma"

// checkKeyshareIssuers checks that there is one issuer at most of every scheme
// with a keyshare server. That server states its part of the secret key under
// one public key, so the proofs for a second one could not be completed (spec 12
// §9.2).
func (s *Set) checkKeyshareIssuers(creds []irma.CredentialRequest) error {
	issuers := map[irma.SchemeID]irma.IssuerID{}
	for _, cred := range creds {
		issuer := cred.CredentialTypeID.Issuer()
		id := issuer.Scheme()
		if known, ok := issuers[id]; ok && known != issuer && s.Scheme(id).Distributed() {
			return irma.ErrInvalidRequest.Withf(
				"cannot issue credentials of %s and %s in one session: scheme %s has a keyshare server", known, issuer, id)
		}
		issuers[id] = issuer
	}
	return nil
}
