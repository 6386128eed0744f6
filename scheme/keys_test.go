package scheme_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/privacybydesign/gabi/gabikeys"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const office irma.IssuerID = "test.office"

func TestPublicKey(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "test", "test"))
	if diff := cmp.Diff([]uint{0, 1}, set.PublicKeyCounters(office)); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	key, err := set.PublicKey(office, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := gabikeys.NewPublicKeyFromXML(keyFile(t, "public1.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if key.Counter != 1 || key.Issuer != string(office) || key.ExpiryDate != want.ExpiryDate || len(key.R) != 8 ||
		!key.RevocationSupported() || key.ECDSA == nil || key.Params != gabikeys.DefaultSystemParameters[1024] {
		t.Errorf("key is %+v", key)
	}
	for name, pair := range map[string][2]any{
		"n": {key.N, want.N}, "Z": {key.Z, want.Z}, "S": {key.S, want.S}, "G": {key.G, want.G}, "H": {key.H, want.H}, "R": {key.R, want.R}, "ECDSA": {key.ECDSAString, want.ECDSAString},
	} {
		if diff := cmp.Diff(fmt.Sprint(pair[1]), fmt.Sprint(pair[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if again, _ := set.PublicKey(office, 1); again != key {
		t.Error("the key was parsed twice")
	}
}

func TestKeyNotFound(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "test", "test"))
	_, public := set.PublicKey(office, 2)
	_, publicIssuer := set.PublicKey("test.shop", 0)
	_, private := set.PrivateKey(office, 2)
	_, privateIssuer := set.PrivateKey("test.shop", 0)
	_, latest := set.LatestPrivateKey("test.shop")
	for _, err := range []error{public, publicIssuer, private, privateIssuer, latest} {
		if !errors.Is(err, scheme.ErrKeyNotFound) {
			t.Errorf("error is %v", err)
		}
	}
}

// TestConcurrentKeys asks for all keys from many goroutines; all must get the
// same ones. The race detector watches.
func TestConcurrentKeys(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "test", "test"))
	const goroutines = 16
	var public, private [2][goroutines]any
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for c := range uint(2) {
				c = (c + uint(g)) % 2
				public[c][g], _ = set.PublicKey(office, c)
				private[c][g], _ = set.PrivateKey(office, c)
			}
		})
	}
	wg.Wait()
	for c := range 2 {
		for g := range goroutines {
			if public[c][g] == (*gabikeys.PublicKey)(nil) || public[c][g] != public[c][0] ||
				private[c][g] == (*gabikeys.PrivateKey)(nil) || private[c][g] != private[c][0] {
				t.Fatalf("goroutine %d got other keys %d", g, c)
			}
		}
	}
}

// between replaces what is between the first open and close tags.
func between(tb testing.TB, text, tag, inner string) string {
	tb.Helper()
	pattern := regexp.MustCompile(`(?s)<` + tag + `>.*?</` + tag + `>`)
	if !pattern.MatchString(text) {
		tb.Fatalf("no element %s", tag)
	}
	return pattern.ReplaceAllLiteralString(text, "<"+tag+">"+inner+"</"+tag+">")
}

func element(tb testing.TB, text, tag string) string {
	tb.Helper()
	match := regexp.MustCompile(`<` + tag + `>([^<]*)</` + tag + `>`).FindStringSubmatch(text)
	if match == nil {
		tb.Fatalf("no element %s", tag)
	}
	return match[1]
}

