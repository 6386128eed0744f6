package sessioncmd

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// requestFlags describe a session request.
type requestFlags struct {
	request               string
	disclose, sign, issue []string
	message               string
	revocationKey         string
}

func (f *requestFlags) set(flags *pflag.FlagSet) {
	flags.StringVarP(&f.request, "request", "r", "", "whole session request as `JSON`, \"@FILE\" or \"-\" for the standard input")
	flags.StringArrayVar(&f.disclose, "disclose", nil, "ask for one of these `attributes`, separated by commas; repeat it to ask for more")
	flags.StringArrayVar(&f.issue, "issue", nil, "issue `CREDENTIAL=VALUES`, separated by commas in the order of the scheme; can be repeated")
	flags.StringArrayVar(&f.sign, "sign", nil, "ask for a signature with one of these `attributes`; can be repeated")
	flags.StringVar(&f.message, "message", "", "`text` to be signed")
	flags.StringVar(&f.revocationKey, "revocation-key", "", "`key` by which issued credentials can be revoked")
}

func (f *requestFlags) described() bool {
	return len(f.disclose)+len(f.sign)+len(f.issue) > 0 || f.message != "" || f.revocationKey != ""
}

// read returns the request. Schemes are loaded if it takes them.
func (f *requestFlags) read(p *cli.Process, load func() (*scheme.Set, error)) (*irma.ExtendedRequest, error) {
	if (f.request != "") == f.described() {
		return nil, cli.Usage("Provide either a complete session request using --request or construct one using the other flags")
	}
	if f.request != "" {
		return f.parse(p)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	set, err := load()
	if err != nil {
		return nil, err
	}
	return f.build(set)
}

func (f *requestFlags) parse(p *cli.Process) (*irma.ExtendedRequest, error) {
	data, err := p.ReadInput(f.request)
	if err != nil {
		return nil, fmt.Errorf("reading --request: %w", err)
	}
	request, err := irma.ParseRequest(data)
	if problem := irma.AsError(err); problem != nil {
		return nil, cli.Usage("--request: " + problem.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("reading --request: %w", err)
	}
	for _, key := range request.UnknownKeys {
		fmt.Fprintf(p.Stderr, "irmad: --request: unknown member %s is ignored\n", key)
	}
	return request, nil
}

// check holds the flags against each other.
func (f *requestFlags) check() error {
	disclosing, signing, issuing := len(f.disclose) > 0, len(f.sign) > 0, len(f.issue) > 0
	switch {
	case disclosing && signing:
		return cli.Usage("cannot combine disclosure and signature sessions, use either --disclose or --sign")
	case issuing && signing:
		return cli.Usage("cannot combine issuance and signature sessions, use either --issue or --sign")
	case signing && f.message == "":
		return cli.Usage("signature sessions require a message to be signed using --message")
	case !signing && f.message != "":
		return cli.Usage("--message is for signature sessions: tell with --sign which attributes to sign it with")
	case !issuing && f.revocationKey != "":
		return cli.Usage("revocation key specified but no credential uses revocation")
	}
	return nil
}

func (f *requestFlags) build(set *scheme.Set) (*irma.ExtendedRequest, error) {
	var request *irma.SessionRequest
	switch {
	case len(f.sign) > 0:
		request = irma.NewSignatureRequest(f.message)
	case len(f.issue) > 0:
		credentials, err := f.credentials(set)
		if err != nil {
			return nil, err
		}
		request = irma.NewIssuanceRequest(credentials...)
	default:
		request = irma.NewDisclosureRequest()
	}
	for _, flag := range append(f.disclose, f.sign...) {
		var choice irma.DisCon
		for _, name := range strings.Split(flag, ",") {
			attribute := irma.AttributeTypeID(strings.TrimSpace(name))
			if err := checkAttribute(set, attribute); err != nil {
				return nil, err
			}
			choice = append(choice, irma.Con{{Type: attribute}})
		}
		request.Disclose = append(request.Disclose, choice)
	}
	return request.Extended(), request.Extended().Validate()
}
