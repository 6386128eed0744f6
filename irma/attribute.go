package irma

import "math/big"

// EncodeAttribute returns the integer that stands for an attribute value in a
// credential with metadata version 3: the UTF-8 bytes followed by a one bit
// that says the attribute is present. An absent attribute, nil, is zero.
func EncodeAttribute(value *string) *Int {
	n := new(big.Int)
	if value != nil {
		n.SetBytes([]byte(*value))
		n.Lsh(n, 1)
		n.SetBit(n, 0, 1)
	}
	return (*Int)(n)
}

// DecodeAttribute returns the attribute value in a credential with this
// metadata version, or nil when the attribute is absent. In version 2 an
// attribute is always present. The value need not be valid UTF-8.
func DecodeAttribute(i *Int, version byte) *string {
	if i == nil || i.Big().Sign() < 0 {
		return nil
	}
	n := i.Big()
	if version >= 3 {
		if n.Bit(0) == 0 {
			return nil
		}
		n = new(big.Int).Rsh(n, 1)
	}
	value := string(n.Bytes())
	return &value
}

// DecodeRandomblind returns the text of a randomblind attribute: the integer
// in base 62 with digits 0-9a-zA-Z. Zero gives the empty string.
func DecodeRandomblind(i *Int) string {
	if i == nil || i.Big().Sign() == 0 {
		return ""
	}
	return i.Big().Text(62)
}
