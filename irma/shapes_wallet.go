package irma

import (
	"math"
	"strconv"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

// Bounds on what wallets send. A session uses a handful of proofs, and no
// credential type has more than some tens of attributes.
const (
	maxProofs     = 50
	maxAttributes = 200 // of a credential, and the greatest attribute index
	maxIndices    = 500 // disjunctions, and attributes of one disjunction
	maxProofBytes = 4096
	maxSchemes    = 50
	maxKeys       = 10000
)

// The shapes of wallet messages (spec 12 §1.2) and of the frontend's.
var (
	disclosureShape = record("a disclosure object", fields(
		"proofs", proofListShape,
		"indices", indicesShape,
	))
	signedMessageShape = record("a signature object", fields(
		"@context", textShape("a string"),
		"signature", proofListShape,
		"indices", indicesShape,
		"nonce", numberShape,
		"context", numberShape,
		"message", textShape("a string"),
		"timestamp", atumShape,
	))
	issueCommitmentShape = record("an object with n_2 and combinedProofs", fields(
		"n_2", numberShape,
		"combinedProofs", proofListShape,
		"indices", indicesShape,
		"proofPJwts", bounded(mapOf("an object of JWTs by scheme", textShape("a JWT")), maxSchemes),
		"keybinding_pub_keys", bounded(listOf("a list of JWKs", "", nil), maxKeys),
	))
	frontendOptionsShape = record("a frontend options object", fields(
		"@context", textShape("a string"),
		"pairingMethod", textShape("a string"),
	))

	proofListShape = bounded(listOf("a list of proofs", "", proofShape), maxProofs)
	proofShape     = &shape.Shape{
		Want: "a proof object", Kinds: shape.Object, NotNull: true,
		Fields: fields(
			"c", numberShape,
			"A", numberShape,
			"e_response", numberShape,
			"v_response", numberShape,
			"a_responses", numbersShape,
			"a_disclosed", bounded(attributeMap(bigShape), maxAttributes),
			"nonrev_proof", nonRevShape,
			"rangeproofs", nil,
			"U", numberShape,
			"v_prime_response", numberShape,
			"s_response", numberShape,
			"m_user_responses", numbersShape,
		),
	}
	nonRevShape = record("a nonrevocation proof object", fields(
		"C_r", numberShape,
		"C_u", numberShape,
		"responses", bounded(mapOf("an object of integers by name", numberShape), 10),
		"sacc", signedAccumulatorShape,
	))
	signedAccumulatorShape = record("an object with data and pk", fields(
		"data", bytesShape,
		"pk", integerShape("a key number", 0, maxSafeInt),
	))

	indicesShape = bounded(listOf("a list of lists of indices", "",
		bounded(listOf("a list of indices", "", indexShape), maxIndices)), maxIndices)
	indexShape = record("an object with cred and attr", fields(
		"cred", integerShape("a proof number", math.MinInt32, math.MaxInt32),
		"attr", integerShape("an attribute number", math.MinInt32, math.MaxInt32),
	))

	atumShape = record("a timestamp object", fields(
		"Time", integerShape("Unix seconds", math.MinInt64, math.MaxInt64),
		"ServerUrl", textShape("a URL"),
		"Sig", record("an object with Alg, Data and PublicKey", fields(
			"Alg", textShape("a string"),
			"Data", bytesShape,
			"PublicKey", bytesShape,
		)),
	))

	numbersShape = bounded(attributeMap(numberShape), maxAttributes)
	numberShape  = &shape.Shape{Want: bigShape.Want, Kinds: bigShape.Kinds, Check: checkNumber}
	bytesShape   = &shape.Shape{Want: "base64", Kinds: shape.String, Check: decodes[byteText]}
)

func bounded(s *shape.Shape, most int) *shape.Shape {
	s.MaxLen = most
	return s
}

func attributeMap(values *shape.Shape) *shape.Shape {
	out := mapOf("an object of integers by attribute number", values)
	out.Key = attributeKey
	return out
}

// attributeKey accepts one spelling per number: otherwise one message could
// mean different things to different readers.
func attributeKey(key string) string {
	n, err := strconv.Atoi(key)
	if err != nil || n < 0 || n > maxAttributes || strconv.Itoa(n) != key {
		return "expected an attribute number from 0 to " + strconv.Itoa(maxAttributes) + " as key"
	}
	return ""
}

// checkNumber bounds the integers of the protocol, all of which are shorter
// than twice the largest key. Only disclosed attributes may be longer.
func checkNumber(text []byte) string {
	if len(text) > 2*maxProofBytes {
		return "integer too long"
	}
	return checkInt(text)
}
