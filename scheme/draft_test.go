package scheme_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme"
)

func TestReadDraft(t *testing.T) {
	t.Parallel()
	file := func(name, content string) fstest.MapFS {
		return fstest.MapFS{name: &fstest.MapFile{Data: []byte(content)}}
	}
	for name, tt := range map[string]struct {
		fsys fstest.MapFS
		want *scheme.Draft
	}{
		"issuers":    {file("description.xml", "<SchemeManager><Id>a</Id><Url>https://a.example</Url></SchemeManager>"), &scheme.Draft{ID: "a", URL: "https://a.example"}},
		"requestors": {file("description.json", `{"id":"b","schemetype":"requestor","url":"https://b.example"}`), &scheme.Draft{ID: "b", URL: "https://b.example", Requestor: true}},
		"no file":    {fstest.MapFS{}, nil},
		"no id":      {file("description.xml", "<SchemeManager/>"), nil},
		"bad id":     {file("description.xml", "<SchemeManager><Id>a.b</Id></SchemeManager>"), nil},
		"no XML":     {file("description.xml", "{}"), nil},
		"no JSON":    {file("description.json", "<"), nil},
	} {
		got, err := scheme.ReadDraft(tt.fsys)
		if (err != nil) != (tt.want == nil) {
			t.Errorf("%s: error %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); err == nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMostAttributes(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for name, content := range testScheme(t, "test") {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	issuer, err := fsys.Sub("office")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := scheme.MostAttributes(issuer); n != 3 || err != nil {
		t.Errorf("%d attributes, error %v", n, err)
	}
	if n, err := scheme.MostAttributes(fstest.MapFS{}); n != 0 || err != nil {
		t.Errorf("%d attributes of nothing, error %v", n, err)
	}
	fsys[cardFile].Data = []byte("<")
	if _, err := scheme.MostAttributes(issuer); err == nil {
		t.Error("no error about XML that is none")
	}
}
