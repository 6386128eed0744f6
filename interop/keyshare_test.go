package interop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
	"github.com/privacybydesign/irmago/irma/irmaclient"
	irmaserver "github.com/privacybydesign/irmago/irma/server"
	"github.com/privacybydesign/irmago/irma/server/keyshare/keyshareserver"
)

// keyshareSite is an irmad with schemes that name keyshare servers of these tests.
type keyshareSite struct {
	*process
	schemes []string
}

// newKeyshareSite starts keyshare servers for some of the schemes test and test2,
// and an irmad that issues in them, for one test.
func newKeyshareSite(t *testing.T, schemes ...string) *keyshareSite {
	t.Helper()
	testdata, err := moduleTestdata()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "schemes")
	if err := copySchemes(folder, server.schemes, stamper.url()); err != nil {
		t.Fatal(err)
	}
	var servers []*keyshares
	for _, id := range schemes {
		servers = append(servers, newKeyshares(t, id, filepath.Join(folder, id)))
	}
	for _, k := range servers { // with all schemes in their last version
		k.start(t, folder, testdata)
	}
	p, err := start(server.binary, dir, folder, "--privkeys", filepath.Join(testdata, "privatekeys"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if log := p.stop(); t.Failed() {
			t.Logf("irmad wrote:\n%s", log)
		}
	})
	return &keyshareSite{p, schemes}
}

// keyshares is a keyshare server of one scheme, with all of its users in memory.
type keyshares struct {
	scheme   string
	listener *httptest.Server
	handler  http.Handler // set before the first request comes
}

func (k *keyshares) ServeHTTP(w http.ResponseWriter, r *http.Request) { k.handler.ServeHTTP(w, r) }

