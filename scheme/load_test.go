package scheme_test

import (
	"crypto/rsa"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "folder", "test"))
	if problems := set.Problems(); len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	wantScheme := &scheme.Scheme{
		ID: "test", URL: "https://schemes.example/test", Demo: true,
		Name:        irma.TranslatedString{"en": "Test", "nl": "Test"},
		Description: irma.TranslatedString{"en": "Test", "nl": "Test"},
		Languages:   []string{"en", "nl"}, TimestampServer: "https://atum.example/",
		Timestamp: time.Unix(1785000000, 0),
	}
	if diff := cmp.Diff([]*scheme.Scheme{wantScheme}, slices.Collect(set.Schemes())); diff != "" {
		t.Errorf("schemes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantScheme, set.Scheme("test")); diff != "" {
		t.Errorf("scheme (-want +got):\n%s", diff)
	}
	wantIssuer := &scheme.Issuer{
		ID: "test.office", Name: irma.TranslatedString{"en": "Demo Office", "nl": "Demo Kantoor"}, Languages: []string{"en", "nl"},
	}
	if diff := cmp.Diff(wantIssuer, set.Issuer("test.office"), cmpopts.IgnoreUnexported(scheme.Issuer{})); diff != "" {
		t.Errorf("issuer (-want +got):\n%s", diff)
	}
	if got := slices.Collect(set.Issuers()); len(got) != 1 || got[0] != set.Issuer("test.office") {
		t.Errorf("issuers: %v", got)
	}
}

func TestLoadCredentialTypes(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "test", "test"))
	one := 1
	want := &scheme.CredentialType{
		ID:          "test.office.card",
		Name:        irma.TranslatedString{"en": "Demo Card", "nl": "Demo Kaart"},
		Description: irma.TranslatedString{"en": "A card", "nl": "Een kaart"},
		IssueURL:    irma.TranslatedString{"en": "https://office.example/card"},
		Languages:   []string{"en", "nl"},
		Singleton:   true,
		Attributes: []scheme.AttributeType{
			{ID: "name", Name: irma.TranslatedString{"en": "Name", "nl": "Naam"}, Description: irma.TranslatedString{"en": "Your name", "nl": "Uw naam"}},
			{
				ID: "title", Name: irma.TranslatedString{"en": "Title", "nl": "Titel"}, Description: irma.TranslatedString{"en": "Your title", "nl": "Uw titel"},
				Optional: true, DisplayIndex: &one, DisplayHint: "sensitive",
			},
		},
		RevocationUpdateCount: 16, RevocationUpdateSpeed: 168,
	}
	got := set.CredentialType("test.office.card")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(scheme.CredentialType{})); diff != "" {
		t.Errorf("credential type (-want +got):\n%s", diff)
	}
	if set.CredentialTypeByHash(got.ID.Hash()) != got {
		t.Error("not found by its hash")
	}
	var ids []irma.CredentialTypeID
	for typ := range set.CredentialTypes() {
		ids = append(ids, typ.ID)
	}
	wantIDs := []irma.CredentialTypeID{"test.office.ballot", "test.office.card", "test.office.pass"}
	if diff := cmp.Diff(wantIDs, ids); diff != "" {
		t.Errorf("credential types (-want +got):\n%s", diff)
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "test", "test"))
	ballot, pass := set.CredentialType("test.office.ballot"), set.CredentialType("test.office.pass")
	if diff := cmp.Diff([]int{0, 2}, ballot.RandomblindPositions()); diff != "" {
		t.Errorf("random blind positions (-want +got):\n%s", diff)
	}
	// The id of the attribute after each random blind one, see RandomblindIDs.
	if diff := cmp.Diff([]string{"election"}, ballot.RandomblindIDs()); diff != "" {
		t.Errorf("random blind ids (-want +got):\n%s", diff)
	}
	if got := pass.RandomblindIDs(); got != nil {
		t.Errorf("random blind ids without such attributes: %v", got)
	}
	if ballot.RevocationPosition() != -1 || pass.RevocationPosition() != 1 {
		t.Errorf("revocation positions %d and %d", ballot.RevocationPosition(), pass.RevocationPosition())
	}
	if i, ok := ballot.AttributePosition("code"); i != 2 || !ok {
		t.Errorf("position of code: %d, %v", i, ok)
	}
	for _, id := range []string{"", "Code", "unknown"} {
		if _, ok := pass.AttributePosition(id); ok {
			t.Errorf("attribute %q found", id)
		}
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]*scheme.Set{
		"zero": {}, "loaded": load(t, testScheme(t, "test").signed(t, "test", "test")),
	} {
		if set.Scheme("nope") != nil || set.Issuer("test.nope") != nil || set.CredentialType("test.office.nope") != nil ||
			set.CredentialTypeByHash([16]byte{1}) != nil || set.PublicKeyCounters("test.nope") != nil {
			t.Errorf("%s set: found what is not there", name)
		}
	}
}

