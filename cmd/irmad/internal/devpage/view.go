package devpage

import (
	"net/http"

	"github.com/irmad/irmaserver/cmd/irmad/internal/explain"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// Screens of a phone.
const (
	screenHome     = "home"
	screenBusy     = "busy"     // waits for the server
	screenPairing  = "pairing"  // shows Code until the frontend has confirmed it
	screenMissing  = "missing"  // Question has what could be obtained
	screenQuestion = "question" // Question has what could be shown
	screenEnd      = "end"
)

// view is what a phone shows.
type view struct {
	Revision int       `json:"revision"` // of the screen; names its question too
	Screen   string    `json:"screen"`
	Code     string    `json:"code,omitempty"`
	Question *question `json:"question,omitempty"`
	End      *end      `json:"end,omitempty"`

	Cards []explain.Credential `json:"cards"` // what the wallet holds, newest first
}

// question is what the user must decide.
type question struct {
	Server       string               `json:"server"`
	Action       irma.Action          `json:"action"`
	Message      string               `json:"message,omitempty"`
	Disjunctions []disjunction        `json:"disjunctions"`
	Credentials  []explain.Credential `json:"credentials"` // that will be received
	Stuck        bool                 `json:"stuck"`       // something is missing that cannot be obtained
}

type disjunction struct {
	Label   string   `json:"label,omitempty"`
	Options []option `json:"options"`
}

// option is a conjunction with values, or without attributes to show nothing. Of
// missing ones, the values are those that must be obtained.
type option struct {
	Attributes []explain.Attribute `json:"attributes"`
	Possible   bool                `json:"possible"` // if missing, it can be issued here
}

// accepts checks that there is a choice for every disjunction.
func (q *question) accepts(choices []int) error {
	wrong := refusal{http.StatusBadRequest, "MALFORMED_INPUT", "choices must have the number of an option for each disjunction"}
	if len(choices) != len(q.Disjunctions) || q.Stuck {
		return wrong
	}
	for i, choice := range choices {
		options := q.Disjunctions[i].Options
		if choice < 0 || choice >= len(options) || !options[choice].Possible {
			return wrong
		}
	}
	return nil
}

// complete adds what the wallet holds.
func (ph *phone) complete(v view) view {
	v.Cards = []explain.Credential{}
	held := ph.wallet.Credentials()
	for i := range held {
		v.Cards = append(v.Cards, ph.page.card(held[len(held)-1-i]))
	}
	return v
}

func (p *Page) names() explain.Names { return explain.Names{Schemes: p.cfg.Schemes()} }

func (p *Page) card(cred wallet.Credential) explain.Credential {
	out := p.names().Credential(cred.Type, cred.Attributes)
	out.Expires = cred.Expires
	return out
}

// question describes what the wallet can show and will receive.
func (p *Page) question(q *wallet.Question) *question {
	out := p.newQuestion(q)
	for i, options := range q.Disjunctions {
		d := disjunction{Label: explain.Text(q.Request.Labels[i], "")}
		for _, o := range options {
			shown := option{Attributes: []explain.Attribute{}, Possible: true}
			for _, attr := range o.Attributes {
				described := p.names().Attribute(attr.ID)
				described.Value = attr.Value
				shown.Attributes = append(shown.Attributes, described)
			}
			d.Options = append(d.Options, shown)
		}
		out.Disjunctions = append(out.Disjunctions, d)
	}
	return out
}

// missing describes what the wallet lacks: only the disjunctions without options.
func (p *Page) missing(q *wallet.Question) *question {
	out := p.newQuestion(q)
	for i, options := range q.Disjunctions {
		if len(options) > 0 {
			continue
		}
		d, possible := disjunction{Label: explain.Text(q.Request.Labels[i], "")}, false
		for _, con := range q.Request.Disclose[i] {
			lacking := option{Possible: p.obtainable(con)}
			for _, attr := range con {
				described := p.names().Attribute(attr.Type)
				described.Value, described.NotNull = attr.Value, attr.NotNull
				lacking.Attributes = append(lacking.Attributes, described)
			}
			d.Options = append(d.Options, lacking)
			possible = possible || lacking.Possible
		}
		out.Disjunctions = append(out.Disjunctions, d)
		out.Stuck = out.Stuck || !possible
	}
	return out
}

func (p *Page) newQuestion(q *wallet.Question) *question {
	out := &question{Server: q.Server, Action: q.Request.Action(), Message: q.Request.Message,
		Disjunctions: []disjunction{}, Credentials: []explain.Credential{}}
	for _, cred := range q.Request.Credentials {
		values := map[string]*string{}
		for name, value := range cred.Attributes {
			values[name] = &value
		}
		described := p.names().Credential(cred.CredentialTypeID, values)
		described.Expires = cred.Validity
		out.Credentials = append(out.Credentials, described)
	}
	return out
}
