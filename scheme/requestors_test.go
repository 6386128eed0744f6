package scheme_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const testLogo = "a logo"

var logoName = fmt.Sprintf("assets/%x.png", sha256.Sum256([]byte(testLogo)))

// requestorTree returns a requestor scheme of one requestor, in which HASH stands
// for the name of its logo.
func requestorTree(id string) tree {
	shop := `[{"id":"ID.shop","scheme":"ID","name":{"en":"Shop","nl":"Winkel"},"industry":null,"hostnames":["Shop.example","www.shop.example"],
		"logo":"HASH","valid_until":2000000000,"languages":["en"],"more":1,
		"wizards":{"ID.shop.tour":{"id":"ID.shop.tour","title":{"en":"Tour"},"logo":"HASH","issues":"test.office.card","contents":[]},
		           "ID.shop.also":{"id":"ID.shop.also"}}}]`
	hash := strings.TrimSuffix(strings.TrimPrefix(logoName, "assets/"), ".png")
	return tree{
		"description.json":      `{"id":"` + id + `","schemetype":"requestor","url":"https://schemes.example/` + id + `","languages":["en","nl"]}`,
		"timestamp":             "1785000000",
		"shops.json":            strings.NewReplacer("ID", id, "HASH", hash).Replace(shop),
		"others.json":           `[{"id":"` + id + `.other","scheme":"` + id + `","unverified":true}]`,
		"unsigned:" + logoName:  testLogo,
		"unsigned:assets/x.png": "somebody else's",
	}
}

func TestRequestors(t *testing.T) {
	t.Parallel()
	set := load(t, requestorTree("people").signed(t, "people", "people"))
	if problems := set.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	shop := &scheme.Requestor{
		ID: "people.shop", Name: irma.TranslatedString{"en": "Shop", "nl": "Winkel"},
		Hostnames: []string{"Shop.example", "www.shop.example"}, Logo: logoName,
		ValidUntil: 2000000000, Languages: []string{"en"},
		Wizards: []scheme.Wizard{
			{ID: "people.shop.also"},
			{ID: "people.shop.tour", Title: irma.TranslatedString{"en": "Tour"}, Issues: "test.office.card"},
		},
	}
	want := []*scheme.RequestorScheme{{
		ID: "people", URL: "https://schemes.example/people", Languages: []string{"en", "nl"}, Timestamp: time.Unix(1785000000, 0),
		Requestors: []*scheme.Requestor{{ID: "people.other", Unverified: true}, shop},
	}}
	if diff := cmp.Diff(want, slices.Collect(set.RequestorSchemes())); diff != "" {
		t.Errorf("requestor schemes (-want +got):\n%s", diff)
	}
	if set.Scheme("people") != nil {
		t.Error("a requestor scheme is among the issuer schemes")
	}
	for host, known := range map[string]bool{"shop.example": true, "WWW.shop.EXAMPLE": true, "other.example": false, "": false} {
		if got := set.RequestorByHost(host); (got != nil) != known || known && got.ID != "people.shop" {
			t.Errorf("%s is that of %v", host, got)
		}
	}
	if new(scheme.Set).RequestorByHost("shop.example") != nil {
		t.Error("the zero Set knows somebody")
	}
}

func TestRequestorsRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(tree){
		"scheme is":                        func(tr tree) { tr.replace(t, "shops.json", `"scheme":"people"`, `"scheme":"other"`) },
		"not of the form people.name":      func(tr tree) { tr.replace(t, "others.json", "people.other", "people.a.b") },
		"demo scheme":                      func(tr tree) { tr.replace(t, "description.json", `"languages"`, `"demo":true,"languages"`) },
		"is not a hash":                    func(tr tree) { tr.replace(t, "shops.json", `"logo":"`, `"logo":"x`) },
		`wizard "people.shop.also" has`:    func(tr tree) { tr.replace(t, "shops.json", `"id":"people.shop.also"`, `"id":"people.shop.x"`) },
		`wizard "people.x.also" has`:       func(tr tree) { tr.replace(t, "shops.json", `people.shop.also`, `people.x.also`) },
		`requestor "people.shop" occurs`:   func(tr tree) { tr.replace(t, "others.json", "people.other", "people.shop") },
		`"www.shop.example" occurs twice`:  func(tr tree) { tr.replace(t, "shops.json", `"Shop.example"`, `"WWW.Shop.example"`) },
		"cannot unmarshal object":          func(tr tree) { tr["more.json"] = "{}" },
		"expected whole Unix seconds":      func(tr tree) { tr.replace(t, "shops.json", "2000000000", `"soon"`) },
		"unexpected end of JSON input":     func(tr tree) { tr["more.json"] = "" },
		"scheme description has id \"peop": func(tr tree) { tr.replace(t, "description.json", `"people"`, `"peoples"`) },
	} {
		tr := requestorTree("people")
		change(tr)
		set := load(t, tr.signed(t, "people", "people"))
		if problems := set.Problems(); len(problems) != 1 || problems[0].Warning() || !strings.Contains(problems[0].String(), want) {
			t.Errorf("problems %v, want %q", problems, want)
		}
		for s := range set.RequestorSchemes() {
			t.Errorf("%s: %s is used", want, s.ID)
		}
	}
}

// A logo that is not what was signed is not used; the names still are.
func TestRequestorLogo(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(fstest.MapFS){
		"does not have the hash": func(f fstest.MapFS) { f["people/"+logoName].Data = []byte("other") },
		"file does not exist":    func(f fstest.MapFS) { delete(f, "people/"+logoName) },
	} {
		fsys := requestorTree("people").signed(t, "people", "people")
		change(fsys)
		set := load(t, fsys)
		if problems := set.Problems(); len(problems) != 1 || !problems[0].Warning() || !strings.Contains(problems[0].String(), want) {
			t.Errorf("problems %v, want %q", problems, want)
		}
		if shop := set.RequestorByHost("shop.example"); shop == nil || shop.Logo != "" {
			t.Errorf("requestor %+v", shop)
		}
	}
}

// Requestor schemes behave like issuer schemes when there are several.
func TestRequestorSchemesTogether(t *testing.T) {
	t.Parallel()
	people := requestorTree("people").signed(t, "people", "people")
	both := load(t, merge(people, requestorTree("more").signed(t, "zmore", "more")))
	if problems := both.Problems(); len(problems) != 1 || problems[0].Scheme != "more" || !strings.Contains(problems[0].String(), "host name") {
		t.Errorf("problems of two schemes with the same host names: %v", problems)
	}
	twice := load(t, merge(people, requestorTree("people").signed(t, "zpeople", "people")))
	if problems := twice.Problems(); len(problems) != 1 || problems[0].Status != scheme.Unprocessed {
		t.Errorf("problems of the same scheme twice: %v", problems)
	}
	previous := load(t, people)
	if _, err := scheme.Join(previous, previous); err == nil {
		t.Error("joined the same scheme twice")
	}
	damaged := load(t, merge(people, fstest.MapFS{"people/shops.json": &fstest.MapFile{Data: []byte("[]")}}))
	if damaged.RequestorByHost("shop.example") != nil {
		t.Error("a damaged scheme is used")
	}
	kept := damaged.OrPrevious(previous)
	if kept.RequestorByHost("shop.example") == nil || len(kept.Problems()) != 1 {
		t.Errorf("the previous version is not kept: %v", kept.Problems())
	}
}
