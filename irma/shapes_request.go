package irma

import (
	"slices"

	"github.com/irmad/irmaserver/irma/internal/shape"
)

const condisconHint = `disclose is a list of lists of lists: [[["a.b.c.d"]]]`

// The shapes of session requests (spec 01 §2.2, §3 to §5).
var (
	bareShape     = byAction(commonFields, discloseFields)
	extendedShape = extended(bareShape)

	attributeRequestShape = &shape.Shape{
		Want: "an attribute identifier or an object with type and value", Hint: condisconHint,
		Kinds:  shape.String | shape.Object,
		Fields: fields("type", textShape("an attribute identifier"), "value", textShape("a string or null"), "notNull", boolShape),
	}
	conShape      = listOf("a list of attributes (conjunction)", condisconHint, attributeRequestShape)
	disconShape   = listOf("a list of conjunctions (disjunction)", condisconHint, conShape)
	discloseShape = listOf("a list of disjunctions", condisconHint, disconShape)

	credentialsShape = listOf("a list of credential requests", "", credentialShape)
	credentialShape  = &shape.Shape{
		Want: "a credential request object", Kinds: shape.Object, NotNull: true,
		Fields: fields(
			"validity", timestampShape,
			"keyCounter", integerShape("a key number", 0, maxSafeInt),
			"credential", textShape("a credential type identifier"),
			"attributes", mapOf("an object of attribute values by attribute name", textShape("a string or null")),
			"revocationKey", textShape("a string"),
			"revocationSupported", boolShape,
			"randomblindIDs", listOf("a list of strings", "", textShape("a string")),
			"sdJwtBatchSize", integerShape("a number of SD-JWTs", 0, maxSafeInt),
		),
	}

	labelsShape = &shape.Shape{
		Want: `an object of translated labels by index in disclose, as {"0": {"en": "..."}}`, Kinds: shape.Object,
		Key: indexKey, Values: translatedShape,
	}
	translatedShape = mapOf(`an object of texts by language, as {"en": "..."}`, textShape("a string"))

	revocationShape = &shape.Shape{
		Want:  "a list of credential type identifiers or an object by credential type identifier",
		Kinds: shape.List | shape.Object,
		Elem:  textShape("a credential type identifier"),
		Values: record("an object with tolerance", fields(
			"tolerance", integerShape("a number of seconds", 0, maxSafeInt),
			"updates", shape.Ignored,
		)),
	}

	nextSessionShape = record("an object with url", fields("url", textShape("a URL")))
)

// commonFields are the members of all session requests. The last is sent by
// existing requestors and means nothing to a server.
var commonFields = fields(
	"@context", textShape("a string"),
	"context", bigShape,
	"nonce", bigShape,
	"protocolVersion", versionShape,
	"revocation", revocationShape,
	"type", textShape("a string"),
	"devMode", boolShape,
	"clientReturnUrl", textShape("a URL"),
	"augmentReturnUrl", boolShape,
	"host", textShape("a host name"),
	"requestSdJwts", shape.Ignored,
)

func discloseFields(Action) []shape.Field {
	return fields(
		"disclose", discloseShape,
		"labels", labelsShape,
		"skipExpiryCheck", listOf("a list of credential type identifiers", "", textShape("a credential type identifier")),
	)
}

// byAction returns the shapes of the three kinds of session request. The
// function gives the members that list the attributes to be disclosed.
func byAction(common []shape.Field, disclose func(Action) []shape.Field) map[Action]*shape.Shape {
	specific := map[Action][]shape.Field{
		Disclosing: nil,
		Signing:    fields("message", textShape("a string")),
		Issuing: fields("credentials", credentialsShape,
			"CredentialInfoList", shape.Ignored, "RemovalCredentialInfoList", shape.Ignored),
	}
	out := map[Action]*shape.Shape{}
	for action, own := range specific {
		out[action] = record("a session request object", slices.Concat(common, disclose(action), own))
	}
	return out
}

// extended returns the shapes of extended requests around these.
func extended(requests map[Action]*shape.Shape) map[Action]*shape.Shape {
	out := map[Action]*shape.Shape{}
	for action, request := range requests {
		out[action] = record("an extended session request object", fields(
			"@context", textShape("a string"),
			"validity", integerShape("a number of seconds", 0, maxSeconds),
			"timeout", integerShape("a number of seconds", 0, maxSeconds),
			"callbackUrl", textShape("a URL"),
			"nextSession", nextSessionShape,
			"request", request,
		))
	}
	return out
}
