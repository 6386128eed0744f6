package issuerkey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	gabi "github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// Defaults of Config.
const (
	DefaultBits       = 2048
	DefaultAttributes = 10
)

// maxAttributes is more than any credential has, and keeps a key below the size at
// which schemes are refused.
const maxAttributes = 1000

// Config says what key to make. Only Expiry is required.
type Config struct {
	// Bits is the length of the modulus: 1024, 2048 or 4096. Zero means
	// DefaultBits. Keys of 1024 bits are for tests; they can be broken.
	Bits int

	// Attributes is the highest number of attributes of a credential that can be
	// signed. Zero means DefaultAttributes. It cannot be raised later, other than by
	// a new key.
	Attributes int

	// Counter tells the keys of an issuer apart.
	Counter uint

	// Expiry is the moment from which the key may not be used to issue.
	Expiry time.Time

	// Progress is called during the search for primes, often and by one goroutine at
	// a time, and must return quickly. Nil means nobody is told.
	Progress func(Progress)
}

func (c *Config) complete() error {
	if c.Bits == 0 {
		c.Bits = DefaultBits
	}
	if c.Attributes == 0 {
		c.Attributes = DefaultAttributes
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	switch _, ok := gabikeys.DefaultSystemParameters[c.Bits]; {
	case !ok:
		return fmt.Errorf("keys have 1024, 2048 or 4096 bits, not %d", c.Bits)
	case c.Attributes < 0 || c.Attributes > maxAttributes:
		return fmt.Errorf("number of attributes %d is not between 1 and %d", c.Attributes, maxAttributes)
	case c.Counter > maxCounter:
		return fmt.Errorf("counter %d is higher than %d", c.Counter, maxCounter)
	case c.Expiry.IsZero():
		return errors.New("no expiry date")
	}
	return nil
}

// maxCounter is the highest counter that fits in the metadata of a credential.
const maxCounter = 1<<16 - 1

// otherBases are for the secret key and the metadata.
const otherBases = 2

// Pair is a key pair of an issuer.
type Pair struct {
	Public  *gabikeys.PublicKey
	Private *gabikeys.PrivateKey
}

// Generate makes a key pair that supports revocation. It uses all processors, for
// seconds to minutes, until ctx ends. The pair was checked, see [Pair.Check].
func Generate(ctx context.Context, cfg Config) (*Pair, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("making an issuer key: %w", err)
	}
	p, q, err := safePrimes(ctx, cfg.Bits/2, cfg.Progress)
	if err != nil {
		return nil, fmt.Errorf("making an issuer key: %w", err)
	}
	pair, err := assemble(p, q, &cfg)
	if err == nil {
		err = pair.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("making an issuer key: %w", err)
	}
	return pair, nil
}

// assemble makes the key of its primes: a random generator S of the squares modulo
// n, and random powers of that for all other bases (spec 13 §4, 10 §7.1).
func assemble(p, q *big.Int, cfg *Config) (*Pair, error) {
	n := new(big.Int).Mul(p, q)
	order := new(big.Int).Mul(new(big.Int).Rsh(p, 1), new(big.Int).Rsh(q, 1))
	s, err := generator(n)
	if err != nil {
		return nil, err
	}
	powers := make([]*gabi.Int, 1+otherBases+cfg.Attributes) // Z and the bases
	for i := range powers {
		x, err := exponent(order)
		if err != nil {
			return nil, err
		}
		powers[i] = gabi.Convert(x.Exp(s, x, n))
	}
	private, err := gabikeys.NewPrivateKey(gabi.Convert(p), gabi.Convert(q), "", cfg.Counter, cfg.Expiry)
	if err != nil {
		return nil, err
	}
	public, err := gabikeys.NewPublicKey(gabi.Convert(n), powers[0], gabi.Convert(s), nil, nil, powers[1:], "", cfg.Counter, cfg.Expiry)
	if err != nil {
		return nil, err
	}
	public.EpochLength = gabikeys.DefaultEpochLength
	return &Pair{Public: public, Private: private}, gabikeys.GenerateRevocationKeypair(private, public)
}

var one = big.NewInt(1)

// generator returns a random square that generates all squares modulo n, a product
// of two safe primes: one that is 1 modulo neither.
func generator(n *big.Int) (*big.Int, error) {
	for {
		x, err := rand.Int(rand.Reader, n)
		if err != nil {
			return nil, err
		}
		x.Mod(x.Mul(x, x), n)
		if generates(x, n) {
			return x, nil
		}
	}
}

func generates(x, n *big.Int) bool {
	unit := new(big.Int).GCD(nil, nil, x, n).Cmp(one) == 0
	less := new(big.Int).Sub(x, one)
	return unit && less.Sign() > 0 && less.GCD(nil, nil, less, n).Cmp(one) == 0
}

// exponent returns a random number from 2 to order-1 that has no factor in common
// with it, so that powers of generators are generators.
func exponent(order *big.Int) (*big.Int, error) {
	for {
		x, err := rand.Int(rand.Reader, order)
		if err != nil {
			return nil, err
		}
		if x.Cmp(one) > 0 && new(big.Int).GCD(nil, nil, x, order).Cmp(one) == 0 {
			return x, nil
		}
	}
}
