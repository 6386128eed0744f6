package update_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme/update"
)

// FuzzIndex serves an index, with a good signature and timestamp file, and
// checks that whatever it says changes nothing outside the scheme's folder, and
// that what is installed is valid.
func FuzzIndex(f *testing.F) {
	p := newPublisher(f, "test")
	p.Remove("vote")
	p.Publish()
	first := f.TempDir()
	mustUpdate(f, newUpdater(f, config(first, p)))
	p.Rename("Town")
	index := p.Read("index")
	f.Add(index)
	f.Add(index + index[:64] + " test/../../x\n")
	f.Add(index + index[:64] + " test/index.sig\n")
	f.Add(index + index[:64] + " test/timestamp/x\n")
	f.Add(index[:len(index)/2])
	f.Fuzz(func(t *testing.T, index string) {
		around := t.TempDir()
		dir := filepath.Join(around, "schemes")
		if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
		p.On("index", body([]byte(index)))
		p.On("index.sig", body(sign(t, p.Key, []byte(index))))
		u := newUpdater(t, config(dir, p))
		err := u.Update(t.Context())
		p.Asked()
		if issuerName(onDisk(t, dir), "test") == "" && err != nil {
			t.Errorf("the scheme is gone: %v", err)
		}
		if entries, err := os.ReadDir(around); err != nil || len(entries) != 1 {
			t.Errorf("around the schemes: %v, %v", entries, err)
		}
		if err == nil {
			return
		}
		if diff := cmp.Diff(files(t, first), files(t, dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	})
}

// FuzzLogos checks that logos are fetched from and written to one folder.
func FuzzLogos(f *testing.F) {
	hash := strings.Repeat("0a", 32)
	f.Add([]byte(`[{"logo":"` + hash + `","wizards":{"a":{"logo":"` + strings.ToUpper(hash) + `"},"b":{"logo":null}}},{"logo":""}]`))
	f.Add([]byte(`[{"logo":"../x"}]`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		logos, err := update.ParseLogos(data)
		if err != nil {
			return
		}
		for _, logo := range logos {
			name, found := strings.CutPrefix(logo.Path, "assets/")
			hash, png := strings.CutSuffix(name, ".png")
			if !found || !png || !strings.EqualFold(hash, fmt.Sprintf("%x", logo.Hash)) {
				t.Errorf("logo %+v", logo)
			}
		}
	})
}
