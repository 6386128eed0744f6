package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"
)

const (
	// sealVersion is the first byte of sealed data.
	sealVersion = 1

	// sealHeader is the length of version and key ID.
	sealHeader = 1 + len(keyID{})

	// sivSize is the length of the part of a name that authenticates it.
	sivSize = aes.BlockSize
)

// keyID tells which key has sealed something, without telling the key.
type keyID [4]byte

// ring holds what is derived from one key, for one purpose each.
type ring struct {
	id      keyID
	siv     *mac         // makes the initial values of names
	conceal cipher.Block // encrypts names
	data    *mac         // makes the keys of records
}

func newRing(key Key) (*ring, error) {
	if key.secret == nil {
		return nil, errors.New("it is empty")
	}
	derived := map[string][]byte{"id": nil, "name mac": nil, "name encryption": nil, "data": nil}
	for purpose := range derived {
		out, err := hkdf.Key(sha256.New, key.secret[:], nil, "irmaserver store "+purpose, keySize)
		if err != nil {
			return nil, fmt.Errorf("deriving the %s key: %w", purpose, err)
		}
		derived[purpose] = out
	}
	conceal, err := aes.NewCipher(derived["name encryption"])
	if err != nil {
		return nil, fmt.Errorf("making the cipher of names: %w", err)
	}
	return &ring{
		id:      keyID(derived["id"]),
		siv:     newMAC(derived["name mac"]),
		conceal: conceal,
		data:    newMAC(derived["data"]),
	}, nil
}

// mac computes HMACs under one key. It keeps what it has made of the key, which
// would take longer than the rest.
type mac struct{ pool sync.Pool }

func newMAC(key []byte) *mac {
	return &mac{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (m *mac) sum(text string) []byte {
	h := m.pool.Get().(hash.Hash)
	defer m.pool.Put(h)
	h.Reset()
	h.Write([]byte(text))
	return h.Sum(nil)
}

// name returns what the inner store knows a key as.
func (r *ring) name(key string) string {
	out := make([]byte, sivSize+len(key))
	copy(out, r.siv.sum(key)[:sivSize])
	cipher.NewCTR(r.conceal, out[:sivSize]).XORKeyStream(out[sivSize:], []byte(key))
	return base64.RawURLEncoding.EncodeToString(out)
}

// keyOf returns the key with this name. It reports false if the name was made
// with another ring, or by somebody else.
func (r *ring) keyOf(name string) (string, bool) {
	in, err := base64.RawURLEncoding.Strict().DecodeString(name)
	if err != nil || len(in) < sivSize {
		return "", false
	}
	siv, key := in[:sivSize], in[sivSize:]
	cipher.NewCTR(r.conceal, siv).XORKeyStream(key, key)
	if subtle.ConstantTimeCompare(r.siv.sum(string(key))[:sivSize], siv) != 1 {
		return "", false
	}
	return string(key), true
}

// aead returns the cipher of the record with this name.
func (r *ring) aead(name string) cipher.AEAD {
	block, err := aes.NewCipher(r.data.sum(name))
	if err != nil {
		panic(err) // the key has the right length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the right block size
	}
	return aead
}

// seal returns the sealed form of the data of a revision: version, key ID, nonce,
// ciphertext and tag, 33 bytes more than the data.
func (r *ring) seal(name string, revision uint64, data []byte) []byte {
	aead := r.aead(name)
	out := make([]byte, 0, sealHeader+len(data)+aead.Overhead())
	out = append(out, sealVersion)
	out = append(out, r.id[:]...)
	return aead.Seal(out, nil, data, bound(out, name, revision))
}

// open returns the data that were sealed with this ring.
func (r *ring) open(name string, revision uint64, sealed []byte) ([]byte, error) {
	data, err := r.aead(name).Open(nil, nil, sealed[sealHeader:], bound(sealed[:sealHeader], name, revision))
	if err != nil {
		return nil, ErrDamaged
	}
	return data, nil
}

// bound returns what data are bound to. Only the name varies in length.
func bound(header []byte, name string, revision uint64) []byte {
	out := make([]byte, 0, len(header)+8+len(name))
	out = append(out, header...)
	out = binary.BigEndian.AppendUint64(out, revision)
	return append(out, name...)
}

// open opens sealed data with the ring that has sealed them.
func (s *Store) open(name string, revision uint64, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHeader || sealed[0] != sealVersion {
		return nil, ErrDamaged
	}
	for _, r := range s.rings {
		if r.id == keyID(sealed[1:sealHeader]) {
			return r.open(name, revision, sealed)
		}
	}
	return nil, ErrKey
}

// keyOf returns the key with this name, or ErrKey.
func (s *Store) keyOf(name string) (string, error) {
	for _, r := range s.rings {
		if key, ok := r.keyOf(name); ok {
			return key, nil
		}
	}
	return "", ErrKey
}
