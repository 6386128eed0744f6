package installed_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/update"
)

// TestDefaults checks which schemes are fetched into which directory.
func TestDefaults(t *testing.T) {
	t.Parallel()
	town, city, own := schemetest.NewPublisher(t, "town"), schemetest.NewPublisher(t, "city"), schemetest.NewPublisher(t, "own")
	fork := schemetest.NewPublisher(t, "town")
	all := []update.Source{sourceOf(town, "https://a.nl"), sourceOf(city, "https://a.nl")}
	tests := map[string]struct {
		installed []*schemetest.Publisher
		want      []irma.SchemeID
	}{
		"empty":                 {nil, []irma.SchemeID{"town", "city"}},
		"one":                   {[]*schemetest.Publisher{city}, []irma.SchemeID{"city"}},
		"somebody's own":        {[]*schemetest.Publisher{own}, nil},
		"own and one":           {[]*schemetest.Publisher{own, town}, []irma.SchemeID{"town"}},
		"own by the same name":  {[]*schemetest.Publisher{fork}, nil},
		"own by name, and city": {[]*schemetest.Publisher{fork, city}, []irma.SchemeID{"city"}},
	}
	for name, tt := range tests {
		dir := t.TempDir()
		for _, p := range tt.installed {
			if err := os.CopyFS(filepath.Join(dir, string(p.ID)), os.DirFS(p.Dir)); err != nil {
				t.Fatal(err)
			}
		}
		var got []irma.SchemeID
		for _, source := range installed.Defaults(dir, all) {
			got = append(got, source.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := installed.Defaults(t.TempDir(), nil); len(got) != 2 {
		t.Errorf("without a test there are %d default schemes", len(got))
	}
}

func sourceOf(p *schemetest.Publisher, web string) update.Source {
	return update.Source{ID: p.ID, URL: web + "/" + string(p.ID), PublicKey: &p.Key.PublicKey}
}
