package walletcmd

import (
	"fmt"
	"io"
)

const walletText = `Usage: irmad wallet [flags] POINTER
       irmad wallet list|show --file FILE [--schemes-path DIR] [--json]
       irmad wallet serve [--listen ADDRESS] [--file FILE] [--schemes-path DIR]

Does a session as the app on a phone would, for tests: it agrees to everything
and discloses no more than is required, unless flags say otherwise. Sessions that
are chained to this one are done too.

POINTER is the content of a QR or app link, the "sessionPtr" that a server answers
to POST /session, that whole answer, or "-" to read any of these from the standard
input. If the frontend asks for pairing, the wallet prints a line such as
"pairing code: 1234" to the standard error and waits until the frontend confirms.

"irmad wallet list" lists the credentials in a file, "show" their attributes too.

"irmad wallet serve" is a wallet that stays, for test suites in any language. Bodies
and answers are JSON; errors are those of the protocol's servers.
  POST   /credentials    issue what a test needs, with the private keys in the schemes:
                         [{"credential": "irmad-demo.gov.root", "attributes": {"bsn": "1"}}]
  GET    /credentials    what the wallet holds
  DELETE /credentials    begin anew with an empty wallet
  POST   /sessions       do a session: {"pointer": POINTER}, with "refuse": true,
                         "all": true or "choose": [0, 1] if wanted, or what a server
                         answered to POST /session. The answer comes when the session
                         is over ("state": "done", "success", "reason", "sessions") or
                         waits for its frontend ("state": "pairing", "pairingCode", "id")
  GET    /sessions/ID    wait until that session is over
  DELETE /sessions/ID    stop it
A session may take two minutes. Whoever reaches the address has the wallet: it listens
on this machine only, unless --listen says otherwise, and not to web pages. While
others can reach it, it issues credentials of demo schemes only.

Flags:
%s
Exit status:
    0  success
    1  failure, for example because the server refused
    3  refused, by --refuse
    4  the wallet lacks requested attributes
    5  the session ended before the frontend confirmed the pairing code
  255  mistake in the arguments

Runs with the same file wait for each other, by a lock on FILE.lock. The file is not
encrypted, and the wallet cannot take part in schemes with a keyshare server or
prove non-revocation: it is for tests, not for real identities.
`

// Explain prints the help of the command.
func Explain(w io.Writer) error {
	_, err := fmt.Fprintf(w, walletText, new(walletFlags).set().FlagUsagesWrapped(100))
	return err
}
