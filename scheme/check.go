package scheme

import (
	"errors"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// The rules of spec 10 §6.1 that make a scheme unusable.

func checkAttributes(attrs []AttributeType) error {
	if len(attrs) == 0 {
		return errors.New("no attributes")
	}
	seen := map[string]bool{}
	for _, attr := range attrs {
		if err := checkAttribute(attr); err != nil {
			return err
		}
		if seen[attr.ID] {
			return fmt.Errorf("attribute %q occurs twice", attr.ID)
		}
		seen[attr.ID] = true
	}
	return nil
}

func checkAttribute(attr AttributeType) error {
	switch {
	case attr.Revocation && attr.Randomblind:
		return errors.New("an attribute is both revocation and randomblind")
	case attr.Revocation && attr.ID != "":
		return fmt.Errorf("revocation attribute has id %.80q", attr.ID)
	case !attr.Revocation && (attr.ID == "" || strings.Contains(attr.ID, ".")):
		return fmt.Errorf("%.80q cannot be the id of an attribute", attr.ID)
	}
	return nil
}

// checkRevocation checks that a type has a revocation attribute and servers, or
// neither.
func checkRevocation(t *CredentialType, demo bool) error {
	switch {
	case t.revocation >= 0 && len(t.RevocationServers) == 0:
		return errors.New("revocation attribute without RevocationServers")
	case t.revocation < 0 && len(t.RevocationServers) > 0:
		return errors.New("RevocationServers without revocation attribute")
	}
	for _, url := range t.RevocationServers {
		if !demo && !strings.HasPrefix(url, "https://") {
			return fmt.Errorf("RevocationServer %.80q does not start with https://", url)
		}
		if strings.HasSuffix(url, "/") {
			return fmt.Errorf("RevocationServer %.80q ends in a slash", url)
		}
	}
	return nil
}

const demoPrefix = "Demo "

// checkDemoName checks that a user sees in every language that a credential is
// worth nothing.
func checkDemoName(name irma.TranslatedString, languages []string) error {
	for _, lang := range languages {
		if !strings.HasPrefix(name[lang], demoPrefix) {
			return fmt.Errorf("name in language %s does not start with %q, as it must in a demo scheme", lang, demoPrefix)
		}
	}
	return nil
}

// maxDependencyChain is the number of dependencies, each of the one before it, at
// which a chain is too long.
const maxDependencyChain = 25

var errTooLongChain = fmt.Errorf("dependencies form a chain of %d or more", maxDependencyChain)

// dependencies finds the longest chain of dependencies from each type.
type dependencies struct {
	scheme irma.SchemeID
	types  map[irma.CredentialTypeID]*CredentialType
	length map[irma.CredentialTypeID]int // in types; 0 while being visited
}

func checkDependencies(scheme irma.SchemeID, types []*CredentialType) error {
	d := dependencies{scheme, map[irma.CredentialTypeID]*CredentialType{}, map[irma.CredentialTypeID]int{}}
	for _, t := range types {
		d.types[t.ID] = t
	}
	for _, t := range types {
		if _, err := d.chain(t, 0); err != nil {
			return fmt.Errorf("credential type %s: %w", t.ID, err)
		}
	}
	return nil
}

// chain returns the number of types on the longest chain that starts at t, which
// itself is at the given depth of another chain.
func (d *dependencies) chain(t *CredentialType, depth int) (int, error) {
	if length, visited := d.length[t.ID]; visited {
		switch {
		case length == 0:
			return 0, errors.New("dependencies are circular")
		case depth+length > maxDependencyChain:
			return 0, errTooLongChain
		}
		return length, nil
	}
	if depth >= maxDependencyChain {
		return 0, errTooLongChain
	}
	d.length[t.ID] = 0
	longest := 0
	for id := range t.dependencyIDs {
		length, err := d.follow(id, depth+1)
		if err != nil {
			return 0, err
		}
		longest = max(longest, length)
	}
	d.length[t.ID] = longest + 1
	return longest + 1, nil
}

func (d *dependencies) follow(id irma.CredentialTypeID, depth int) (int, error) {
	if id.Scheme() != d.scheme {
		return 0, fmt.Errorf("dependency %.80q is outside the scheme", id)
	}
	t := d.types[id]
	if t == nil {
		return 0, nil // a warning, see warnings
	}
	return d.chain(t, depth)
}

// dependencyIDs calls yield for each dependency of the type.
func (t *CredentialType) dependencyIDs(yield func(irma.CredentialTypeID) bool) {
	for _, discon := range t.Dependencies {
		for _, con := range discon {
			for _, id := range con {
				if !yield(id) {
					return
				}
			}
		}
	}
}
