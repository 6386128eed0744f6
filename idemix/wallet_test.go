package idemix_test

import (
	"encoding/json"
	"maps"
	stdbig "math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

const (
	ageLimits    irma.CredentialTypeID = "irmad-demo.gov.ageLimits"
	personalData irma.CredentialTypeID = "irmad-demo.gov.personalData"
	root         irma.CredentialTypeID = "irmad-demo.gov.root"
	ballot       irma.CredentialTypeID = "irmad-demo.vote.ballot"
)

var (
	now     = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	expiry  = now.AddDate(1, 0, 0)
	week    = irma.Timestamp(now.Unix() / 604800 * 604800)
	context = big.NewInt(1)
	nonce   = big.NewInt(20260615)
	nonce2  = big.NewInt(7654321)
)

// demoSet is the scheme set of all tests; it is immutable.
var demoSet = sync.OnceValue(func() *scheme.Set {
	set, err := demo.Set()
	if err != nil {
		panic(err)
	}
	return set
})

// check stops a test's preparations.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

// wallet makes credentials and proofs with one secret key.
type wallet struct {
	set    *scheme.Set
	secret *big.Int
}

func newWallet() *wallet {
	return &wallet{set: demoSet(), secret: must(gabi.GenerateSecretAttribute())}
}

// keys returns the newest key pair of the issuer of a type.
func keys(set *scheme.Set, typ irma.CredentialTypeID) (*gabikeys.PrivateKey, *gabikeys.PublicKey) {
	counter := must(set.LatestPrivateKey(typ.Issuer()))
	return must(set.PrivateKey(typ.Issuer(), counter)), must(set.PublicKey(typ.Issuer(), counter))
}

func publicKey(typ irma.CredentialTypeID) *gabikeys.PublicKey {
	_, key := keys(demoSet(), typ)
	return key
}

// order returns the order of the group that the type's key works in.
func order(typ irma.CredentialTypeID) *big.Int {
	private, _ := keys(demoSet(), typ)
	return new(big.Int).Mul(private.PPrime, private.QPrime)
}

func metadata(typ irma.CredentialTypeID, signed, expiry time.Time) irma.Metadata {
	_, key := keys(demoSet(), typ)
	return must(irma.NewMetadata(typ, key.Counter, signed, expiry))
}

// encode returns the integers of a credential from index 1 on, given the values
// of its attributes; absent ones are zero.
func encode(typ *scheme.CredentialType, metadata *irma.Int, values map[string]string) []*big.Int {
	out := []*big.Int{gabiInt(metadata)}
	for _, attr := range typ.Attributes {
		value, ok := values[attr.ID]
		switch {
		case attr.Randomblind:
			out = append(out, nil)
		case ok:
			out = append(out, gabiInt(irma.EncodeAttribute(&value)))
		default:
			out = append(out, big.NewInt(0))
		}
	}
	return out
}

// credential has the type's issuer sign these values.
func (w *wallet) credential(id irma.CredentialTypeID, values map[string]string) *gabi.Credential {
	return w.credentialWith(id, metadata(id, now, expiry).Int(), values)
}

func (w *wallet) credentialWith(id irma.CredentialTypeID, metadata *irma.Int, values map[string]string) *gabi.Credential {
	typ := w.set.CredentialType(id)
	return w.obtain(id, encode(typ, metadata, values), blind(typ))
}

// obtain has the key of a type's issuer sign any integers.
func (w *wallet) obtain(id irma.CredentialTypeID, attributes []*big.Int, blind []int) *gabi.Credential {
	private, public := keys(w.set, id)
	builder := must(gabi.NewCredentialBuilder(public, context, w.secret, nonce2, nil, blind))
	list := must(gabi.ProofBuilderList{builder}.BuildProofList(context, nonce, false))
	u := must(list.GetFirstProofU()).U
	message := must(gabi.NewIssuer(private, public, context).IssueSignature(u, slices.Clone(attributes), nil, nonce2, blind))
	return must(builder.ConstructCredential(message, slices.Clone(attributes)))
}

// blind returns the randomblind attributes of a type as gabi counts them.
func blind(typ *scheme.CredentialType) []int {
	out := typ.RandomblindPositions()
	for i := range out {
		out[i]++
	}
	return out
}

// show is a credential of which these indices are disclosed.
type show struct {
	credential *gabi.Credential
	disclosed  []int
}

// prove makes the proofs of a disclosure.
func prove(shows ...show) gabi.ProofList {
	return must(builders(shows...).BuildProofList(context, nonce, false))
}

func builders(shows ...show) gabi.ProofBuilderList {
	var out gabi.ProofBuilderList
	for _, s := range shows {
		out = append(out, must(s.credential.CreateDisclosureProofBuilder(s.disclosed, nil, false)))
	}
	return out
}

// wire converts by way of JSON, as a wallet's message would.
func wire[T any](value any) *T {
	out := new(T)
	check(json.Unmarshal(must(json.Marshal(value)), out))
	return out
}

func wireProofs(proofs gabi.ProofList) irma.ProofList { return *wire[irma.ProofList](proofs) }

// at points to attributes, given as credential, attribute, credential,
// attribute and so on.
func at(pairs ...int) []*irma.DisclosedIndex {
	out := []*irma.DisclosedIndex{}
	for pair := range slices.Chunk(pairs, 2) {
		out = append(out, &irma.DisclosedIndex{Credential: pair[0], Attribute: pair[1]})
	}
	return out
}

func disclosure(proofs gabi.ProofList, indices ...[]*irma.DisclosedIndex) *irma.Disclosure {
	return &irma.Disclosure{Proofs: wireProofs(proofs), Indices: indices}
}

// bound gives a request the nonce and context of all proofs.
func bound(req *irma.SessionRequest) *irma.SessionRequest {
	req.Context, req.Nonce = irmaInt(context), irmaInt(nonce)
	return req
}

func request(attrs ...irma.AttributeTypeID) *irma.SessionRequest {
	return bound(irma.NewDisclosureRequest(attrs...))
}

func gabiInt(i *irma.Int) *big.Int { return big.Convert(new(stdbig.Int).Set(i.Big())) }

func irmaInt(i *big.Int) *irma.Int { return (*irma.Int)(new(stdbig.Int).Set(i.Go())) }

func pow2(bits uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), bits) }

