package scheme

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Options says what else to load.
type Options struct {
	// PrivateKeys is a flat folder of issuer private keys, in files named
	// scheme.issuer.xml or scheme.issuer.counter.xml. Private keys inside the
	// schemes take precedence over it. Nil means none.
	PrivateKeys fs.FS
}

// Load reads the schemes in fsys, which holds one folder per scheme. Schemes
// that are not valid are left out and reported by [Set.Problems].
//
// Load fails only if fsys cannot be listed or if a key in the private key folder
// cannot be used: a key that an operator put there and that does not work had
// better be noticed at start.
func Load(fsys fs.FS, opts Options) (*Set, error) {
	dirs, err := listFolders(fsys)
	if err != nil {
		return nil, fmt.Errorf("listing schemes: %w", err)
	}
	folders := make([]*folder, len(dirs))
	parallel(len(dirs), func(i int) {
		folders[i] = loadFolder(fsys, dirs[i])
	})
	set := newSet()
	for _, f := range folders {
		set.addFolder(f)
	}
	if opts.PrivateKeys != nil {
		if err := set.addRing(opts.PrivateKeys); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// LoadDir is Load for a directory of the operating system. Symbolic links are
// followed.
func LoadDir(dir string, opts Options) (*Set, error) {
	set, err := Load(os.DirFS(dir), opts)
	if err != nil {
		return nil, fmt.Errorf("loading schemes from %s: %w", dir, err)
	}
	return set, nil
}

// LoadScheme is LoadDir for the folder of a single scheme.
func LoadScheme(dir string, opts Options) (*Set, error) {
	f := loadFolder(os.DirFS(dir), ".")
	if f.id == "" {
		f.dir = filepath.Base(dir) // for the problem
	}
	set := newSet()
	set.addFolder(f)
	if opts.PrivateKeys != nil {
		if err := set.addRing(opts.PrivateKeys); err != nil {
			return nil, fmt.Errorf("loading the scheme in %s: %w", dir, err)
		}
	}
	return set, nil
}

// listFolders returns the names of folders that may hold a scheme, in order.
func listFolders(fsys fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || reserved(name) {
			continue
		}
		// A dangling link is worth a problem, so it goes along.
		if info, err := fs.Stat(fsys, name); err != nil || info.IsDir() {
			dirs = append(dirs, name)
		}
	}
	return dirs, nil
}

// addFolder adds what was loaded from a folder, or why it was refused.
func (s *Set) addFolder(f *folder) {
	if f.err == nil && (s.Scheme(f.id) != nil || s.requestorScheme(f.id) != nil) {
		f.err = failf(Unprocessed, "folder %s holds a scheme that another folder has already", f.dir)
	}
	if f.err == nil && f.requestors != nil {
		f.err = s.checkHosts(f.requestors)
	}
	if f.err != nil {
		s.problemList = append(s.problemList, Problem{f.name(), statusOf(f.err), f.err})
		return
	}
	for _, warning := range f.warnings {
		s.problemList = append(s.problemList, Problem{f.name(), Valid, warning})
	}
	if f.requestors != nil {
		s.addRequestorScheme(f.requestors)
	}
	if f.scheme == nil {
		return
	}
	s.schemes = append(s.schemes, f.scheme)
	s.schemeByID[f.id] = f.scheme
	for _, issuer := range f.issuers {
		s.addIssuer(issuer)
	}
	for _, t := range f.types {
		s.addType(t)
	}
}
