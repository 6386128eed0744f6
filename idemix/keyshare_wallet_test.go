package idemix_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/internal/keysharetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// sharedWallet is a wallet whose secret key has a part at a keyshare server in
// each of two schemes, and none in the demo scheme.
type sharedWallet struct {
	*wallet
	servers map[irma.SchemeID]*keysharetest.Server
}

// Schemes of the shared wallet with a keyshare server.
const (
	oneScheme irma.SchemeID = "keyshare-demo"
	twoScheme irma.SchemeID = "keyshare-two"
)

var keyshareFixture struct {
	once   sync.Once
	wallet *sharedWallet
}

// newSharedWallet returns the shared wallet of all tests; it is not changed.
func newSharedWallet(tb testing.TB) *sharedWallet {
	tb.Helper()
	keyshareFixture.once.Do(func() {
		w := &sharedWallet{wallet: newWallet(), servers: map[irma.SchemeID]*keysharetest.Server{
			oneScheme: must(keysharetest.NewServer()), twoScheme: must(keysharetest.NewServer()),
		}}
		sets := []*scheme.Set{demoSet()}
		for id, server := range w.servers {
			sets = append(sets, keyshareSet(tb, string(id), server))
		}
		w.set = must(scheme.Join(sets...))
		keyshareFixture.wallet = w
	})
	return keyshareFixture.wallet
}

// in returns the credential type of the same name in another scheme.
func in(id irma.SchemeID, typ irma.CredentialTypeID) irma.CredentialTypeID {
	return irma.CredentialTypeID(strings.Replace(string(typ), "irmad-demo", string(id), 1))
}

func (w *sharedWallet) offer(id irma.CredentialTypeID, values map[string]string) irma.CredentialRequest {
	_, key := keys(w.set, id)
	return irma.CredentialRequest{
		CredentialTypeID: id, Attributes: values, Validity: irma.NewTimestamp(expiry), KeyCounter: key.Counter,
	}
}

// sharedSession is a session of a shared wallet. Its parts are those of the
// keyshare servers for the proofs of their schemes.
type sharedSession struct {
	wallet    *sharedWallet
	builders  gabi.ProofBuilderList
	issued    []*gabi.CredentialBuilder
	labels    []irma.SchemeID // of the builders
	challenge *big.Int
	parts     map[irma.SchemeID]*gabi.ProofP
}

// begin makes the proofs of these credentials and commits to those in the
// request, together with the keyshare servers.
func (w *sharedWallet) begin(req *irma.SessionRequest, shows ...typedShow) *sharedSession {
	s := w.prepare(req, shows...)
	s.respond(nonce, false)
	return s
}

func (w *sharedWallet) prepare(req *irma.SessionRequest, shows ...typedShow) *sharedSession {
	s := &sharedSession{wallet: w, parts: map[irma.SchemeID]*gabi.ProofP{}}
	for _, shown := range shows {
		s.add(shown.typ, must(shown.credential.CreateDisclosureProofBuilder(shown.disclosed, nil, false)))
	}
	for _, cred := range req.Credentials {
		_, key := keys(w.set, cred.CredentialTypeID)
		var p *big.Int
		if server := w.servers[cred.CredentialTypeID.Scheme()]; server != nil {
			p = must(server.Commit(key)).Commitment(0).P
		}
		typ := w.set.CredentialType(cred.CredentialTypeID)
		builder := must(gabi.NewCredentialBuilder(key, context, w.secret, nonce2, p, blind(typ)))
		s.issued = append(s.issued, builder)
		s.add(cred.CredentialTypeID, builder)
	}
	return s
}

func (s *sharedSession) add(typ irma.CredentialTypeID, builder gabi.ProofBuilder) {
	s.builders = append(s.builders, builder)
	s.labels = append(s.labels, typ.Scheme())
}

