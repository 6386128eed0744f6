package scheme

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"sync"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/gabikeys"
)

// ringFile is a private key found in the private key folder (spec 10 §7.3).
type ringFile struct {
	name       string
	issuer     irma.IssuerID
	counter    uint
	hasCounter bool // the file name tells the counter
	key        *gabikeys.PrivateKey
	warning    error
}

var ringName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([^.]+\.[^.]+?)(?:\.([0-9]+))?\.xml$`) })

// addRing adds the private keys in a flat folder to the set. Files with other
// names than keys have are skipped, among them the "..data" links in folders
// that Kubernetes mounts. Any key that cannot be used is an error.
func (s *Set) addRing(fsys fs.FS) error {
	files, err := listRing(fsys)
	if err != nil {
		return fmt.Errorf("reading the private key folder: %w", err)
	}
	errs := make([]error, len(files))
	parallel(len(files), func(i int) {
		if err := s.readRingFile(fsys, &files[i]); err != nil {
			errs[i] = fmt.Errorf("private key file %s: %w", files[i].name, err)
		}
	})
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, f := range files {
		s.addRingFile(f)
	}
	return nil
}

// listRing returns the key files; those that name their counter come first
// because they take precedence.
func listRing(fsys fs.FS) ([]ringFile, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var files []ringFile
	for _, entry := range entries {
		match := ringName().FindStringSubmatch(entry.Name())
		if match == nil || entry.IsDir() {
			continue
		}
		f := ringFile{name: entry.Name(), issuer: irma.IssuerID(match[1])}
		if match[2] != "" {
			if f.counter, f.hasCounter = parseCounter(match[2]); !f.hasCounter {
				return nil, fmt.Errorf("file name %s: not a key counter", f.name)
			}
		}
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b ringFile) int {
		return cmp.Compare(boolInt(b.hasCounter), boolInt(a.hasCounter))
	})
	return files, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// readRingFile parses and validates the key of f.
func (s *Set) readRingFile(fsys fs.FS, f *ringFile) error {
	scheme := s.Scheme(f.issuer.Scheme())
	if scheme == nil {
		return s.unknownScheme(f.issuer.Scheme())
	}
	if s.Issuer(f.issuer) == nil {
		return fmt.Errorf("unknown issuer %s", f.issuer)
	}
	file, err := readFile(fsys, f.name)
	if err != nil {
		return err
	}
	if f.key, err = parsePrivateKey(file); err != nil {
		return err
	}
	if f.hasCounter && f.key.Counter != f.counter {
		return fmt.Errorf("the key inside has counter %d", f.key.Counter)
	}
	public, err := s.PublicKey(f.issuer, f.key.Counter)
	if err != nil {
		return err
	}
	if scheme.Demo && !sameRevocationSupport(f.key, public) {
		f.warning = fmt.Errorf("private key file %s: %w", f.name, errRevocationSupport)
	}
	return validatePrivateKey(f.key, public, scheme.Demo)
}

// unknownScheme says that a scheme is not there, and why not if it was refused.
func (s *Set) unknownScheme(id irma.SchemeID) error {
	for _, p := range s.problemList {
		if p.Scheme == string(id) && !p.Warning() {
			return fmt.Errorf("scheme %s is not usable: %w", id, p.Err)
		}
	}
	return fmt.Errorf("unknown scheme %s", id)
}

func (s *Set) addRingFile(f ringFile) {
	if f.warning != nil {
		s.problemList = append(s.problemList, Problem{
			Scheme: string(f.issuer.Scheme()), Status: Valid, Err: f.warning,
		})
	}
	s.Issuer(f.issuer).keys.addValid(f.key)
}
