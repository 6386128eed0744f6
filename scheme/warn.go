package scheme

import (
	"maps"
	"slices"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// warn notes what a scheme manager should look at but does not hinder sessions
// (spec 10 §6.1).
func (f *folder) warn(scheme *Scheme) {
	f.warnTranslation("scheme", "name", scheme.Name, scheme.Languages)
	types := map[irma.IssuerID]int{}
	for _, t := range f.types {
		types[t.ID.Issuer()]++
		f.warnCredentialType(t)
	}
	for _, issuer := range f.issuers {
		subject := "issuer " + string(issuer.ID)
		f.warnTranslation(subject, "name", issuer.Name, issuer.Languages)
		if len(issuer.keys.public) == 0 {
			f.warnf("%s has no public keys", subject)
		}
		if types[issuer.ID] == 0 {
			f.warnf("%s has no credential types", subject)
		}
	}
	f.warnLogos()
}

func (f *folder) warnCredentialType(t *CredentialType) {
	subject := "credential type " + string(t.ID)
	f.warnTranslation(subject, "name", t.Name, t.Languages)
	f.warnTranslation(subject, "description", t.Description, t.Languages)
	shown := map[int]bool{}
	for _, attr := range t.Attributes {
		if attr.Revocation {
			continue
		}
		f.warnTranslation(subject, "name of attribute "+attr.ID, attr.Name, t.Languages)
		f.warnTranslation(subject, "description of attribute "+attr.ID, attr.Description, t.Languages)
		if i := attr.DisplayIndex; i != nil {
			if *i < 0 || *i >= len(t.Attributes) || shown[*i] {
				f.warnf("%s: display index %d of attribute %s is out of range or taken", subject, *i, attr.ID)
			}
			shown[*i] = true
		}
	}
	known := func(id irma.CredentialTypeID) bool {
		return slices.ContainsFunc(f.types, func(t *CredentialType) bool { return t.ID == id })
	}
	for id := range t.dependencyIDs {
		if !known(id) {
			f.warnf("%s depends on unknown credential type %s", subject, id)
		}
	}
}

func (f *folder) warnTranslation(subject, what string, text irma.TranslatedString, languages []string) {
	for _, lang := range languages {
		if text[lang] == "" {
			f.warnf("%s: %s is not translated into %s", subject, what, lang)
		}
	}
}

// warnLogos looks for a logo beside every signed description.
func (f *folder) warnLogos() {
	missing := map[string]bool{}
	for _, e := range f.entries {
		if dir, found := strings.CutSuffix(e.path, "/"+descriptionFile); found && isDescription(e.path) {
			missing[dir+"/logo.png"] = true
		}
	}
	for _, e := range f.entries {
		delete(missing, e.path)
	}
	for _, file := range slices.Sorted(maps.Keys(missing)) {
		f.warnf("%s is missing", file)
	}
}
