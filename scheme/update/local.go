package update

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// installed is a scheme as it is on disk. Unless its index is genuine, only dir
// and key are set.
type installed struct {
	dir     string           // where it is, or is to be
	key     *ecdsa.PublicKey // in its folder; nil if there is none
	raw     []byte           // the bytes of its index
	index   *scheme.Index
	version time.Time // zero if not known
}

// schemeFolders returns the names of the folders in dir that may hold a scheme.
func schemeFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "tempscheme") || strings.HasPrefix(name, "oldscheme") {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// readInstalled reads what the folder of a scheme says about its version.
func readInstalled(dir string) *installed {
	out := &installed{dir: dir}
	if pem, err := readSmall(dir, "pk.pem", maxKeySize); err == nil {
		out.key, _ = scheme.ReadPublicKey(pem)
	}
	raw, err := readSmall(dir, "index", maxFileSize)
	if err != nil || out.key == nil {
		return out
	}
	signature, err := readSmall(dir, "index.sig", maxSignatureSize)
	if err != nil {
		return out
	}
	index, err := scheme.VerifyIndex(raw, signature, out.key)
	if err != nil {
		return out
	}
	out.raw, out.index = raw, index
	if data, err := out.read("timestamp", maxTimestampSize); err == nil {
		out.version, _ = scheme.ParseTimestamp(data)
	}
	return out
}

func readSmall(dir, name string, limit int64) ([]byte, error) {
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: %w", name, errTooLarge)
	}
	return data, err
}

// read returns a signed file, if it has the hash in the index.
func (i *installed) read(name string, limit int64) ([]byte, error) {
	want, ok := find(i.index, name)
	if !ok {
		return nil, fs.ErrNotExist
	}
	data, err := readSmall(i.dir, name, limit)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(data) != want {
		return nil, fmt.Errorf("%s: %w", name, errHash)
	}
	return data, nil
}

var errHash = errors.New("the file does not have the hash in the index")

func find(index *scheme.Index, name string) ([sha256.Size]byte, bool) {
	for _, file := range index.Files {
		if file.Path == name {
			return file.Hash, true
		}
	}
	return [sha256.Size]byte{}, false
}

// holds reports whether the folder has the file, as a plain file.
func (i *installed) holds(file scheme.File) (fs.FileInfo, bool) {
	path := filepath.Join(i.dir, filepath.FromSlash(file.Path))
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFileSize {
		return nil, false
	}
	data, err := readSmall(i.dir, file.Path, maxFileSize)
	return info, err == nil && sha256.Sum256(data) == file.Hash
}

// intact reports whether all files are what was signed.
func (i *installed) intact() bool {
	for _, file := range i.index.Files {
		if _, err := i.read(file.Path, maxFileSize); err != nil {
			return false
		}
	}
	return true
}

// url returns where the scheme says that it is published, or "".
func (i *installed) url() string {
	if data, err := i.read("description.xml", maxFileSize); err == nil {
		var description struct {
			URL string `xml:"Url"`
		}
		_ = xml.Unmarshal(data, &description)
		return strings.TrimSpace(description.URL)
	}
	if data, err := i.read("description.json", maxFileSize); err == nil {
		var description struct {
			URL string `json:"url"`
		}
		_ = json.Unmarshal(data, &description)
		return description.URL
	}
	return ""
}

// locate finds the folder of a scheme: the one with its name or else one whose
// index is that of the scheme. If there is none, the scheme is to be installed in
// a folder with its name.
func (u *Updater) locate(id irma.SchemeID) (*installed, error) {
	dir := filepath.Join(u.cfg.Dir, string(id))
	info, err := os.Lstat(dir)
	switch {
	case err == nil && info.IsDir():
		local := readInstalled(dir)
		if local.index != nil && local.index.Scheme != id {
			return nil, fmt.Errorf("folder %s holds scheme %s", dir, local.index.Scheme)
		}
		return local, nil
	case err == nil:
		return nil, fmt.Errorf("%s is not a folder but a file or a link, which updates leave alone", dir)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	names, err := schemeFolders(u.cfg.Dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		local := readInstalled(filepath.Join(u.cfg.Dir, name))
		if local.index == nil || local.index.Scheme != id {
			continue
		}
		if info, err := os.Lstat(local.dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s is a link, which updates leave alone", local.dir)
		}
		return local, nil
	}
	return &installed{dir: dir}, nil
}