// respond has the keyshare servers take part in the challenge. The P of their
// response is that of the first credential to be issued.
func (s *sharedSession) respond(nonce *big.Int, issig bool) {
	parts := map[irma.SchemeID]*keysharetest.Part{}
	under := map[irma.SchemeID][]*gabikeys.PublicKey{}
	for id, server := range s.wallet.servers {
		of := s.of(id)
		for _, builder := range of {
			under[id] = append(under[id], builder.PublicKey())
		}
		if len(of) == 0 {
			continue
		}
		parts[id] = must(server.Commit(under[id]...))
		for i, builder := range of {
			builder.SetProofPCommitment(parts[id].Commitment(i))
		}
	}
	s.challenge = must(s.builders.Challenge(context, nonce, issig))
	for id, part := range parts {
		s.parts[id] = part.Respond(s.challenge, under[id][len(under[id])-1])
	}
}

func (s *sharedSession) of(id irma.SchemeID) gabi.ProofBuilderList {
	var out gabi.ProofBuilderList
	for i, builder := range s.builders {
		if s.labels[i] == id {
			out = append(out, builder)
		}
	}
	return out
}

// separate returns the proofs with the wallet's part only, as wallets send them
// in issuance.
func (s *sharedSession) separate() gabi.ProofList {
	list := must(s.builders.BuildDistributedProofList(s.challenge, nil))
	for i, builder := range s.issued {
		list[len(list)-len(s.issued)+i].(*gabi.ProofU).RemoveKeyshareP(builder)
	}
	return list
}

// merged returns complete proofs, as wallets send them in other sessions.
func (s *sharedSession) merged() gabi.ProofList {
	var parts []*gabi.ProofP
	for _, id := range s.labels {
		parts = append(parts, s.parts[id])
	}
	return must(s.builders.BuildDistributedProofList(s.challenge, parts))
}

// message is the wallet's answer in issuance.
func (s *sharedSession) message(indices ...[]*irma.DisclosedIndex) *irma.IssueCommitment {
	m := &irma.IssueCommitment{
		Nonce2: irmaInt(nonce2), Proofs: wireProofs(s.separate()), Indices: indices, ProofPJWTs: map[string]string{},
	}
	for id, part := range s.parts {
		m.ProofPJWTs[string(id)] = must(s.wallet.servers[id].State(part, now))
	}
	return m
}

// typedShow is a credential of which these indices are disclosed.
type typedShow struct {
	typ        irma.CredentialTypeID
	credential *gabi.Credential
	disclosed  []int
}

// receive has the issuer sign what was offered, which the wallet checks.
func (w *sharedWallet) receive(tb testing.TB, offers ...irma.CredentialRequest) []*gabi.Credential {
	tb.Helper()
	req := issuance(offers...)
	s := w.begin(req)
	return s.obtained(tb, req, s.message())
}

func (s *sharedSession) obtained(tb testing.TB, req *irma.SessionRequest, m *irma.IssueCommitment) []*gabi.Credential {
	tb.Helper()
	set := s.wallet.set
	got, proven, err := new(idemix.Engine).ProveIssuance(set, req, m, now)
	if err != nil || got.Status != irma.ProofValid {
		tb.Fatalf("verdict %+v, error %v", got, err)
	}
	var out []*gabi.Credential
	for i, signature := range must(proven.Issue(now)) {
		cred := req.Credentials[i]
		metadata := must(irma.NewMetadata(cred.CredentialTypeID, cred.KeyCounter, now, expiry))
		values := encode(set.CredentialType(cred.CredentialTypeID), metadata.Int(), cred.Attributes)
		made, err := s.issued[i].ConstructCredential(wire[gabi.IssueSignatureMessage](signature), values)
		if err != nil {
			tb.Fatalf("credential %d: %v", i, err)
		}
		out = append(out, made)
	}
	return out
}

// proof is the commitment of a session that issues one credential.
func (s *sharedSession) proof() *gabi.ProofU { return s.separate()[0].(*gabi.ProofU) }

// statement is what a keyshare server with our key would have signed.
func (w *sharedWallet) statement(part *gabi.ProofP) map[string]string {
	return map[string]string{string(oneScheme): must(w.servers[oneScheme].State(part, now))}
}
