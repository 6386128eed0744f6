package idemix

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi/gabikeys"
)

// keyDigest identifies the numbers in a public key that tables are made of.
type keyDigest [sha256.Size]byte

func digestKey(key *gabikeys.PublicKey) keyDigest {
	sum := sha256.New()
	addNumber(sum, key.N.Go())
	addNumber(sum, key.Z.Go())
	addNumber(sum, key.S.Go())
	for _, r := range key.R {
		addNumber(sum, r.Go())
	}
	return keyDigest(sum.Sum(nil))
}

func addNumber(sum hash.Hash, x *big.Int) {
	data := x.Bytes()
	_ = binary.Write(sum, binary.BigEndian, uint32(len(data))) // a hash takes all
	_, _ = sum.Write(data)
}

// retain drops the keys that are in none of the sets. The sets parse their keys
// outside the lock.
func (c *tableCache) retain(sets []*scheme.Set) {
	for _, k := range c.all() {
		if !inUse(k, sets) {
			c.forget(k)
		}
	}
}

func (c *tableCache) all() []*keyTables {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*keyTables, 0, len(c.same))
	for _, element := range c.same {
		out = append(out, element.Value.(*keyTables))
	}
	return out
}

// inUse reports whether one of the sets has the key.
func inUse(k *keyTables, sets []*scheme.Set) bool {
	for _, set := range sets {
		key, err := set.PublicKey(irma.IssuerID(k.key.Issuer), k.key.Counter)
		if err == nil && (key == k.key || digestKey(key) == k.digest) {
			return true
		}
	}
	return false
}

// forget drops a key, unless that has happened already.
func (c *tableCache) forget(k *keyTables) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.same[k.digest]; ok && element.Value == k {
		c.drop(element)
	}
}
