package scheme

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/privacybydesign/gabi/gabikeys"
)

const privateKeysDir = "PrivateKeys"

// unsigned walks through the files that are not in the index. They are never
// used, but for private keys.
type unsigned struct {
	*folder
	files, dirs map[string]bool // signed files and the folders that hold them
	seen        int
	keys        []privateKeyFile
}

type privateKeyFile struct {
	path    string
	issuer  string
	counter uint
}

// loadUnsigned warns about stray files and takes in private keys.
func (f *folder) loadUnsigned(scheme *Scheme) error {
	u := unsigned{folder: f, files: map[string]bool{}, dirs: map[string]bool{}}
	for _, e := range f.entries {
		u.files[e.path] = true
		for dir := path.Dir(e.path); dir != "." && !u.dirs[dir]; dir = path.Dir(dir) {
			u.dirs[dir] = true
		}
	}
	sub, err := fs.Sub(f.fsys, f.dir)
	if err != nil {
		return err
	}
	if err := fs.WalkDir(sub, ".", u.visit); err != nil {
		return fmt.Errorf("looking for unsigned files: %w", err)
	}
	u.loadPrivateKeys(scheme)
	return nil
}

func (u *unsigned) visit(file string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	if u.seen++; u.seen > 2*maxFileCount {
		return errors.New("too many files")
	}
	switch {
	case file == ".", u.files[file], d.IsDir() && u.dirs[file]:
		return nil
	case path.Base(file) == privateKeysDir:
		u.listPrivateKeys(file)
	case d.IsDir() && u.hasDescription(file):
		return fmt.Errorf("%s/%s is not in the index", file, descriptionFile)
	case !d.IsDir() && isDescription(file):
		return fmt.Errorf("%s is not in the index", file)
	case !allowedUnsigned(file):
		u.warnf("ignored %s: it is not in the index", file)
	}
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// isDescription reports whether a file would describe an issuer or credential
// type, if it were signed.
func isDescription(file string) bool {
	k := locate(file).kind
	return k == issuerFile || k == credentialFile
}

// hasDescription reports whether an unsigned folder holds the description of an
// issuer or credential type.
func (u *unsigned) hasDescription(dir string) bool {
	file := path.Join(dir, descriptionFile)
	if !isDescription(file) {
		return false
	}
	_, err := fs.Stat(u.fsys, path.Join(u.dir, file))
	return err == nil
}

// allowedUnsigned reports whether a file is expected outside the index
// (spec 10 §3.1). Names that begin with two dots are links made by Kubernetes.
func allowedUnsigned(file string) bool {
	switch file {
	case publicKeyFile, "sk.pem", indexFile, signatureFile, "AUTHORS", "LICENSE", "README.md", ".git", "assets":
		return true
	}
	base := path.Base(file)
	return base == ".DS_Store" || base == "Proofs" || strings.HasPrefix(base, "..")
}

// listPrivateKeys notes the private keys in a folder, which may be a link.
func (u *unsigned) listPrivateKeys(dir string) {
	entries, err := fs.ReadDir(u.fsys, path.Join(u.dir, dir))
	if err != nil {
		u.warnf("ignored %s: %w", dir, err)
		return
	}
	for _, entry := range entries {
		file := path.Join(dir, entry.Name())
		counter, ok := numbered(entry.Name(), "", ".xml")
		switch {
		case ok && strings.Count(file, "/") == 2:
			u.keys = append(u.keys, privateKeyFile{file, path.Dir(dir), counter})
		case !allowedUnsigned(file):
			u.warnf("ignored %s: it is not in the index", file)
		}
	}
}

// loadPrivateKeys parses the private keys in the scheme. One that cannot be used
// is left out: unlike those in the private key folder, nobody configured it.
func (u *unsigned) loadPrivateKeys(scheme *Scheme) {
	issuers := map[string]*Issuer{}
	for _, issuer := range u.issuers {
		issuers[issuer.ID.Name()] = issuer
	}
	keys, errs := make([]*gabikeys.PrivateKey, len(u.keys)), make([]error, len(u.keys))
	parallel(len(keys), func(i int) {
		keys[i], errs[i] = u.readPrivateKey(issuers[u.keys[i].issuer], u.keys[i])
	})
	for i, file := range u.keys {
		if errs[i] != nil {
			u.warnf("ignored private key %s: %w", file.path, errs[i])
			continue
		}
		issuer := issuers[file.issuer]
		issuer.keys.addPrivate(issuer.ID, keys[i], scheme.Demo)
	}
}

func (u *unsigned) readPrivateKey(issuer *Issuer, file privateKeyFile) (*gabikeys.PrivateKey, error) {
	if issuer == nil {
		return nil, errors.New("unknown issuer")
	}
	if _, ok := issuer.keys.public[file.counter]; !ok {
		return nil, errors.New("there is no public key with its counter")
	}
	data, err := u.read(file.path)
	if err != nil {
		return nil, err
	}
	key, err := parsePrivateKey(data)
	if err != nil {
		return nil, err
	}
	if key.Counter != file.counter {
		return nil, fmt.Errorf("the key inside has counter %d", key.Counter)
	}
	return key, nil
}
