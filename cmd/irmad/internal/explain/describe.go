package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// language is that of the names.
const language = "en"

type describer struct {
	Names
	now time.Time
}

// Names finds the names of what schemes define.
type Names struct{ Schemes *scheme.Set }

func (d *describer) describe(request *irma.ExtendedRequest) *Explanation {
	r := request.Request
	out := &Explanation{Action: r.Action(), Message: r.Message, Settings: settings(request)}
	for i, discon := range r.Disclose {
		question := Question{Label: Text(r.Labels[i], ""), Choices: []Choice{}}
		for _, con := range discon {
			if len(con) == 0 {
				question.Optional = true
				continue
			}
			question.Choices = append(question.Choices, d.choice(con))
		}
		out.Questions = append(out.Questions, question)
	}
	for _, cred := range r.Credentials {
		out.Credentials = append(out.Credentials, d.credential(cred))
	}
	out.Summary = out.summary()
	return out
}

func (d *describer) choice(con irma.Con) Choice {
	var out Choice
	for _, attr := range con {
		described := d.Attribute(attr.Type)
		described.Value, described.NotNull = attr.Value, attr.NotNull
		out.Attributes = append(out.Attributes, described)
	}
	return out
}

// Attribute returns an attribute, or the credential as such, without a value.
func (n Names) Attribute(id irma.AttributeTypeID) Attribute {
	typ := id.CredentialType()
	out := Attribute{ID: id, Whole: id.IsCredential(), Name: id.Name(), Credential: string(typ), Issuer: string(typ.Issuer())}
	if out.Whole {
		out.Name = string(typ)
	}
	t := n.Schemes.CredentialType(typ)
	if t == nil {
		return out
	}
	out.Credential, out.Issuer, out.Demo = n.of(t)
	if out.Whole {
		out.Known, out.Name = true, out.Credential
	} else if i, found := t.AttributePosition(id.Name()); found {
		out.Known, out.Name = true, Text(t.Attributes[i].Name, id.Name())
	}
	return out
}

func (n Names) of(t *scheme.CredentialType) (credential, issuer string, demo bool) {
	credential, issuer = Text(t.Name, string(t.ID)), string(t.ID.Issuer())
	if i := n.Schemes.Issuer(t.ID.Issuer()); i != nil {
		issuer = Text(i.Name, issuer)
	}
	if s := n.Schemes.Scheme(t.ID.Scheme()); s != nil {
		demo = s.Demo
	}
	return credential, issuer, demo
}

func (d *describer) credential(cred irma.CredentialRequest) Credential {
	values := make(map[string]*string, len(cred.Attributes))
	for name, value := range cred.Attributes {
		values[name] = &value
	}
	out := d.Credential(cred.CredentialTypeID, values)
	out.Expires = cmp.Or(cred.Validity, irma.NewTimestamp(d.now.AddDate(0, 6, 0)))
	return out
}

// Credential returns a credential with these attributes, in the order of the
// scheme, and then those that the scheme does not know.
func (n Names) Credential(id irma.CredentialTypeID, values map[string]*string) Credential {
	out := Credential{ID: id, Name: string(id), Issuer: string(id.Issuer()), Attributes: []Attribute{}}
	t := n.Schemes.CredentialType(id)
	if t != nil {
		out.Known = true
		out.Name, out.Issuer, out.Demo = n.of(t)
	}
	for name, value := range values {
		attr := n.Attribute(id.Attribute(name))
		attr.Value = value
		out.Attributes = append(out.Attributes, attr)
	}
	slices.SortFunc(out.Attributes, func(a, b Attribute) int {
		return cmp.Or(position(t, a)-position(t, b), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out
}

// position sorts unknown attributes last.
func position(t *scheme.CredentialType, attr Attribute) int {
	if t == nil {
		return 0
	}
	if i, found := t.AttributePosition(attr.ID.Name()); found {
		return i
	}
	return len(t.Attributes)
}

// Text returns a translation: the English one, else the first of all by language,
// else what is given instead.
func Text(names irma.TranslatedString, otherwise string) string {
	if name := names[language]; name != "" {
		return name
	}
	first, best := "", otherwise
	for lang, name := range names {
		if name != "" && (first == "" || lang < first) {
			first, best = lang, name
		}
	}
	return best
}

// settings tells what the request arranges besides what the user is asked.
func settings(r *irma.ExtendedRequest) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if r.PairingHint() {
		add("The web page is advised to pair: the app shows a code that the user types into the page.")
	}
	if r.Timeout != 0 {
		add("The session waits %d seconds for an app.", r.Timeout)
	}
	if r.CallbackURL != "" {
		add("The result is posted to %s.", beforeQuery(r.CallbackURL))
	}
	if r.NextSession != nil && r.NextSession.URL != "" {
		add("After it, %s is asked for a follow-up session.", beforeQuery(r.NextSession.URL))
	}
	if r.Request.ClientReturnURL != "" {
		add("On the phone the user goes to %s afterwards.", beforeQuery(r.Request.ClientReturnURL))
	}
	if r.Request.Host != "" {
		add("The app must reach the server as %s.", r.Request.Host)
	}
	if len(r.Request.SkipExpiryCheck) > 0 {
		add("Expired credentials are accepted of some types.")
	}
	return out
}

// beforeQuery leaves out what may hold a token.
func beforeQuery(url string) string {
	before, _, _ := strings.Cut(url, "?")
	return before
}

// warnings tells what a server ignores or would rather not see.
func warnings(r *irma.ExtendedRequest) []string {
	var out []string
	for _, path := range r.UnknownKeys {
		out = append(out, path+" is not known and has no effect")
	}
	if r.Request.Legacy() {
		out = append(out, "the request has the old form, without @context; its result will have the old form too")
	}
	for i := range r.Request.Labels {
		if i < 0 || i >= len(r.Request.Disclose) {
			out = append(out, fmt.Sprintf("labels has %d, but disclose has no element with that number; they count from 0", i))
		}
	}
	out = append(out, needs(r)...)
	slices.Sort(out)
	return out
}

// needs says which options the server must have for the request.
func needs(r *irma.ExtendedRequest) []string {
	const key = " needs a server with jwt_privkey or jwt_privkey_file, or with allow_unsigned_callbacks"
	var out []string
	if r.CallbackURL != "" {
		out = append(out, "callbackUrl"+key)
	}
	if r.NextSession != nil {
		out = append(out, "nextSession"+key)
	}
	if r.Request.AugmentReturnURL {
		out = append(out, "augmentReturnUrl needs a server with augment_client_return_url")
	}
	return out
}
