package sessioncmd

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
)

// readSignature reads a signature, or the one in a session result.
func readSignature(p *cli.Process, path string) (*irma.SignedMessage, error) {
	from := "@" + path
	if path == "" {
		from = "-"
	}
	data, err := p.ReadInput(from)
	if err != nil {
		return nil, fmt.Errorf("reading signature: %w", err)
	}
	if i := bytes.IndexByte(data, '{'); i > 0 { // "irmad session" prints more than the result
		data = data[i:]
	}
	var result struct{ Signature json.RawMessage }
	if json.Unmarshal(data, &result) == nil && bytes.HasPrefix(result.Signature, []byte("{")) {
		data = result.Signature
	}
	signature, err := irma.ParseSignedMessage(data)
	if err != nil {
		return nil, fmt.Errorf("reading signature: %w", err)
	}
	return signature, nil
}

// readRequest returns the request, nil if there is none.
func (f *verifyFlags) readRequest(p *cli.Process) (*irma.SessionRequest, error) {
	if f.request == "" {
		return nil, nil
	}
	extended, err := (&requestFlags{request: f.request}).parse(p)
	if err != nil {
		return nil, err
	}
	request := extended.Request
	if request.Action() != irma.Signing {
		return nil, cli.Usage("--request is not a signature request")
	}
	return request, nil
}
