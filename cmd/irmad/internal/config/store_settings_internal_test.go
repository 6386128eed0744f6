package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sessions.db")
	noEffect := []string{"store_path, store_keys and the redis options have no effect without a store_type, such as file"}
	unencrypted := []string{"sessions are stored unencrypted, with what users disclose: set store_keys"}
	for name, tt := range map[string]struct {
		settings storeSettings
		warnings []string
		want     string // error
	}{
		"nothing":         {},
		"memory":          {settings: storeSettings{StoreType: "memory"}},
		"memory with key": {settings: storeSettings{StoreKeys: []string{storeKey(1)}}, warnings: noEffect},
		"file":            {settings: storeSettings{StoreType: "file", StorePath: path, StoreKeys: []string{storeKey(1), storeKey(2)}}},
		"keys in a file":  {settings: storeSettings{StoreType: "file", StorePath: path, StoreKeysFile: write(t, "keys", storeKey(1)+"\n"+storeKey(2)+"\n")}},
		"no key":          {settings: storeSettings{StoreType: "file", StorePath: path}, warnings: unencrypted},
		"other type":      {settings: storeSettings{StoreType: "etcd"}, want: `storeType not known: "etcd"`},
		"no path":         {settings: storeSettings{StoreType: "file"}, want: "store_type file needs a store_path"},
		"no directory":    {settings: storeSettings{StoreType: "file", StorePath: filepath.Join(dir, "none", "a.db")}, want: "invalid store_path: "},
		"in a file":       {settings: storeSettings{StoreType: "file", StorePath: filepath.Join(write(t, "file", "x"), "a.db")}, want: "is not a directory"},
		"a directory":     {settings: storeSettings{StoreType: "file", StorePath: dir}, want: "is not a file"},
		"both":            {settings: storeSettings{StoreKeys: []string{storeKey(1)}, StoreKeysFile: "x"}, want: "provide either keys or path to keys"},
		"no key file":     {settings: storeSettings{StoreKeysFile: filepath.Join(dir, "none")}, want: "store_keys_file: failed to stat key: "},
		"empty key file":  {settings: storeSettings{StoreKeysFile: write(t, "empty", " \n")}, want: "store_keys_file: no key in "},
		"no base64":       {settings: storeSettings{StoreKeys: []string{storeKey(1), "sesame!"}}, want: "store_keys: key 2: store/sealed: a key is not in base64"},
		"short key":       {settings: storeSettings{StoreKeys: []string{"c2VzYW1l"}}, want: "a key has 6 bytes, want 32"},
		"twice":           {settings: storeSettings{StoreKeys: []string{storeKey(1), storeKey(1)}}, want: "key 2 is given twice"},
	} {
		s := &Settings{storeSettings: tt.settings}
		err := s.CheckStore()
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "sesame"):
			t.Errorf("%s: the error quotes a key: %v", name, err)
		}
		if diff := cmp.Diff(tt.warnings, s.Warnings); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("checking the settings has made the file")
	}
}
