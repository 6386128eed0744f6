package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// Problem is why a server refuses a request.
type Problem struct {
	Error  *irma.Error `json:"error"`            // what the server answers
	Path   string      `json:"path,omitempty"`   // where, such as $.disclose[0]; empty if that is unknown or not JSON
	Line   int         `json:"line,omitempty"`   // from 1; 0 if the place is unknown
	Column int         `json:"column,omitempty"` // in characters, from 1
	Hint   string      `json:"hint,omitempty"`   // how to mend it; empty if the message says that
}

// maxQuoted bounds what a hint repeats of a message.
const maxQuoted = 200

var (
	pathPattern    = pattern(`(?:^|: )(\$(?:\.[^\s.:\["]+|\["(?:[^"\\]|\\.)*"\]|\[\d+\])*): `)
	unknownPattern = pattern(`^Unknown identifiers: ([^;]+)`)
	missingPattern = pattern(`^Required attributes are missing: (\S+?)(?:,|$)`)
)

func newProblem(data []byte, err error) *Problem {
	refusal := irma.AsError(err)
	if refusal == nil {
		refusal = irma.ErrInternal
	}
	p := &Problem{Error: refusal}
	offset := p.find(data)
	if offset >= 0 {
		p.Line, p.Column = lineColumn(data, offset)
	}
	p.Hint = hint(refusal.Message)
	return p
}

// find returns the place of the problem, or -1.
func (p *Problem) find(data []byte) int {
	var raw json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, &raw); errors.As(err, &syntax) {
		return max(0, int(syntax.Offset)-1)
	}
	if match := pathPattern().FindStringSubmatch(p.Error.Message); match != nil {
		p.Path = match[1]
		return locate(data, p.Path)
	}
	if match := unknownPattern().FindStringSubmatch(p.Error.Message); match != nil {
		ids := strings.Split(match[1], ", ")
		return findIdentifier(data, ids[len(ids)-1])
	}
	if match := missingPattern().FindStringSubmatch(p.Error.Message); match != nil {
		return findIdentifier(data, string(irma.AttributeTypeID(match[1]).CredentialType()))
	}
	return -1
}

// findIdentifier returns where a string begins with the identifier; an attribute
// to be issued is found by its name alone.
func findIdentifier(data []byte, id string) int {
	for _, pattern := range []string{`"` + id + `"`, `"` + id + `.`} {
		if i := bytes.Index(data, []byte(pattern)); i >= 0 {
			return i
		}
	}
	if attr := irma.AttributeTypeID(id); !attr.IsCredential() && attr.Valid() {
		return bytes.Index(data, []byte(`"`+attr.Name()+`"`))
	}
	return -1
}

// lineColumn counts characters, not bytes.
func lineColumn(data []byte, offset int) (line, column int) {
	before := data[:min(offset, len(data))]
	line = 1 + bytes.Count(before, []byte{'\n'})
	last := before[bytes.LastIndexByte(before, '\n')+1:]
	return line, 1 + len([]rune(string(last)))
}

// hints tell how to mend what a message complains about. The first that occurs in
// the message counts.
var hints = []struct{ part, hint string }{
	{"disclose is a list of lists of lists", `Three brackets: the outer list has questions, each of them has choices, and each choice has attributes that are shown together: "disclose": [[["irmad-demo.gov.ageLimits.over18"]]].`},
	{"consist of 4 or 3 parts", "Write attributes as scheme.issuer.credential.attribute, for example irmad-demo.gov.ageLimits.over18; three parts ask for the credential as such."},
	{"consist of 3 parts", "Write credentials as scheme.issuer.credential, for example irmad-demo.gov.ageLimits."},
	{`no "@context"`, `Add "@context": "https://irma.app/ld/request/disclosure/v2", or signature or issuance in place of disclosure.`},
	{"Invalid session request type", "@context must be https://irma.app/ld/request/disclosure/v2, or the same with signature or issuance."},
	{"Invalid requestor request type", "@context must be https://irma.app/ld/request/disclosure/v2, or the same with signature or issuance."},
	{"Disclosure request had no attributes", `Name at least one attribute: "disclose": [[["irmad-demo.gov.ageLimits.over18"]]].`},
	{"Signature request had no attributes", `Name at least one attribute to sign with: "disclose": [[["irmad-demo.gov.personalData.familyName"]]].`},
	{"Signature request had empty message", `Add the text to be signed: "message": "I agree".`},
	{"Empty issuance request", `Name at least one credential: "credentials": [{"credential": "scheme.issuer.credential", "attributes": {"name": "value"}}].`},
	{"Empty disjunction", "Each question needs at least one choice; take the empty list out."},
	{"must be adjacent", "Put the attributes of one credential type next to each other."},
	{"Multiple non-singletons", "Ask for them in separate questions: [[[\"a\"]], [[\"b\"]]] instead of [[[\"a\", \"b\"]]]. A wallet may hold several credentials of each of these types, and users would have to choose among all combinations."},
	{"Required attributes are missing", "Give each of them a value in attributes; only optional attributes can be left out."},
	{"missing private key", "This server has no private key of that issuer. Put it into the scheme's PrivateKeys folder or the directory of --privkeys; the demo scheme has its keys with it."},
	{"has a keyshare server", "Issue the credentials of each issuer in a session of their own; nextSession can start the second."},
	{"expired public key", "The issuer's key is too old: update the scheme, or add a newer key to it."},
	{"cannot issue expired credentials", "validity is a moment in seconds since 1970, and must lie ahead; without it the credential is valid for six months."},
	{"randomblind attribute cannot be set", "Leave the attribute out: the wallet and the issuer choose its value together."},
	{"invalid character", "This is not JSON: look for a comma, quote or bracket too many or too few just before this place."},
	{"unexpected end of JSON input", "The JSON ends too early: look for a bracket, brace or quote that is never closed."},
}

// hint returns how to mend a request with this message.
func hint(message string) string {
	if strings.Contains(message, "; did you mean ") {
		return "" // the message says it
	}
	if match := unknownPattern().FindStringSubmatch(message); match != nil {
		scheme, _, nested := strings.Cut(match[1], ",")
		if nested && !strings.Contains(scheme, ".") && len(scheme) < maxQuoted {
			return fmt.Sprintf("The scheme %s is not installed. \"irmad scheme download\" gets pbdf and irma-demo; of others, put the folder into the directory of --schemes-path.", scheme)
		}
		return "No installed scheme has this. Search the page of irmad dev for what there is."
	}
	for _, h := range hints {
		if strings.Contains(message, h.part) {
			return h.hint
		}
	}
	return ""
}
