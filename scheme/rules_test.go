package scheme_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme"
)

// TestIndex loads schemes whose index is signed, but not as it should be.
func TestIndex(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0", 64)
	tests := map[string]struct {
		change func(index string) string
		want   scheme.Status // empty: valid
	}{
		"upper case hashes":   {func(s string) string { return upperHashes(s) }, ""},
		"empty lines":         {func(s string) string { return "\n\n" + strings.ReplaceAll(s, "\n", "\n\n") }, ""},
		"no final line feed":  {func(s string) string { return strings.TrimSuffix(s, "\n") }, ""},
		"empty":               {func(string) string { return "" }, scheme.InvalidIndex},
		"two folders":         {func(s string) string { return s + hash + " other/file.xml\n" }, scheme.InvalidIndex},
		"parent":              {func(s string) string { return s + hash + " test/../x\n" }, scheme.InvalidIndex},
		"parents":             {func(s string) string { return s + hash + " test/foo/../../x\n" }, scheme.InvalidIndex},
		"current":             {func(s string) string { return s + hash + " test/./x\n" }, scheme.InvalidIndex},
		"empty part":          {func(s string) string { return s + hash + " test//x\n" }, scheme.InvalidIndex},
		"absolute":            {func(s string) string { return s + hash + " /test/x\n" }, scheme.InvalidIndex},
		"trailing slash":      {func(s string) string { return s + hash + " test/x/\n" }, scheme.InvalidIndex},
		"the folder itself":   {func(s string) string { return s + hash + " test\n" }, scheme.InvalidIndex},
		"a dot":               {func(s string) string { return s + hash + " .\n" }, scheme.InvalidIndex},
		"backslash":           {func(s string) string { return s + hash + " test/..\\..\\x\n" }, scheme.InvalidIndex},
		"NUL":                 {func(s string) string { return s + hash + " test/x\x00y\n" }, scheme.InvalidIndex},
		"carriage return":     {func(s string) string { return s + hash + " test/x\r\n" }, scheme.InvalidIndex},
		"drive letter":        {func(s string) string { return s + hash + " test/C:x\n" }, scheme.InvalidIndex},
		"not UTF-8":           {func(s string) string { return s + hash + " test/\xff\n" }, scheme.InvalidIndex},
		"space in path":       {func(s string) string { return s + hash + " test/a b\n" }, scheme.InvalidIndex},
		"two spaces":          {func(s string) string { return s + hash + "  test/a\n" }, scheme.InvalidIndex},
		"no path":             {func(s string) string { return s + hash + "\n" }, scheme.InvalidIndex},
		"short hash":          {func(s string) string { return s + hash[1:] + " test/x\n" }, scheme.InvalidIndex},
		"long hash":           {func(s string) string { return s + hash + "00 test/x\n" }, scheme.InvalidIndex},
		"not a hash":          {func(s string) string { return s + "zz" + hash[2:] + " test/x\n" }, scheme.InvalidIndex},
		"twice the same path": {func(s string) string { return s + s }, scheme.InvalidIndex},
		"too many files":      {func(s string) string { return s + manyLines(20_001) }, scheme.InvalidIndex},
		"file not there":      {func(s string) string { return s + hash + " test/x\n" }, scheme.InvalidSignature},
		"id with a dot":       {func(s string) string { return strings.ReplaceAll(s, " test/", " te.st/") }, scheme.InvalidIndex},
		"reserved id":         {func(s string) string { return strings.ReplaceAll(s, " test/", " tempscheme/") }, scheme.InvalidIndex},
		"another id":          {func(s string) string { return strings.ReplaceAll(s, " test/", " other/") }, scheme.ParsingError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := testScheme(t, "test")
			set := load(t, tr.signedWith(t, "test", test.change(tr.index("test"))))
			if test.want != "" {
				wantRefused(t, set, "test", test.want, "")
				return
			}
			if set.Scheme("test") == nil || len(set.Problems()) > 0 {
				t.Errorf("not loaded: %v", set.Problems())
			}
		})
	}
}

func upperHashes(index string) string {
	var out strings.Builder
	for line := range strings.Lines(index) {
		out.WriteString(strings.ToUpper(line[:64]) + line[64:])
	}
	return out.String()
}

func manyLines(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "%x test/%d\n", sha256.Sum256(nil), i)
	}
	return out.String()
}

