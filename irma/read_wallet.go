package irma

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// walletReader reads wallet messages that have their shape, so it need not look
// for what is wrong with them. Wallets post a message per session, mostly long
// numbers; encoding/json would look at each of their bytes five times. What is
// read is what encoding/json reads: null is the zero value, and members that
// are unknown or occur again have been hidden (see shape.Result).
type walletReader struct {
	*shape.Scanner
	problem error // the first
}

// record calls read with the name of each member of an object, as the shape spells
// it. Unknown ones are skipped.
func (r *walletReader) record(of *shape.Shape, read func(name string)) {
	if r.null() {
		return
	}
	r.Members(func(key string) bool {
		if name := of.FieldName(key); name != "" {
			read(name)
		} else {
			r.Skip()
		}
		return true
	})
}

// null moves past the next value if that is null.
func (r *walletReader) null() bool {
	if r.Kind() != shape.Null {
		return false
	}
	r.Skip()
	return true
}

func (r *walletReader) text() string {
	if r.null() {
		return ""
	}
	return r.Text()
}

func (r *walletReader) number() int {
	n, _ := strconv.Atoi(string(r.Skip())) // null is 0
	return n
}

func (r *walletReader) int() *Int {
	if r.null() {
		return nil
	}
	out := new(Int)
	r.fail(out.UnmarshalJSON(r.Skip()))
	return out
}

// ints reads numbers by attribute number.
func (r *walletReader) ints() map[int]*Int {
	if r.null() {
		return nil
	}
	out := make(map[int]*Int)
	r.Members(func(key string) bool {
		attribute, err := strconv.Atoi(key)
		r.fail(err)
		out[attribute] = r.int()
		return true
	})
	return out
}

// rare reads what hardly any message has.
func (r *walletReader) rare(target any) {
	r.fail(json.Unmarshal(r.Skip(), target))
}

func (r *walletReader) fail(err error) {
	if r.problem == nil {
		r.problem = err
	}
}

func (r *walletReader) proofs() ProofList {
	if r.null() {
		return nil
	}
	out := ProofList{}
	r.Elements(func() { out = append(out, r.proof()) })
	return out
}

func (r *walletReader) proof() Proof {
	var d ProofD
	var u ProofU
	r.record(proofShape, func(name string) {
		switch name {
		case "c":
			d.C = r.int()
		case "A":
			d.A = r.int()
		case "e_response":
			d.EResponse = r.int()
		case "v_response":
			d.VResponse = r.int()
		case "a_responses":
			d.AResponses = r.ints()
		case "a_disclosed":
			d.ADisclosed = r.ints()
		case "nonrev_proof":
			r.rare(&d.NonRev)
		case "rangeproofs":
			if text := r.Skip(); string(text) != "null" {
				d.RangeProofs = bytes.Clone(text)
			}
		case "U":
			u.U = r.int()
		case "v_prime_response":
			u.VPrimeResponse = r.int()
		case "s_response":
			u.SResponse = r.int()
		case "m_user_responses":
			u.MUserResponses = r.ints()
		}
	})
	switch {
	case d.A != nil:
		return Proof{D: &d}
	case u.U != nil:
		u.C = d.C
		return Proof{U: &u}
	}
	r.fail(errProofType)
	return Proof{}
}

func (r *walletReader) indices() DisclosedIndices {
	if r.null() {
		return nil
	}
	out := DisclosedIndices{}
	r.Elements(func() { out = append(out, r.pointers()) })
	return out
}

func (r *walletReader) pointers() []*DisclosedIndex {
	if r.null() {
		return nil
	}
	out := []*DisclosedIndex{}
	r.Elements(func() { out = append(out, r.pointer()) })
	return out
}

func (r *walletReader) pointer() *DisclosedIndex {
	if r.null() {
		return nil
	}
	out := new(DisclosedIndex)
	r.record(indexShape, func(name string) {
		switch name {
		case "cred":
			out.Credential = r.number()
		case "attr":
			out.Attribute = r.number()
		}
	})
	return out
}

func (r *walletReader) jwts() map[string]string {
	if r.null() {
		return nil
	}
	out := make(map[string]string)
	r.Members(func(key string) bool {
		out[key] = r.text()
		return true
	})
	return out
}
