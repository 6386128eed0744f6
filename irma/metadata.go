package irma

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"
)

const (
	secondsPerWeek  = 7 * 24 * 60 * 60
	metadataLength  = 24
	metadataVersion = 3
)

// Metadata is what the metadata attribute of a credential says (spec 11 §3).
type Metadata struct {
	Version       byte      // 2 or 3
	SigningDate   Timestamp // start of the week of issuance, which is a Thursday, in UTC
	ValidityWeeks uint16
	KeyCounter    uint16
	TypeHash      [16]byte // CredentialTypeID.Hash of the credential type
}

// NewMetadata returns metadata of version 3 for a credential of this type,
// signed at this time with the issuer's key of this number. The expiry is
// rounded down to whole weeks after the start of the week of signing; it is an
// error when it lies before that or more than 65535 weeks after it.
func NewMetadata(typ CredentialTypeID, keyCounter uint, signed, expiry time.Time) (Metadata, error) {
	if signed.Unix() < 0 || signed.Unix()/secondsPerWeek > math.MaxUint16 {
		return Metadata{}, errors.New("signing date cannot be expressed in metadata")
	}
	if keyCounter > math.MaxUint16 {
		return Metadata{}, fmt.Errorf("key counter %d does not fit in metadata", keyCounter)
	}
	start := signed.Unix() / secondsPerWeek * secondsPerWeek
	if expiry.Unix() < start {
		return Metadata{}, errors.New("expiry lies before the signing date")
	}
	weeks := (expiry.Unix() - start) / secondsPerWeek
	if weeks > math.MaxUint16 {
		return Metadata{}, fmt.Errorf("validity of %d weeks does not fit in metadata", weeks)
	}
	return Metadata{
		Version:       metadataVersion,
		SigningDate:   Timestamp(start),
		ValidityWeeks: uint16(weeks),
		KeyCounter:    uint16(keyCounter),
		TypeHash:      typ.Hash(),
	}, nil
}

// ParseMetadata reads a metadata attribute. Integers of more than 24 bytes,
// other versions than 2 and 3, and signing dates beyond week 65535 are errors.
func ParseMetadata(i *Int) (Metadata, error) {
	if i == nil || i.Big().Sign() < 0 || i.Big().BitLen() > 8*metadataLength {
		return Metadata{}, errors.New("metadata attribute has the wrong length")
	}
	raw := i.Big().FillBytes(make([]byte, metadataLength))
	if raw[0] != 2 && raw[0] != 3 {
		return Metadata{}, fmt.Errorf("unknown metadata version %d", raw[0])
	}
	if raw[1] != 0 {
		return Metadata{}, errors.New("metadata attribute has an impossible signing date")
	}
	return Metadata{
		Version:       raw[0],
		SigningDate:   Timestamp(binary.BigEndian.Uint16(raw[2:])) * secondsPerWeek,
		ValidityWeeks: binary.BigEndian.Uint16(raw[4:]),
		KeyCounter:    binary.BigEndian.Uint16(raw[6:]),
		TypeHash:      [16]byte(raw[8:]),
	}, nil
}

// Int returns the metadata attribute.
func (m Metadata) Int() *Int {
	var raw [metadataLength]byte
	raw[0] = m.Version
	binary.BigEndian.PutUint16(raw[2:], uint16(m.SigningDate/secondsPerWeek))
	binary.BigEndian.PutUint16(raw[4:], m.ValidityWeeks)
	binary.BigEndian.PutUint16(raw[6:], m.KeyCounter)
	copy(raw[8:], m.TypeHash[:])
	return (*Int)(new(big.Int).SetBytes(raw[:]))
}

// Expiry returns when the credential expires. It is still valid at that very
// second.
func (m Metadata) Expiry() Timestamp {
	return m.SigningDate + Timestamp(m.ValidityWeeks)*secondsPerWeek
}