// TestBadPublicKey loads public keys that gabi must never see. The scheme is
// usable nevertheless, as is the issuer's other key.
func TestBadPublicKey(t *testing.T) {
	t.Parallel()
	good := keyFile(t, "public0.xml")
	p := element(t, keyFile(t, "private0.xml"), "p")
	n := element(t, good, "n")
	tests := map[string]struct{ file, want string }{
		"counter":              {between(t, good, "Counter", "1"), "counter 1"},
		"counter not a number": {between(t, good, "Counter", "one"), "one"},
		"empty":                {"", "EOF"},
		"truncated":            {good[:len(good)/2], "EOF"},
		"root":                 {strings.ReplaceAll(good, "IssuerPublicKey", "PublicKey"), "IssuerPublicKey"},
		"namespace":            {strings.ReplaceAll(good, "idemix", "dilemix"), "idemix"},
		"no n":                 {strings.Replace(good, "<n>"+n+"</n>", "", 1), "no n"},
		"no Z":                 {strings.ReplaceAll(strings.ReplaceAll(good, "<Z>", "<Y>"), "</Z>", "</Y>"), "no Z"},
		"n even":               {between(t, good, "n", n[:len(n)-1]+"2"), "even"},
		"n too short":          {between(t, good, "n", n[:len(n)-9]+"1"), "key length"},
		"n too long":           {between(t, good, "n", n+"1"), "key length"},
		"n enormous":           {between(t, good, "n", strings.Repeat("1", 1301)), "digits"},
		"n negative":           {between(t, good, "n", "-"+n), "decimal"},
		"n hexadecimal":        {between(t, good, "n", "0x"+n), "decimal"},
		"S zero":               {between(t, good, "S", "0"), "between"},
		"S is n":               {between(t, good, "S", n), "between"},
		"S not invertible":     {between(t, good, "S", p), "invertible"},
		"G zero":               {between(t, good, "G", "0"), "between"},
		"H too large":          {between(t, good, "H", n+"0"), "between"},
		"base zero":            {between(t, good, "Base_3", "0"), "between"},
		"base empty":           {between(t, good, "Base_3", ""), "no base"},
		"base is n":            {between(t, good, "Base_7", n), "between"},
		"base negative":        {between(t, good, "Base_0", "-5"), "decimal"},
		"base not invertible":  {between(t, good, "Base_0", p), "invertible"},
		"num too small":        {strings.Replace(good, `num="8"`, `num="7"`, 1), "num is 7"},
		"num too large":        {strings.Replace(good, `num="8"`, `num="9"`, 1), "num is 9"},
		"num negative":         {strings.Replace(good, `num="8"`, `num="-1"`, 1), "num is -1"},
		"no num":               {strings.Replace(good, `num="8"`, ``, 1), "num is 0"},
		"no bases":             {regexp.MustCompile(`(?s)<Bases.*</Bases>`).ReplaceAllString(good, ""), "fewer than 2"},
		"one base":             {regexp.MustCompile(`(?s)<Bases.*</Bases>`).ReplaceAllString(good, `<Bases num="1"><B>2</B></Bases>`), "fewer than 2"},
		"ECDSA not base64":     {between(t, good, "ECDSA", "?"), "base64"},
		"ECDSA not a key":      {between(t, good, "ECDSA", "AAAA"), "asn1"},
		"expiry not a number":  {between(t, good, "ExpiryDate", "never"), "never"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.file == good {
				t.Fatal("the case changes nothing")
			}
			tr := testScheme(t, "test")
			tr["office/PublicKeys/0.xml"] = test.file
			set := load(t, tr.signed(t, "test", "test"))
			for range 2 {
				key, err := set.PublicKey(office, 0)
				if err == nil || key != nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("error is %v, want %q", err, test.want)
				}
			}
			if _, err := set.PrivateKey(office, 0); err == nil {
				t.Error("the private key is usable without public key")
			}
			if _, err := set.PublicKey(office, 1); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKeyWithoutRevocation(t *testing.T) {
	t.Parallel()
	tr := testScheme(t, "test")
	file := tr["office/PublicKeys/0.xml"]
	for _, tag := range []string{"G", "H", "ECDSA"} {
		file = regexp.MustCompile("<"+tag+">[^<]*</"+tag+">").ReplaceAllString(file, "")
	}
	tr["office/PublicKeys/0.xml"] = file
	key, err := load(t, tr.signed(t, "test", "test")).PublicKey(office, 0)
	if err != nil {
		t.Fatal(err)
	}
	if key.RevocationSupported() || key.G != nil || key.H != nil {
		t.Error("the key supports revocation")
	}
}

// TestUnsignedPublicKey puts an unsigned key beside signed ones; it is skipped
// and nothing else happens.
func TestUnsignedPublicKey(t *testing.T) {
	t.Parallel()
	tr := testScheme(t, "test")
	tr["unsigned:office/PublicKeys/2.xml"] = keyFile(t, "public2.xml")
	set := load(t, tr.signed(t, "test", "test"))
	if diff := cmp.Diff([]uint{0, 1}, set.PublicKeyCounters(office)); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	if _, err := set.PublicKey(office, 2); !errors.Is(err, scheme.ErrKeyNotFound) {
		t.Errorf("error is %v", err)
	}
}

func TestKeyFileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"01", "+1", "-1", "one", "", "4294967296", "1.5"} {
		tr := testScheme(t, "test")
		tr["office/PublicKeys/"+name+".xml"] = keyFile(t, "public1.xml")
		set := load(t, tr.signed(t, "test", "test"))
		if diff := cmp.Diff([]uint{0, 1}, set.PublicKeyCounters(office)); diff != "" {
			t.Errorf("%q: counters (-want +got):\n%s", name, diff)
		}
	}
}