// newKeyshares finds an address for a keyshare server and writes it in the scheme.
func newKeyshares(t *testing.T, id, folder string) *keyshares {
	t.Helper()
	k := &keyshares{scheme: id}
	k.listener = httptest.NewServer(k)
	t.Cleanup(k.listener.Close)
	for element, url := range map[string]string{"KeyshareServer": k.listener.URL, "TimestampServer": stamper.url()} {
		if err := setElement(folder, element, url); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func (k *keyshares) start(t *testing.T, schemes, testdata string) {
	t.Helper()
	s, err := keyshareserver.New(&keyshareserver.Configuration{
		Configuration: &irmaserver.Configuration{
			SchemesPath:           schemes,
			IssuerPrivateKeysPath: filepath.Join(testdata, "privatekeys"),
			DisableSchemesUpdate:  true,
			URL:                   k.listener.URL,
			Quiet:                 true,
		},
		DB:                    keyshareserver.NewMemoryDB(),
		JwtPrivateKeyFile:     filepath.Join(testdata, "jwtkeys", k.scheme+"-kss-sk-0.pem"),
		StoragePrimaryKeyFile: filepath.Join(testdata, "keyshareStorageTestkey"),
		KeyshareAttribute:     irma.NewAttributeTypeIdentifier(k.scheme + ".test.mijnirma.email"),
	})
	if err != nil {
		t.Fatalf("starting the keyshare server: %v", err)
	}
	t.Cleanup(s.Stop)
	k.handler = s.Handler()
}

// newUser makes a wallet that is enrolled at the keyshare servers. Each has issued
// a credential to it, to log in with.
func (k *keyshareSite) newUser(t *testing.T) *wallet {
	t.Helper()
	user := &enrolling{background: background{t}, done: make(chan error, 1)}
	w := k.makeWallet(t, user, newPhone())
	w.pin = "12345"
	for _, id := range k.schemes {
		w.client.KeyshareEnroll(irma.NewSchemeManagerIdentifier(id), nil, w.pin, "en")
		select {
		case err := <-user.done:
			if err != nil {
				t.Fatalf("enrolling at the keyshare server of %s: %v", id, err)
			}
		case <-time.After(waitTimeout):
			t.Fatalf("wallet is not enrolled at the keyshare server of %s after %s", id, waitTimeout)
		}
	}
	return w
}

// enrolling waits for the end of an enrolment.
type enrolling struct {
	background
	done chan error
}

func (e *enrolling) EnrollmentSuccess(irma.SchemeManagerIdentifier)              { e.done <- nil }
func (e *enrolling) EnrollmentFailure(_ irma.SchemeManagerIdentifier, err error) { e.done <- err }

// phone signs with the keys of one phone, which keyshare servers know it by.
type phone struct {
	mu   sync.Mutex
	keys map[string]*ecdsa.PrivateKey // guarded by mu
}

func newPhone() *phone { return &phone{keys: map[string]*ecdsa.PrivateKey{}} }

func (p *phone) key(name string) (*ecdsa.PrivateKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if key := p.keys[name]; key != nil {
		return key, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.keys[name] = key
	return key, err
}

func (p *phone) PublicKey(name string) ([]byte, error) {
	key, err := p.key(name)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(&key.PublicKey)
}

func (p *phone) Sign(name string, msg []byte) ([]byte, error) {
	key, err := p.key(name)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(msg)
	return ecdsa.SignASN1(rand.Reader, key, digest[:])
}

var _ irmaclient.Signer = (*phone)(nil)

const issueEmail = `{
	"@context": "https://irma.app/ld/request/issuance/v2",
	"credentials": [{"credential": "test.test.email", "attributes": {"email": "a@example.com"}}]}`

// Issuing, disclosing and signing with a scheme whose keyshare server has a part
// of the wallet's secret key.
func TestKeyshare(t *testing.T) {
	t.Parallel()
	site := newKeyshareSite(t, "test")
	w := site.newUser(t)
	issuance := site.startSession(t, issueEmail)
	w.perform(issuance)
	checkResult(t, "issuance", valid(issuance.Token, irma.ActionIssuing), issuance.result(t))
	if got := w.credentials()["test.test.email.email"]; got != "a@example.com" {
		t.Fatalf("wallet has %q in %v", got, w.credentials())
	}

	email := present("test.test.email.email", "a@example.com")
	disclosure := site.startSession(t, disclosureRequest(`[[["test.test.email.email"]]]`))
	w.perform(disclosure)
	checkResult(t, "disclosure", valid(disclosure.Token, irma.ActionDisclosing, []disclosedAttribute{email}), disclosure.result(t))

	login := site.startSession(t, disclosureRequest(`[[["test.test.mijnirma.email", "test.test.email.email"]]]`))
	w.perform(login)
	if got := login.result(t); got.ProofStatus != irma.ProofStatusValid || len(got.Disclosed) != 1 || len(got.Disclosed[0]) != 2 {
		t.Errorf("result of login: %+v", got)
	}

	signing := site.startSession(t, `{"@context": "https://irma.app/ld/request/signature/v2",
		"message": "`+promise+`", "disclose": [[["test.test.email.email"]]]}`)
	w.perform(signing)
	got := signing.result(t)
	if got.Signature == nil || got.Signature.Timestamp == nil {
		t.Errorf("result has no signature with a timestamp: %+v", got)
	}
	got.Signature = nil
	checkResult(t, "signature", valid(signing.Token, irma.ActionSigning, []disclosedAttribute{email}), got)
}

// One session with credentials of a scheme with a keyshare server and of one
// without, to disclose and to be issued.
func TestKeyshareWithOtherSchemes(t *testing.T) {
	t.Parallel()
	site := newKeyshareSite(t, "test")
	w := site.newUser(t)
	w.perform(site.startSession(t, issueEmail))
	w.perform(site.startSession(t, issueCitizen))
	const bsn, email = "irma-demo.MijnOverheid.singleton.BSN", "test.test.email.email"
	s := site.startSession(t, `{
		"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [
			{"credential": "test.test.email", "attributes": {"email": "b@example.com"}},
			{"credential": "test.test.mijnirma", "attributes": {"email": "testusername"}},
			{"credential": "irma-demo.stemmen.stempas", "attributes": {"election": "council"}}
		],
		"disclose": [[["`+email+`"]], [["`+bsn+`"]]]}`)
	w.perform(s)
	checkResult(t, "issuance", valid(s.Token, irma.ActionIssuing,
		[]disclosedAttribute{present(email, "a@example.com")}, []disclosedAttribute{present(bsn, "299792458")}), s.result(t))

	// Disclosing from the keyshare scheme for a credential of the other one.
	s = site.startSession(t, `{
		"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [{"credential": "irma-demo.MijnOverheid.singleton", "attributes": {"BSN": "271828182"}}],
		"disclose": [[["test.test.mijnirma.email"]]]}`)
	w.perform(s)
	checkResult(t, "issuance without keyshare", valid(s.Token, irma.ActionIssuing,
		[]disclosedAttribute{present("test.test.mijnirma.email", "testusername")}), s.result(t))

	// The wallet asks the keyshare server also for what its user does not choose.
	s = site.startSession(t, `{
		"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [{"credential": "irma-demo.MijnOverheid.singleton", "attributes": {"BSN": "314159265"}}],
		"disclose": [[["`+bsn+`"], ["`+email+`"]]]}`)
	c := w.scan(s)
	c.choose(c.question(), 0)
	c.mustEnd(succeeded)
	checkResult(t, "keyshare not chosen", valid(s.Token, irma.ActionIssuing,
		[]disclosedAttribute{present(bsn, "271828182")}), s.result(t))
}

// Two schemes with a keyshare server each, and one without, in one disclosure. The
// wallet does not issue in two such schemes at once.
func TestTwoKeyshareServers(t *testing.T) {
	t.Parallel()
	site := newKeyshareSite(t, "test", "test2")
	w := site.newUser(t)
	const one, two, bsn = "test.test.email.email", "test2.test.mijnirma.email", "irma-demo.MijnOverheid.singleton.BSN"
	w.perform(site.startSession(t, issueEmail))
	w.perform(site.startSession(t, `{
		"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [
			{"credential": "test2.test.mijnirma", "attributes": {"email": "b@example.com"}},
			{"credential": "irma-demo.MijnOverheid.singleton", "attributes": {"BSN": "299792458"}}
		]}`))
	s := site.startSession(t, disclosureRequest(`[[["`+one+`"]], [["`+two+`"]], [["`+bsn+`"]]]`))
	w.perform(s)
	checkResult(t, "disclosure", valid(s.Token, irma.ActionDisclosing, []disclosedAttribute{present(one, "a@example.com")},
		[]disclosedAttribute{present(two, "b@example.com")}, []disclosedAttribute{present(bsn, "299792458")}), s.result(t))
}

// noPIN is the PIN of a user who does not want to type it.
const noPIN = "none"

// Without the keyshare server the wallet cannot answer. A user who does not type
// the PIN cancels the session. If the keyshare server does not help, the wallet
// tells the server nothing, so that the requestor or the time ends the session.
func TestKeyshareRefuses(t *testing.T) {
	t.Parallel()
	site := newKeyshareSite(t, "test")
	w := site.newUser(t)
	before := w.credentials()
	w.client.DeleteKeyshareTokens()

	w.pin = noPIN
	s := site.startSession(t, issueEmail)
	c := w.scan(s)
	c.agree(c.question())
	c.mustEnd(cancelled)
	checkCancelled(t, s, irma.ActionIssuing)

	w.pin = "54321"
	s = site.startSession(t, issueEmail)
	c = w.scan(s)
	c.agree(c.question())
	select {
	case <-c.blocked:
	case <-time.After(waitTimeout):
		t.Fatalf("wallet is not blocked after %s", waitTimeout)
	}
	if got := s.result(t); got.Status != irma.ServerStatusConnected {
		t.Errorf("session is %s before the requestor gives up", got.Status)
	}
	s.cancel(t)
	checkCancelled(t, s, irma.ActionIssuing)
	if diff := cmp.Diff(before, w.credentials()); diff != "" {
		t.Errorf("attributes in the wallet (-before +after):\n%s", diff)
	}
}
