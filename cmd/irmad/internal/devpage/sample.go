package devpage

import "strings"

// samples are values of attributes whose id holds the word. The first that fits
// counts.
var samples = []struct{ word, value string }{
	{"over", "yes"},
	{"email", "robin@example.com"},
	{"mobile", "+31612345678"},
	{"phone", "+31612345678"},
	{"birth", "1990-05-21"},
	{"date", "2025-01-01"},
	{"initials", "R."},
	{"firstname", "Robin"},
	{"firstnames", "Robin"},
	{"givenname", "Robin"},
	{"prefix", "de"},
	{"familyname", "Example"},
	{"surname", "Example"},
	{"lastname", "Example"},
	{"fullname", "Robin Example"},
	{"city", "Utrecht"},
	{"town", "Utrecht"},
	{"street", "Voorbeeldstraat"},
	{"zip", "1234 AB"},
	{"postal", "1234 AB"},
	{"country", "Netherlands"},
	{"nationality", "Dutch"},
	{"gender", "X"},
	{"bsn", "999999990"},
	{"language", "Dutch"},
	{"age", "35"},
	{"election", "City council"},
	{"university", "Example University"},
	{"number", "1"},
	{"level", "high"},
	{"domain", "example.com"},
	{"name", "Robin Example"},
}

// sample returns a value that an attribute with this id may have.
func sample(id string) string {
	id = strings.ToLower(id)
	for _, s := range samples {
		if strings.Contains(id, s.word) {
			return s.value
		}
	}
	return "example"
}
