package irma

import "github.com/irmad/irmaserver/irma/internal/shape"

// The shapes of session requests without @context, by action (spec 01 §8).
var (
	legacyShape         = byAction(commonFields, legacyFields)
	legacyExtendedShape = extended(legacyShape)

	legacyContentShape = listOf("a list of objects with label and attributes", "",
		record("an object with label and attributes", fields(
			"label", textShape("a string"),
			"attributes", legacyAttributesShape,
		)))
	legacyAttributesShape = &shape.Shape{
		Want:   "a list of attribute identifiers or an object of required values by attribute identifier",
		Kinds:  shape.List | shape.Object,
		Elem:   textShape("an attribute identifier"),
		Values: textShape("a string or null"),
	}
)

func legacyFields(action Action) []shape.Field {
	return fields(legacyDisclose(action), legacyContentShape)
}