// TestTimestamp loads schemes with signed timestamps.
func TestTimestamp(t *testing.T) {
	t.Parallel()
	for text, valid := range map[string]bool{
		"1785000000\n": true, "1785000000": true, "0": true,
		"": false, "\n": false, "1\n\n": false, " 1": false, "1 ": false, "1\r\n": false, "+1": false, "-1": false,
		"0x1": false, "1_0": false, "1.5": false, "99999999999999999999": false,
	} {
		tr := testScheme(t, "test")
		tr["timestamp"] = text
		set := load(t, tr.signed(t, "test", "test"))
		if valid {
			if set.Scheme("test") == nil {
				t.Errorf("%q: %v", text, set.Problems())
			}
			continue
		}
		wantRefused(t, set, "test", scheme.ParsingError, "timestamp")
	}
}

// TestRules breaks the rules on descriptions one by one.
func TestRules(t *testing.T) {
	t.Parallel()
	replace := func(file, old, text string) func(testing.TB, tree) {
		return func(tb testing.TB, tr tree) { tr.replace(tb, file, old, text) }
	}
	set := func(file, content string) func(testing.TB, tree) {
		return func(_ testing.TB, tr tree) { tr[file] = content }
	}
	drop := func(file string) func(testing.TB, tree) {
		return func(_ testing.TB, tr tree) { delete(tr, file) }
	}
	const demo = "<Demo>true</Demo>"
	tests := map[string]struct {
		change func(testing.TB, tree)
		want   scheme.Status
		text   string
	}{
		"scheme version":              {replace("description.xml", `version="7"`, `version="6"`), scheme.ContentParsingError, "version 6"},
		"no scheme version":           {replace("description.xml", ` version="7"`, ``), scheme.ContentParsingError, "version 0"},
		"scheme root element":         {replace("description.xml", `SchemeManager`, `Scheme`), scheme.ParsingError, "SchemeManager"},
		"scheme id":                   {replace("description.xml", `<Id>test`, `<Id>toast`), scheme.ParsingError, "toast"},
		"scheme not XML":              {set("description.xml", "{}"), scheme.ParsingError, ""},
		"scheme truncated":            {replace("description.xml", "</SchemeManager>", ""), scheme.ParsingError, ""},
		"scheme type":                 {replace("description.xml", demo, demo+"<SchemeType>wallet</SchemeType>"), scheme.ParsingError, "wallet"},
		"demo not a boolean":          {replace("description.xml", demo, "<Demo>yes</Demo>"), scheme.ParsingError, "boolean"},
		"no scheme description":       {drop("description.xml"), scheme.ParsingError, "description.xml is not in the index"},
		"no timestamp":                {drop("timestamp"), scheme.ParsingError, "timestamp is not in the index"},
		"keyshare without key":        {replace("description.xml", demo, demo+"<KeyshareServer>https://k.example</KeyshareServer>"), scheme.ParsingError, "kss-0.pem"},
		"keyshare key not PEM":        {set("kss-0.pem", "x"), scheme.ParsingError, "PEM"},
		"issuer version":              {replace(issuerFile, `version="4"`, `version="3"`), scheme.ContentParsingError, "version 3"},
		"issuer version not a number": {replace(issuerFile, `version="4"`, `version="four"`), scheme.ContentParsingError, "four"},
		"issuer id":                   {replace(issuerFile, `<ID>office`, `<ID>Office`), scheme.ContentParsingError, "ID"},
		"issuer scheme":               {replace(issuerFile, `<SchemeManager>test`, `<SchemeManager>toast`), scheme.ContentParsingError, "toast"},
		"issuer demo name":            {replace(issuerFile, `<nl>Demo `, `<nl>Echt `), scheme.ContentParsingError, "issuer test.office"},
		"issuer without name":         {replace(issuerFile, `<en>Demo Office</en>`, ``), scheme.ContentParsingError, "language en"},
		"issuer not XML":              {set(issuerFile, "x"), scheme.ContentParsingError, issuerFile},
		"issuer deprecated":           {replace(issuerFile, `<Name>`, `<DeprecatedSince>soon</DeprecatedSince><Name>`), scheme.ContentParsingError, "soon"},
		"issuer folder with a dot":    {set("of.fice/description.xml", strings.ReplaceAll(fmt.Sprintf(testIssuer, "test"), "<ID>office", "<ID>of.fice")), scheme.ContentParsingError, "dot"},
		"no issuer description":       {drop(issuerFile), scheme.ContentParsingError, "issuer has no description.xml"},
		"issuer not in index":         {unsign(issuerFile, issuerFile), scheme.ContentParsingError, ""},
		"new issuer not in index":     {unsign(issuerFile, "new/description.xml"), scheme.ContentParsingError, "new/description.xml is not in the index"},
		"new type not in index":       {unsign(cardFile, "office/Issues/new/description.xml"), scheme.ContentParsingError, "office/Issues/new/description.xml is not in the index"},
		"type root element":           {replace(cardFile, `IssueSpecification`, `Specification`), scheme.ContentParsingError, "IssueSpecification"},
		"type version":                {replace(cardFile, `version="4"`, `version="3"`), scheme.ContentParsingError, "version 3"},
		"type id":                     {replace(cardFile, `<CredentialID>card`, `<CredentialID>cart`), scheme.ContentParsingError, "cart"},
		"type issuer":                 {replace(cardFile, `<IssuerID>office`, `<IssuerID>shop`), scheme.ContentParsingError, "shop"},
		"type scheme":                 {replace(cardFile, `<SchemeManager>test`, `<SchemeManager>toast`), scheme.ContentParsingError, "toast"},
		"type demo name":              {replace(cardFile, `<en>Demo Card`, `<en>Card`), scheme.ContentParsingError, "credential type test.office.card"},
		"type without attributes":     {set(cardFile, before(fmt.Sprintf(testCard, "test"), "<Attributes>")+"</IssueSpecification>"), scheme.ContentParsingError, "no attributes"},
		"attribute without id":        {replace(cardFile, `id="name"`, ``), scheme.ContentParsingError, "id of an attribute"},
		"attribute id with a dot":     {replace(cardFile, `id="name"`, `id="na.me"`), scheme.ContentParsingError, "na.me"},
		"attribute twice":             {replace(cardFile, `id="title"`, `id="name"`), scheme.ContentParsingError, "twice"},
		"revocation and randomblind":  {replace(passFile, `<Attribute revocation="true"/>`, `<Attribute revocation="true" randomblind="true"/>`), scheme.ContentParsingError, "both"},
		"revocation with id":          {replace(passFile, `<Attribute revocation="true"/>`, `<Attribute revocation="true" id="r"/>`), scheme.ContentParsingError, "has id"},
		"two revocation attributes":   {replace(passFile, `<Attribute revocation="true"/>`, `<Attribute revocation="true"/><Attribute revocation="true"/>`), scheme.ContentParsingError, "twice"},
		"revocation not a boolean":    {replace(passFile, `revocation="true"`, `revocation="maybe"`), scheme.ContentParsingError, "maybe"},
		"no revocation servers":       {replace(passFile, `RevocationServer`, `Servers`), scheme.ContentParsingError, "without RevocationServers"},
		"no revocation attribute":     {replace(passFile, `<Attribute revocation="true"/>`, ``), scheme.ContentParsingError, "without revocation attribute"},
		"revocation server slash":     {replace(passFile, `/revocation<`, `/revocation/<`), scheme.ContentParsingError, "slash"},
		"revocation server http": {func(tb testing.TB, tr tree) {
			production(tb, tr).replace(tb, passFile, "https://", "http://")
		}, scheme.ContentParsingError, "https://"},
		"dependency on itself":          {replace(ballotFile, "test.office.card<", "test.office.ballot<"), scheme.ContentParsingError, "circular"},
		"dependency outside the scheme": {replace(ballotFile, "test.office.card<", "other.office.card<"), scheme.ContentParsingError, "outside"},
		"circular dependencies":         {replace(cardFile, "</IssueSpecification>", "<Dependencies><Or><And/><And><CredentialType>test.office.ballot</CredentialType></And></Or></Dependencies></IssueSpecification>"), scheme.ContentParsingError, "circular"},
		"a chain of 25 dependencies":    {chain(26), scheme.ContentParsingError, "chain of 25"},
		"a chain of 999 dependencies":   {chain(1000), scheme.ContentParsingError, "chain of 25"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := testScheme(t, "test")
			test.change(t, tr)
			wantRefused(t, load(t, tr.signed(t, "test", "test")), "test", test.want, test.text)
		})
	}
}