func TestPrivateKey(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(testing.TB, tree) tree{
		"demo":       func(_ testing.TB, tr tree) tree { return tr },
		"production": production,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := load(t, change(t, testScheme(t, "test")).signed(t, "test", "test"))
			if latest, err := set.LatestPrivateKey(office); latest != 1 || err != nil {
				t.Errorf("latest is %d, %v", latest, err)
			}
			key, err := set.PrivateKey(office, 1)
			if err != nil {
				t.Fatal(err)
			}
			public, err := set.PublicKey(office, 1)
			if err != nil {
				t.Fatal(err)
			}
			if key.Counter != 1 || key.N.Cmp(public.N) != 0 || key.Order == nil || key.ECDSA == nil {
				t.Errorf("key is not complete")
			}
			if again, _ := set.PrivateKey(office, 1); again != key {
				t.Error("the key was validated twice")
			}
		})
	}
}

// TestBadPrivateKey puts private keys in a scheme that cannot be used. Those are
// left out with a warning, or fail when they are used if the public key is
// needed to tell.
func TestBadPrivateKey(t *testing.T) {
	t.Parallel()
	good := keyFile(t, "private1.xml")
	tests := map[string]struct {
		path, file string
		warning    string
		later      string
	}{
		"no public key":        {"office/PrivateKeys/2.xml", keyFile(t, "private2.xml"), "no public key", ""},
		"unknown issuer":       {"shop/PrivateKeys/1.xml", good, "ignored shop", ""},
		"counter":              {"office/PrivateKeys/1.xml", keyFile(t, "private0.xml"), "counter 0", ""},
		"not XML":              {"office/PrivateKeys/1.xml", "x", "not the XML", ""},
		"no p":                 {"office/PrivateKeys/1.xml", strings.NewReplacer("<p>", "<r>", "</p>", "</r>").Replace(good), "no p", ""},
		"no pPrime":            {"office/PrivateKeys/1.xml", strings.NewReplacer("<pPrime>", "<r>", "</pPrime>", "</r>").Replace(good), "no pPrime", ""},
		"pPrime of another":    {"office/PrivateKeys/1.xml", between(t, good, "pPrime", "5"), "belong together", ""},
		"p even":               {"office/PrivateKeys/1.xml", between(t, between(t, good, "p", "10"), "pPrime", "5"), "belong together", ""},
		"key length":           {"office/PrivateKeys/1.xml", strings.NewReplacer(element(t, good, "p"), "11", element(t, good, "pPrime"), "5", element(t, good, "q"), "13", element(t, good, "qPrime"), "6").Replace(good), "key length", ""},
		"p much shorter":       {"office/PrivateKeys/1.xml", between(t, between(t, good, "p", "1"), "pPrime", "0"), "differ in length", ""},
		"p is q":               {"office/PrivateKeys/1.xml", between(t, between(t, good, "p", element(t, good, "q")), "pPrime", element(t, good, "qPrime")), "equal", ""},
		"ECDSA":                {"office/PrivateKeys/1.xml", between(t, good, "ECDSA", "AAAA"), "x509", ""},
		"another key":          {"office/PrivateKeys/1.xml", between(t, keyFile(t, "private0.xml"), "Counter", "1"), "", "multiply to n"},
		"too large":            {"office/PrivateKeys/1.xml", strings.Repeat(" ", 10<<20+1), "larger than", ""},
		"a key without number": {"office/PrivateKeys/key.xml", good, "not in the index", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := testScheme(t, "test")
			tr[test.path] = test.file
			set := load(t, tr.signed(t, "test", "test"))
			if set.Scheme("test") == nil {
				t.Fatal("a private key made the scheme unusable")
			}
			_, err := set.PrivateKey(office, 1)
			if test.later != "" && (err == nil || !strings.Contains(err.Error(), test.later)) {
				t.Errorf("error is %v, want %q", err, test.later)
			}
			if problems := fmt.Sprint(set.Problems()); test.warning != "" && !strings.Contains(problems, test.warning) {
				t.Errorf("problems are %s, want %q", problems, test.warning)
			}
			for _, secret := range []string{element(t, good, "p"), element(t, good, "q"), element(t, good, "ECDSA")} {
				if strings.Contains(fmt.Sprint(set.Problems(), err), secret) {
					t.Error("a problem tells the private key")
				}
			}
		})
	}
}