// TestTampering changes signed schemes. Each change must be noticed, with the
// right status, and must not affect the scheme beside it.
func TestTampering(t *testing.T) {
	t.Parallel()
	flip := func(file string) func(testing.TB, fstest.MapFS) {
		return func(_ testing.TB, fsys fstest.MapFS) {
			data := slices.Clone(fsys["test/"+file].Data)
			data[len(data)/2] ^= 1
			fsys["test/"+file] = &fstest.MapFile{Data: data}
		}
	}
	remove := func(file string) func(testing.TB, fstest.MapFS) {
		return func(_ testing.TB, fsys fstest.MapFS) { delete(fsys, "test/"+file) }
	}
	grow := func(file string) func(testing.TB, fstest.MapFS) {
		return func(_ testing.TB, fsys fstest.MapFS) {
			fsys["test/"+file] = &fstest.MapFile{Data: append(slices.Clone(fsys["test/"+file].Data), '\n')}
		}
	}
	other := func(files ...string) func(testing.TB, fstest.MapFS) {
		return func(tb testing.TB, fsys fstest.MapFS) {
			second := testScheme(tb, "test").signed(tb, "test", "test")
			for _, file := range files {
				fsys["test/"+file] = second["test/"+file]
			}
		}
	}
	tests := map[string]struct {
		tamper func(testing.TB, fstest.MapFS)
		want   scheme.Status
	}{
		"index changed":              {flip("index"), scheme.InvalidSignature},
		"index extended":             {grow("index"), scheme.InvalidSignature},
		"index missing":              {remove("index"), scheme.InvalidIndex},
		"signature changed":          {flip("index.sig"), scheme.InvalidSignature},
		"signature with more bytes":  {grow("index.sig"), scheme.InvalidSignature},
		"signature missing":          {remove("index.sig"), scheme.InvalidSignature},
		"signature of another key":   {other("index.sig"), scheme.InvalidSignature},
		"key missing":                {remove("pk.pem"), scheme.InvalidSignature},
		"key changed":                {flip("pk.pem"), scheme.InvalidSignature},
		"another key":                {other("pk.pem"), scheme.InvalidSignature},
		"timestamp changed":          {flip("timestamp"), scheme.InvalidSignature},
		"timestamp missing":          {remove("timestamp"), scheme.InvalidSignature},
		"description changed":        {flip("description.xml"), scheme.InvalidSignature},
		"description missing":        {remove("description.xml"), scheme.InvalidSignature},
		"issuer changed":             {flip(issuerFile), scheme.InvalidSignature},
		"issuer extended":            {grow(issuerFile), scheme.InvalidSignature},
		"issuer missing":             {remove(issuerFile), scheme.InvalidSignature},
		"credential type changed":    {flip(cardFile), scheme.InvalidSignature},
		"public key changed":         {flip("office/PublicKeys/0.xml"), scheme.InvalidSignature},
		"public key missing":         {remove("office/PublicKeys/1.xml"), scheme.InvalidSignature},
		"logo changed":               {flip("office/logo.png"), scheme.InvalidSignature},
		"logo missing":               {remove("office/logo.png"), scheme.InvalidSignature},
		"rsa key":                    {func(tb testing.TB, f fstest.MapFS) { f["test/pk.pem"].Data = []byte(rsaPEM(tb)) }, scheme.InvalidSignature},
		"empty signature":            {func(_ testing.TB, f fstest.MapFS) { f["test/index.sig"].Data = nil }, scheme.InvalidSignature},
		"index too large":            {func(_ testing.TB, f fstest.MapFS) { f["test/index"].Data = make([]byte, 10<<20+1) }, scheme.InvalidIndex},
		"logo too large":             {func(_ testing.TB, f fstest.MapFS) { f["test/office/logo.png"].Data = make([]byte, 10<<20+1) }, scheme.InvalidSignature},
		"folder in place of a file":  {func(_ testing.TB, f fstest.MapFS) { f["test/timestamp"] = &fstest.MapFile{Mode: fs.ModeDir} }, scheme.InvalidSignature},
		"files of two schemes mixed": {other("index", "index.sig"), scheme.InvalidSignature},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := merge(testScheme(t, "test").signed(t, "test", "test"), testScheme(t, "good").signed(t, "good", "good"))
			test.tamper(t, fsys)
			set := load(t, fsys)
			wantRefused(t, set, "test", test.want, "")
			if set.Scheme("good") == nil || set.CredentialType("good.office.card") == nil {
				t.Error("the other scheme is gone too")
			}
			if _, err := set.PrivateKey("good.office", 1); err != nil {
				t.Error(err)
			}
		})
	}
}