func before(text, mark string) string {
	text, _, _ = strings.Cut(text, mark)
	return text
}

// unsign moves or copies a file to a path that is not in the index.
func unsign(file, path string) func(testing.TB, tree) {
	return func(_ testing.TB, tr tree) {
		tr["unsigned:"+path] = tr[file]
		if file == path {
			delete(tr, file)
		}
	}
}

// chain adds n credential types of which each depends on the next.
func chain(n int) func(testing.TB, tree) {
	return func(_ testing.TB, tr tree) {
		for i := range n {
			id, next := fmt.Sprintf("c%04d", i), fmt.Sprintf("<CredentialType>test.office.c%04d</CredentialType>", i+1)
			if i == n-1 {
				next = ""
			}
			text := strings.ReplaceAll(fmt.Sprintf(testBallot, "test"), "<CredentialID>ballot", "<CredentialID>"+id)
			text = strings.ReplaceAll(text, "<CredentialType>test.office.card</CredentialType>", next)
			tr["office/Issues/"+id+"/description.xml"] = text
			tr["office/Issues/"+id+"/logo.png"] = "logo"
		}
	}
}

// TestAllowed loads schemes that are unusual but valid, and compares warnings.
func TestAllowed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change   func(testing.TB, tree)
		warnings []string
	}{
		"a chain of 24 dependencies": {chain(25), nil},
		"demo revocation over http":  {func(tb testing.TB, tr tree) { tr.replace(tb, passFile, "https://", "http://") }, nil},
		"no languages, no demo names": {func(tb testing.TB, tr tree) {
			tr.replace(tb, "description.xml", "<Languages><Language>en</Language><Language>nl</Language></Languages>", "")
			tr.replace(tb, cardFile, "Demo Card", "Card")
		}, nil},
		"own languages": {func(tb testing.TB, tr tree) {
			tr.replace(tb, cardFile, "<IssueURL>", "<Languages><Language>en</Language></Languages><IssueURL>")
			tr.replace(tb, cardFile, "<nl>Demo Kaart</nl>", "")
		}, nil},
		"production without demo names": {func(tb testing.TB, tr tree) {
			production(tb, tr).replace(tb, cardFile, "Demo ", "")
		}, nil},
		"allowed unsigned files": {func(_ testing.TB, tr tree) {
			for _, file := range []string{
				"sk.pem", "LICENSE", "AUTHORS", "README.md", ".git/HEAD", "assets/a.png", ".DS_Store", "office/.DS_Store",
				"office/Proofs/0.xml", "office/PrivateKeys/..data/0.xml", "..data/x",
			} {
				tr["unsigned:"+file] = "x"
			}
		}, nil},
		"stray files": {func(_ testing.TB, tr tree) {
			for _, file := range []string{"notes.txt", "office/PublicKeys/7.xml", "office/PrivateKeys/key.xml", "empty/a/b", "empty/c"} {
				tr["unsigned:"+file] = "x"
			}
		}, []string{
			"ignored empty: it is not in the index",
			"ignored notes.txt: it is not in the index",
			"ignored office/PrivateKeys/key.xml: it is not in the index",
			"ignored office/PublicKeys/7.xml: it is not in the index",
		}},
		"missing translations": {func(tb testing.TB, tr tree) {
			tr.replace(tb, cardFile, "<nl>Naam</nl>", "")
			tr.replace(tb, cardFile, "<en>A card</en>", "<en></en>")
			tr.replace(tb, "description.xml", "<Name><en>Test</en>", "<Name>")
		}, []string{
			"scheme: name is not translated into en",
			"credential type test.office.card: description is not translated into en",
			"credential type test.office.card: name of attribute name is not translated into nl",
		}},
		"issuer with nothing": {func(_ testing.TB, tr tree) {
			tr["bare/description.xml"] = strings.ReplaceAll(fmt.Sprintf(testIssuer, "test"), "<ID>office", "<ID>bare")
		}, []string{"issuer test.bare has no public keys", "issuer test.bare has no credential types", "bare/logo.png is missing"}},
		"display index": {func(tb testing.TB, tr tree) {
			tr.replace(tb, cardFile, `id="name"`, `id="name" displayIndex="1"`)
			tr.replace(tb, ballotFile, `id="election"`, `id="election" displayIndex="3"`)
		}, []string{
			"credential type test.office.ballot: display index 3 of attribute election is out of range or taken",
			"credential type test.office.card: display index 1 of attribute title is out of range or taken",
		}},
		"unknown dependency": {func(tb testing.TB, tr tree) {
			tr.replace(tb, ballotFile, "test.office.card<", "test.office.cart<")
		}, []string{"credential type test.office.ballot depends on unknown credential type test.office.cart"}},
		"keys without issuer": {func(tb testing.TB, tr tree) {
			tr["ghost/PublicKeys/0.xml"] = tr["office/PublicKeys/0.xml"]
		}, []string{"ignored public key 0 of test.ghost: issuer has no description.xml"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := testScheme(t, "test")
			test.change(t, tr)
			set := load(t, tr.signed(t, "test", "test"))
			if set.Scheme("test") == nil {
				t.Fatalf("refused: %v", set.Problems())
			}
			var got []string
			for _, p := range set.Problems() {
				if !p.Warning() {
					t.Errorf("status is %s", p.Status)
				}
				got = append(got, p.Err.Error())
			}
			if diff := cmp.Diff(test.warnings, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}
