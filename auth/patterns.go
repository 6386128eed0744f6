package auth

import "strings"

// patterns is a set of permission patterns. Looking something up takes one step
// per part of its identifier, however many patterns there are.
type patterns struct {
	all   bool                // "*"
	exact map[string]struct{} // identifiers
	below map[string]struct{} // what stands before ".*"
}

func (p *patterns) empty() bool { return !p.all && len(p.exact) == 0 && len(p.below) == 0 }

// allow reports whether a pattern matches the identifier. That of a credential
// matches the pattern for all of the credential's attributes.
func (p *patterns) allow(id string) bool {
	if p.all || has(p.exact, id) || has(p.below, id) {
		return true
	}
	for i := range len(id) {
		if id[i] == '.' && has(p.below, id[:i]) {
			return true
		}
	}
	return false
}

func has(set map[string]struct{}, id string) bool {
	_, ok := set[id]
	return ok
}

func (p *patterns) add(pattern string) {
	switch prefix, wild := strings.CutSuffix(pattern, ".*"); {
	case pattern == "*":
		p.all = true
	case wild:
		p.below[prefix] = struct{}{}
	default:
		p.exact[pattern] = struct{}{}
	}
}

// verb is something that permissions are about.
type verb struct {
	name  string
	parts int // of the identifiers
}

var (
	disclosing = verb{"disclosing", 4}
	signing    = verb{"signing", 4}
	issuing    = verb{"issuing", 3}
	revoking   = verb{"revoking", 3}
)

// problem returns what is wrong with a pattern, or "" (spec 06 §4.4).
func (v verb) problem(pattern string) string {
	parts := strings.Count(pattern, ".") + 1
	stars := strings.Count(pattern, "*")
	switch {
	case pattern == "*":
		return ""
	case stars > 1:
		return " contains too many asterisks (at most 1 permitted)"
	case stars == 1 && !strings.HasSuffix(pattern, "*"):
		return " contains asterisk not at end of line"
	case stars == 1 && !strings.HasSuffix(pattern, ".*"):
		return " contains asterisk that is only a piece of a part"
	case stars == 1 && parts > v.parts:
		return " should have at most " + digit(v.parts) + " parts"
	case stars == 0 && parts != v.parts:
		return " should have " + digit(v.parts) + " parts"
	case strings.HasPrefix(pattern, ".") || strings.Contains(pattern, ".."), strings.HasSuffix(pattern, "."):
		return " contains an empty part"
	case strings.ContainsFunc(pattern, isSpace):
		return " contains white space"
	}
	return ""
}

func digit(n int) string { return string(rune('0' + n)) }

func isSpace(c rune) bool { return c <= ' ' || c == 0x7f }

// grants has the patterns by verb.
type grants map[verb]*patterns

// compile returns the permissions in a form to look things up in. It reports
// and leaves out those that are malformed.
func compile(p Permissions, report func(v verb, pattern, problem string)) grants {
	out := grants{}
	for v, list := range p.byVerb {
		set := &patterns{exact: map[string]struct{}{}, below: map[string]struct{}{}}
		for _, pattern := range list {
			if problem := v.problem(pattern); problem != "" {
				report(v, pattern, problem)
				continue
			}
			set.add(pattern)
		}
		out[v] = set
	}
	return out
}

// byVerb calls yield for each list.
func (p Permissions) byVerb(yield func(verb, []string) bool) {
	_ = yield(disclosing, p.Disclose) && yield(signing, p.Sign) && yield(issuing, p.Issue) && yield(revoking, p.Revoke)
}