// wantRefused checks that the scheme is not in the set, and why.
func wantRefused(t *testing.T, set *scheme.Set, id irma.SchemeID, want scheme.Status, text string) {
	t.Helper()
	if set.Scheme(id) != nil || set.Issuer(irma.IssuerID(id+".office")) != nil ||
		set.CredentialType(irma.CredentialTypeID(id+".office.card")) != nil {
		t.Error("the scheme is in the set")
	}
	var found []scheme.Problem
	for _, p := range set.Problems() {
		if !p.Warning() {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("problems: %v", found)
	}
	if found[0].Status != want || !strings.Contains(found[0].Err.Error(), text) {
		t.Errorf("got status %s with %q, want %s with %q", found[0].Status, found[0].Err, want, text)
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	good := testScheme(t, "test").signed(t, "test", "test")
	tests := map[string]struct {
		add  fstest.MapFS
		want []string // problems
	}{
		"twice the same id": {
			testScheme(t, "test").signed(t, "zz", "test"),
			[]string{"scheme test: not used (Unprocessed): folder zz holds a scheme that another folder has already"},
		},
		"temporary folders": {fstest.MapFS{
			".oldscheme1/test/index": {}, "tempscheme1/x": {}, "oldscheme/x": {}, ".git/config": {}, "..data/index": {},
		}, nil},
		"a file":          {fstest.MapFS{"README.md": {}}, nil},
		"another folder":  {fstest.MapFS{"stuff/file": {}}, []string{"scheme stuff: not used (InvalidIndex): open stuff/index: file does not exist"}},
		"a second scheme": {testScheme(t, "more").signed(t, "more", "more"), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := load(t, merge(good, test.add))
			var got []string
			for _, p := range set.Problems() {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if set.Scheme("test") == nil {
				t.Error("the scheme is gone")
			}
		})
	}
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	if _, err := scheme.LoadDir(t.TempDir()+"/nowhere", scheme.Options{}); err == nil {
		t.Error("loaded schemes from nowhere")
	}
}

func TestRequestorScheme(t *testing.T) {
	t.Parallel()
	requestor := tree{
		"description.json": `{"id":"requestors","schemetype":"requestor","url":"https://schemes.example/requestors"}`,
		"timestamp":        "1785000000",
		"requestors.json":  `[]`,
	}
	tests := map[string]struct {
		change func(fstest.MapFS)
		tree   tree
		want   scheme.Status
	}{
		"valid":         {tree: requestor, want: scheme.Valid},
		"chunk changed": {tree: requestor, change: func(f fstest.MapFS) { f["r/requestors.json"].Data = []byte("[[]]") }, want: scheme.InvalidSignature},
		"wrong id":      {tree: tree{"description.json": `{"id":"x","schemetype":"requestor"}`, "timestamp": "1"}, want: scheme.ParsingError},
		"wrong type":    {tree: tree{"description.json": `{"id":"requestors","schemetype":"issuer"}`, "timestamp": "1"}, want: scheme.ParsingError},
		"not JSON":      {tree: tree{"description.json": `<`, "timestamp": "1"}, want: scheme.ParsingError},
		"no timestamp":  {tree: tree{"description.json": requestor["description.json"]}, want: scheme.ParsingError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := test.tree.signed(t, "r", "requestors")
			if test.change != nil {
				test.change(fsys)
			}
			set := load(t, fsys)
			if set.Scheme("requestors") != nil {
				t.Error("a requestor scheme is among the issuer schemes")
			}
			if test.want == scheme.Valid {
				if len(set.Problems()) > 0 {
					t.Error(set.Problems())
				}
				return
			}
			wantRefused(t, set, "requestors", test.want, "")
		})
	}
}

func TestKeyshareScheme(t *testing.T) {
	t.Parallel()
	distributed := testScheme(t, "test")
	distributed.replace(t, "description.xml", "<Demo>", "<KeyshareServer>https://keyshare.example/</KeyshareServer>"+
		"<KeyshareWebsite>https://my.example/</KeyshareWebsite><KeyshareAttribute>test.office.card.name</KeyshareAttribute><Demo>")
	distributed["kss-0.pem"] = rsaPEM(t)
	distributed["kss-12.pem"] = rsaPEM(t)
	s := load(t, distributed.signed(t, "test", "test")).Scheme("test")
	if s == nil {
		t.Fatal("not loaded")
	}
	if !s.Distributed() || s.KeyshareServer != "https://keyshare.example/" || s.KeyshareAttribute != "test.office.card.name" {
		t.Errorf("scheme is %+v", s)
	}
	for _, n := range []int{0, 12} {
		if s.KeyshareKeys[n] == nil || publicPEM(t, s.KeyshareKeys[n]) != distributed["kss-"+map[int]string{0: "0", 12: "12"}[n]+".pem"] {
			t.Errorf("keyshare key %d is wrong", n)
		}
	}
	var _ map[int]*rsa.PublicKey = s.KeyshareKeys
}

func TestJoin(t *testing.T) {
	t.Parallel()
	one := load(t, testScheme(t, "one").signed(t, "one", "one"))
	two := load(t, merge(testScheme(t, "two").signed(t, "two", "two"), fstest.MapFS{"bad/index": {}}))
	both, err := scheme.Join(one, two)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []irma.CredentialTypeID{"one.office.card", "two.office.card"} {
		typ := both.CredentialType(id)
		if typ == nil || both.CredentialTypeByHash(id.Hash()) != typ || both.Scheme(id.Scheme()) == nil {
			t.Fatalf("%s is not there", id)
		}
		if _, err := both.PublicKey(id.Issuer(), 0); err != nil {
			t.Error(err)
		}
	}
	if len(both.Problems()) != 1 {
		t.Errorf("problems: %v", both.Problems())
	}
	if _, err := scheme.Join(both, one); err == nil {
		t.Error("joined two schemes with the same id")
	}
}
