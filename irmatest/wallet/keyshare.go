package wallet

import (
	"fmt"

	"github.com/irmad/irmaserver/internal/keysharetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// KeyshareServer holds the other part of a wallet's secret key, for a scheme
// with a keyshare server. It is part of the program instead of a server
// elsewhere, asks for no PIN, and serves one user: wallets that share one can
// use each other's credentials. Make one with NewKeyshareServer.
//
// Its part of the secret key is not saved with the wallet. Credentials that were
// saved can be loaded only while the same KeyshareServer exists.
type KeyshareServer struct{ server *keysharetest.Server }

// NewKeyshareServer returns a keyshare server with fresh keys.
func NewKeyshareServer() (*KeyshareServer, error) {
	server, err := keysharetest.NewServer()
	if err != nil {
		return nil, err
	}
	return &KeyshareServer{server}, nil
}

// PublicKey returns the key by which issuers know the keyshare server. It belongs
// in the file kss-0.pem of the scheme.
func (k *KeyshareServer) PublicKey() ([]byte, error) { return k.server.PEM() }

// keyshare returns the keyshare server of a scheme. It is nil if the scheme has
// none.
func (w *Wallet) keyshare(id irma.SchemeID) (*keysharetest.Server, error) {
	s := w.schemes.Scheme(id)
	if s == nil || !s.Distributed() {
		return nil, nil
	}
	server := w.cfg.Keyshares[id]
	if server == nil {
		return nil, fmt.Errorf("%w: scheme %s has a keyshare server, and the wallet has no part of it", ErrUnsupported, id)
	}
	return server.server, nil
}

// keyshareP returns the keyshare server's part of what is signed under a key, or
// nil if the scheme has no such server.
func (w *Wallet) keyshareP(id irma.SchemeID, key *gabikeys.PublicKey) (*big.Int, error) {
	server, err := w.keyshare(id)
	if server == nil || err != nil {
		return nil, err
	}
	part, err := server.Commit(key)
	if err != nil {
		return nil, err
	}
	return part.Commitment(0).P, nil
}

// prover makes the proofs of one session, together with the keyshare servers of
// their schemes.
type prover struct {
	wallet   *Wallet
	builders gabi.ProofBuilderList
	schemes  []irma.SchemeID // of the builders
}

func (p *prover) add(id irma.SchemeID, builder gabi.ProofBuilder) {
	p.builders = append(p.builders, builder)
	p.schemes = append(p.schemes, id)
}

// contribution is what the keyshare server of one scheme does in a session.
type contribution struct {
	server *keysharetest.Server
	part   *keysharetest.Part
	keys   []*gabikeys.PublicKey
}

// joint returns the challenge that all proofs answer, and the responses of the
// keyshare servers to it.
func (p *prover) joint(context, nonce *big.Int, signing bool) (*big.Int, map[irma.SchemeID]*gabi.ProofP, error) {
	contributions, err := p.commit()
	if err != nil {
		return nil, nil, err
	}
	challenge, err := p.builders.Challenge(context, nonce, signing)
	if err != nil {
		return nil, nil, fmt.Errorf("making proofs: %w", err)
	}
	responses := make(map[irma.SchemeID]*gabi.ProofP, len(contributions))
	for id, c := range contributions {
		// Credentials to be issued come last, and issuers need P under their key.
		responses[id] = c.part.Respond(challenge, c.keys[len(c.keys)-1])
	}
	return challenge, responses, nil
}

// commit has every keyshare server commit to its part of the proofs of its
// scheme.
func (p *prover) commit() (map[irma.SchemeID]*contribution, error) {
	out := map[irma.SchemeID]*contribution{}
	for i, id := range p.schemes {
		server, err := p.wallet.keyshare(id)
		if err != nil {
			return nil, err
		}
		if server == nil {
			continue
		}
		if out[id] == nil {
			out[id] = &contribution{server: server}
		}
		out[id].keys = append(out[id].keys, p.builders[i].PublicKey())
	}
	for id, c := range out {
		part, err := c.server.Commit(c.keys...)
		if err != nil {
			return nil, err
		}
		c.part = part
		n := 0
		for i, builder := range p.builders {
			if p.schemes[i] == id {
				builder.SetProofPCommitment(part.Commitment(n))
				n++
			}
		}
	}
	return out, nil
}

// complete returns the proofs of both parts of the secret key.
func (p *prover) complete(context, nonce *big.Int, signing bool) (irma.ProofList, error) {
	challenge, responses, err := p.joint(context, nonce, signing)
	if err != nil {
		return nil, err
	}
	parts := make([]*gabi.ProofP, len(p.schemes))
	for i, id := range p.schemes {
		parts[i] = responses[id]
	}
	proofs, err := p.builders.BuildDistributedProofList(challenge, parts)
	if err != nil {
		return nil, fmt.Errorf("making proofs: %w", err)
	}
	return wireProofs(proofs)
}

// separate returns the proofs of the wallet's part of the secret key, and the
// statements of the keyshare servers about theirs. Issuers join them.
func (p *prover) separate(context, nonce *big.Int) (irma.ProofList, map[string]string, error) {
	challenge, responses, err := p.joint(context, nonce, false)
	if err != nil {
		return nil, nil, err
	}
	proofs, err := p.builders.BuildDistributedProofList(challenge, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("making proofs: %w", err)
	}
	for i, proof := range proofs {
		commitment, isU := proof.(*gabi.ProofU)
		if builder, ok := p.builders[i].(*gabi.CredentialBuilder); ok && isU {
			commitment.RemoveKeyshareP(builder)
		}
	}
	statements, err := p.state(responses)
	if err != nil {
		return nil, nil, err
	}
	list, err := wireProofs(proofs)
	return list, statements, err
}

func (p *prover) state(responses map[irma.SchemeID]*gabi.ProofP) (map[string]string, error) {
	var out map[string]string
	for id, response := range responses {
		token, err := p.wallet.cfg.Keyshares[id].server.State(response, p.wallet.cfg.Now())
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[string]string{}
		}
		out[string(id)] = token
	}
	return out, nil
}