// collection is one wallet with credentials that tests share and do not change.
type collection struct {
	*wallet
	age, alice, bob, root, ballot *gabi.Credential
}

var shared = sync.OnceValue(func() *collection {
	w := newWallet()
	return &collection{
		wallet: w,
		age:    w.credential(ageLimits, ages),
		alice:  w.credential(personalData, alice),
		bob:    w.credential(personalData, bob),
		root:   w.credential(root, map[string]string{"bsn": "123456782"}),
		ballot: w.credential(ballot, map[string]string{"election": "council"}),
	}
})

var (
	ages  = map[string]string{"over12": "yes", "over16": "yes", "over18": "no", "over21": "no"}
	alice = map[string]string{"firstName": "Alice", "familyName": "Jansen", "birthDate": "01-02-2003", "city": "Nijmegen"}
	bob   = map[string]string{"firstName": "Bob", "prefix": "van", "familyName": "Dijk", "birthDate": "09-08-1999", "city": "Delft"}
)

func with(values map[string]string, name, value string) map[string]string {
	out := maps.Clone(values)
	out[name] = value
	return out
}

// equationsHold reports whether the proofs satisfy the equations by themselves,
// so that only a rule can refuse them.
func equationsHold(tb testing.TB, proofs gabi.ProofList, types ...irma.CredentialTypeID) bool {
	tb.Helper()
	var keys []*gabikeys.PublicKey
	for _, typ := range types {
		keys = append(keys, publicKey(typ))
	}
	return proofs.Verify(keys, context, nonce, false, nil)
}
