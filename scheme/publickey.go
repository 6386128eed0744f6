package scheme

import (
	"encoding/xml"
	"errors"
	"fmt"
	"time"

	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// publicKeyXML is a file in a PublicKeys folder (spec 10 §7.1).
type publicKeyXML struct {
	XMLName    xml.Name `xml:"http://www.zurich.ibm.com/security/idemix IssuerPublicKey"`
	Counter    uint     `xml:"Counter"`
	ExpiryDate int64    `xml:"ExpiryDate"`
	N          string   `xml:"Elements>n"`
	Z          string   `xml:"Elements>Z"`
	S          string   `xml:"Elements>S"`
	G          string   `xml:"Elements>G"`
	H          string   `xml:"Elements>H"`
	Bases      struct {
		Num      int      `xml:"num,attr"`
		Elements []string `xml:",any"`
	} `xml:"Elements>Bases"`
	ECDSA string `xml:"ECDSA"`
}

// parsePublicKey reads a public key and checks everything gabi takes for
// granted about one, because gabi panics on keys that are not sane.
func parsePublicKey(file []byte) (*gabikeys.PublicKey, error) {
	raw, err := unmarshal[publicKeyXML](file)
	if err != nil {
		return nil, err
	}
	n, err := parseModulus(raw.N)
	if err != nil {
		return nil, err
	}
	group := &elements{n: n, product: big.NewInt(1)}
	z, s := group.parse("Z", raw.Z), group.parse("S", raw.S)
	g, h := group.optional("G", raw.G), group.optional("H", raw.H)
	bases := group.bases(raw.Bases.Num, raw.Bases.Elements)
	if err := group.check(); err != nil {
		return nil, err
	}
	return gabikeys.NewPublicKey(n, z, s, g, h, bases, raw.ECDSA, raw.Counter, time.Unix(raw.ExpiryDate, 0))
}

func parseModulus(text string) (*big.Int, error) {
	n, err := parseNumber("n", text)
	if err != nil {
		return nil, err
	}
	if err := checkKeyLength(n); err != nil {
		return nil, err
	}
	if n.Bit(0) == 0 {
		return nil, errors.New("n is even")
	}
	return n, nil
}

// elements parses members of the group modulo n. It keeps the first error and
// the product of all elements: they are all invertible if their product is,
// which takes one gcd to find out.
type elements struct {
	n, product *big.Int
	err        error
}

func (e *elements) parse(name, text string) *big.Int {
	if e.err != nil {
		return nil
	}
	x, err := parseNumber(name, text)
	if err != nil {
		e.err = err
		return nil
	}
	if x.Sign() <= 0 || x.Cmp(e.n) >= 0 {
		e.err = fmt.Errorf("%s is not between 0 and n", name)
		return nil
	}
	e.product.Mod(e.product.Mul(e.product, x), e.n)
	return x
}

func (e *elements) optional(name, text string) *big.Int {
	if text == "" {
		return nil
	}
	return e.parse(name, text)
}

// minBases is what the secret key and the metadata need.
const minBases = 2

func (e *elements) bases(num int, texts []string) []*big.Int {
	if e.err == nil && num != len(texts) {
		e.err = fmt.Errorf("num is %d but there are %d bases", num, len(texts))
	}
	if e.err == nil && num < minBases {
		e.err = fmt.Errorf("fewer than %d bases", minBases)
	}
	out := make([]*big.Int, len(texts))
	for i, text := range texts {
		out[i] = e.parse("base", text)
	}
	return out
}

func (e *elements) check() error {
	if e.err != nil {
		return e.err
	}
	if new(big.Int).GCD(nil, nil, e.product, e.n).Cmp(big.NewInt(1)) != 0 {
		return errors.New("an element is not invertible modulo n")
	}
	return nil
}
