package interop_test

import (
	"errors"
	"testing"

	"github.com/privacybydesign/irmago/client/clientsettings"
	"github.com/privacybydesign/irmago/eudi/credentials/sdjwtvc"
	"github.com/privacybydesign/irmago/eudi/sdjwt"
	"github.com/privacybydesign/irmago/irma"
	"github.com/privacybydesign/irmago/irma/irmaclient"
)

// wallet is the existing wallet with a secret key and storage of its own.
type wallet struct {
	t      *testing.T
	client *irmaclient.IrmaClient
	pin    string // for keyshare servers; empty if the wallet is enrolled at none
}

// newWallet makes an empty wallet that knows the schemes of the server. It is
// closed when the test ends.
func newWallet(t *testing.T) *wallet {
	t.Helper()
	return server.newWallet(t)
}

func (p *process) newWallet(t *testing.T) *wallet {
	t.Helper()
	return p.makeWallet(t, background{t}, noKeyshare{})
}

func (p *process) makeWallet(t *testing.T, user irmaclient.ClientHandler, signer irmaclient.Signer) *wallet {
	t.Helper()
	conf := p.configuration(t)
	sdjwts, err := irmaclient.NewInMemorySdJwtVcStorage()
	if err != nil {
		t.Fatalf("making the wallet's SD-JWT storage: %v", err)
	}
	client, err := irmaclient.NewIrmaClient(conf, user, signer,
		openStorage(t, irmaclient.NewIrmaStorage, conf),
		sdjwtvc.SdJwtVcVerificationContext{}, sdjwts, sdjwt.NewDefaultKeyBinderWithInMemoryStorage())
	if err != nil {
		t.Fatalf("making the wallet: %v", err)
	}
	t.Cleanup(client.Close)
	// The server is neither in production mode nor behind TLS, which wallets
	// accept from developers only.
	client.SetPreferences(clientsettings.Preferences{DeveloperMode: true})
	return &wallet{t: t, client: client}
}

// configuration loads the server's schemes as a wallet does. Wallets would write
// newer schemes there, but these are published nowhere.
func (p *process) configuration(t *testing.T) *irma.Configuration {
	t.Helper()
	conf, err := irma.NewConfiguration(p.schemes, irma.ConfigurationOptions{
		IgnorePrivateKeys: true,
	})
	if err != nil {
		t.Fatalf("making the wallet's configuration: %v", err)
	}
	if err := conf.ParseFolder(); err != nil {
		t.Fatalf("loading the wallet's schemes: %v", err)
	}
	return conf
}

// credentials returns the attribute values the wallet holds, by attribute.
// Attributes without a value are left out.
func (w *wallet) credentials() map[string]string {
	values := make(map[string]string)
	for _, c := range w.client.CredentialInfoList() {
		for id, value := range c.Attributes {
			if value != nil {
				values[id.String()] = value[""]
			}
		}
	}
	return values
}

// background is told what happens in a wallet outside of sessions. A wallet
// that is enrolled at no keyshare server has nothing to say about those.
type background struct{ t *testing.T }

func (background) UpdateConfiguration(*irma.IrmaIdentifierSet)           {}
func (background) UpdateAttributes()                                     {}
func (background) Revoked(*irma.CredentialIdentifier)                    {}
func (b background) ReportError(err error)                               { b.t.Errorf("wallet reports: %v", err) }
func (background) EnrollmentSuccess(irma.SchemeManagerIdentifier)        {}
func (background) EnrollmentFailure(irma.SchemeManagerIdentifier, error) {}
func (background) ChangePinSuccess()                                     {}
func (background) ChangePinFailure(irma.SchemeManagerIdentifier, error)  {}
func (background) ChangePinIncorrect(irma.SchemeManagerIdentifier, int)  {}
func (background) ChangePinBlocked(irma.SchemeManagerIdentifier, int)    {}

// noKeyshare is the signer of such a wallet. Wallets sign messages to keyshare
// servers only, so it is an error if a session needs it.
type noKeyshare struct{}

var errNoKeyshare = errors.New("sessions without keyshare server need no signature")

func (noKeyshare) PublicKey(string) ([]byte, error)    { return nil, errNoKeyshare }
func (noKeyshare) Sign(string, []byte) ([]byte, error) { return nil, errNoKeyshare }
