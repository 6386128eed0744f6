package scheme

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// issuerKeys holds the keys of one issuer by counter. The maps are complete
// before the Set is handed out; their functions do the work once and remember
// the outcome.
type issuerKeys struct {
	public  map[uint]func() (*gabikeys.PublicKey, error)
	private map[uint]func() (*gabikeys.PrivateKey, error)
	latest  uint // highest counter in private
}

func (k *issuerKeys) publicCounters() []uint {
	return slices.Sorted(maps.Keys(k.public))
}

func (k *issuerKeys) publicKey(id irma.IssuerID, counter uint) (*gabikeys.PublicKey, error) {
	key, ok := k.public[counter]
	if !ok {
		return nil, fmt.Errorf("public key %s-%d: %w", id, counter, ErrKeyNotFound)
	}
	return key()
}

func (k *issuerKeys) privateKey(id irma.IssuerID, counter uint) (*gabikeys.PrivateKey, error) {
	key, ok := k.private[counter]
	if !ok {
		return nil, fmt.Errorf("private key %s-%d: %w", id, counter, ErrKeyNotFound)
	}
	return key()
}

// addPublic registers a public key whose file was verified. The bytes are
// released once the key is parsed.
func (k *issuerKeys) addPublic(id irma.IssuerID, counter uint, file []byte) {
	if k.public == nil {
		k.public = map[uint]func() (*gabikeys.PublicKey, error){}
	}
	k.public[counter] = sync.OnceValues(func() (*gabikeys.PublicKey, error) {
		key, err := parsePublicKey(file)
		if err == nil && key.Counter != counter {
			err = fmt.Errorf("file has counter %d", key.Counter)
		}
		if err != nil {
			return nil, fmt.Errorf("parsing public key %s-%d: %w", id, counter, err)
		}
		key.Issuer = string(id)
		return key, nil
	})
}

// addPrivate registers a parsed private key that is still to be validated.
func (k *issuerKeys) addPrivate(id irma.IssuerID, key *gabikeys.PrivateKey, demo bool) {
	k.add(key.Counter, sync.OnceValues(func() (*gabikeys.PrivateKey, error) {
		public, err := k.publicKey(id, key.Counter)
		if err == nil {
			err = validatePrivateKey(key, public, demo)
		}
		if err != nil {
			return nil, fmt.Errorf("validating private key %s-%d: %w", id, key.Counter, err)
		}
		return key, nil
	}))
}

// addValid registers a private key that was validated.
func (k *issuerKeys) addValid(key *gabikeys.PrivateKey) {
	k.add(key.Counter, func() (*gabikeys.PrivateKey, error) { return key, nil })
}

// add keeps the first key with a counter: sources come in order of precedence.
func (k *issuerKeys) add(counter uint, get func() (*gabikeys.PrivateKey, error)) {
	if k.private == nil {
		k.private = map[uint]func() (*gabikeys.PrivateKey, error){}
	}
	if _, taken := k.private[counter]; taken {
		return
	}
	k.private[counter] = get
	k.latest = max(k.latest, counter)
}

// parseCounter reads the counter in a file name. Only the canonical spelling is
// accepted, so no two names mean the same key.
func parseCounter(text string) (uint, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, false
	}
	return uint(n), true
}

// maxDigits is more than a number below a 4096-bit modulus has.
const maxDigits = 1300

// parseNumber reads the decimal integer in the element of a key file.
func parseNumber(element, text string) (*big.Int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, fmt.Errorf("no %s", element)
	}
	if len(text) > maxDigits {
		return nil, fmt.Errorf("%s has too many digits", element)
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return nil, fmt.Errorf("%s is not a decimal number", element)
		}
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, fmt.Errorf("%s is not a decimal number", element)
	}
	return n, nil
}

var errKeyLength = errors.New("key length is not 1024, 2048 or 4096 bits")

func checkKeyLength(n *big.Int) error {
	if _, ok := gabikeys.DefaultSystemParameters[n.BitLen()]; !ok {
		return errKeyLength
	}
	return nil
}
