package wallet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/big"
)

// fileVersion numbers the format of saved wallets.
const fileVersion = 1

// file is a saved wallet.
type file struct {
	Version     int                `json:"version"`
	SecretKey   *irma.Int          `json:"secretKey"`
	Credentials []storedCredential `json:"credentials"`
}

// storedCredential is a saved credential. Its type and key follow from the
// metadata attribute.
type storedCredential struct {
	Signature  irma.CLSignature `json:"signature"`
	Attributes []*irma.Int      `json:"attributes"` // from the metadata attribute on
}

// Save writes the secret key and the credentials as JSON. Whoever reads that
// can act as this wallet.
func (w *Wallet) Save(to io.Writer) error {
	secret, held := w.holdings()
	out := file{Version: fileVersion, SecretKey: irmaInt(secret), Credentials: []storedCredential{}}
	for _, cred := range held {
		out.Credentials = append(out.Credentials, cred.stored())
	}
	if err := json.NewEncoder(to).Encode(out); err != nil {
		return fmt.Errorf("saving wallet: %w", err)
	}
	return nil
}

func (c *credential) stored() storedCredential {
	out := storedCredential{Signature: irma.CLSignature{
		A: irmaInt(c.signature.A),
		E: irmaInt(c.signature.E),
		V: irmaInt(c.signature.V),
	}}
	for _, attr := range c.attributes {
		out.Attributes = append(out.Attributes, irmaInt(attr))
	}
	return out
}

// Load replaces the secret key and the credentials by those that Save wrote. It
// verifies every credential; after an error the wallet is as it was. Issuance
// sessions that run during Load fail.
func (w *Wallet) Load(from io.Reader) error {
	data, err := io.ReadAll(from)
	if err != nil {
		return fmt.Errorf("loading wallet: %w", err)
	}
	secret, creds, err := w.parse(data)
	if err != nil {
		return fmt.Errorf("loading wallet: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secret, w.credentials = secret, creds
	return nil
}

func (w *Wallet) parse(data []byte) (*big.Int, []*credential, error) {
	var in file
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, nil, err
	}
	if in.Version != fileVersion {
		return nil, nil, fmt.Errorf("unknown version %d", in.Version)
	}
	if in.SecretKey == nil || in.SecretKey.Big().Sign() == 0 || in.SecretKey.Big().BitLen() > 255 {
		return nil, nil, errors.New("no usable secret key")
	}
	secret := gabiInt(in.SecretKey)
	var creds []*credential
	for i, stored := range in.Credentials {
		cred, err := w.restore(secret, stored)
		if err != nil {
			return nil, nil, fmt.Errorf("credential %d: %w", i+1, err)
		}
		creds = append(creds, cred)
	}
	return secret, creds, nil
}

// restore makes a credential of its saved form.
func (w *Wallet) restore(secret *big.Int, stored storedCredential) (*credential, error) {
	if len(stored.Attributes) == 0 || stored.Attributes[0] == nil {
		return nil, errors.New("no metadata attribute")
	}
	metadata, err := irma.ParseMetadata(stored.Attributes[0])
	if err != nil {
		return nil, err
	}
	key, err := w.lookup(w.schemes.CredentialTypeByHash(metadata.TypeHash), uint(metadata.KeyCounter))
	if err != nil {
		return nil, err
	}
	signature, err := key.clSignature(stored.Signature)
	if err != nil {
		return nil, err
	}
	if signature.KeyshareP, err = w.keyshareP(key.typ.ID.Scheme(), key.pk); err != nil {
		return nil, err
	}
	attributes, err := key.restoreAttributes(stored.Attributes)
	if err != nil {
		return nil, err
	}
	cred := &credential{issuerKey: *key, signature: signature, attributes: attributes, metadata: metadata}
	if !signature.Verify(key.pk, cred.idemix(secret).Attributes) {
		return nil, fmt.Errorf("signature of %s is not correct", key.typ.ID)
	}
	return cred, nil
}

// restoreAttributes appends zeros for the attributes that the credential type
// has got since the credential was issued.
func (k *issuerKey) restoreAttributes(stored []*irma.Int) ([]*big.Int, error) {
	want := firstAttribute - 1 + len(k.typ.Attributes)
	if len(stored) > want {
		return nil, fmt.Errorf("%d attributes where %s has %d", len(stored)-1, k.typ.ID, want-1)
	}
	out := make([]*big.Int, 0, want)
	for _, attr := range stored {
		if attr == nil {
			return nil, errors.New("attribute without value")
		}
		out = append(out, gabiInt(attr))
	}
	for len(out) < want {
		out = append(out, big.NewInt(0))
	}
	return out, nil
}