// unsafeKey returns a key pair whose primes are not safe.
func unsafeKey(tb testing.TB) (public, private string) {
	tb.Helper()
	var primes [2]*big.Int
	for i := range primes {
		p, err := rand.Prime(rand.Reader, 512)
		if err != nil {
			tb.Fatal(err)
		}
		if half := new(big.Int).Rsh(p, 1); half.ProbablyPrime(20) {
			tb.Skip("found a safe prime by accident")
		}
		primes[i] = p
	}
	const ns = ` xmlns="http://www.zurich.ibm.com/security/idemix"`
	n := new(big.Int).Mul(primes[0], primes[1])
	public = fmt.Sprintf(`<IssuerPublicKey%s><Counter>0</Counter><ExpiryDate>2500000000</ExpiryDate><Elements><n>%s</n><Z>4</Z><S>9</S>`+
		`<Bases num="3"><B>16</B><B>25</B><B>36</B></Bases></Elements></IssuerPublicKey>`, ns, n)
	private = fmt.Sprintf(`<IssuerPrivateKey%s><Counter>0</Counter><Elements><p>%s</p><q>%s</q><pPrime>%s</pPrime><qPrime>%s</qPrime></Elements></IssuerPrivateKey>`,
		ns, primes[0], primes[1], new(big.Int).Rsh(primes[0], 1), new(big.Int).Rsh(primes[1], 1))
	return public, private
}

// TestSafePrimes checks that safe primes are demanded except in demo schemes.
func TestSafePrimes(t *testing.T) {
	t.Parallel()
	public, private := unsafeKey(t)
	demo := testScheme(t, "test")
	demo["office/PublicKeys/0.xml"], demo["office/PrivateKeys/0.xml"] = public, private
	if _, err := load(t, demo.signed(t, "test", "test")).PrivateKey(office, 0); err != nil {
		t.Errorf("demo: %v", err)
	}
	real := production(t, demo)
	if _, err := load(t, real.signed(t, "test", "test")).PrivateKey(office, 0); err == nil || !strings.Contains(err.Error(), "safe prime") {
		t.Errorf("production: error is %v", err)
	}
}

func TestCheckKeyPair(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ public, private, want string }{
		"right":            {keyFile(t, "public0.xml"), keyFile(t, "private0.xml"), ""},
		"counters differ":  {keyFile(t, "public0.xml"), keyFile(t, "private1.xml"), "counters"},
		"other key":        {strings.Replace(keyFile(t, "public1.xml"), "<Counter>1<", "<Counter>0<", 1), keyFile(t, "private0.xml"), "do not multiply"},
		"not a public key": {keyFile(t, "private0.xml"), keyFile(t, "private0.xml"), "public key"},
		"not a secret key": {keyFile(t, "public0.xml"), keyFile(t, "public0.xml"), "private key"},
	} {
		err := scheme.CheckKeyPair([]byte(tt.public), []byte(tt.private))
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q", name, err, tt.want)
		}
	}
}
