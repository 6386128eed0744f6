package update

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Reload loads what is in Dir and the private keys. When that fails the schemes
// in memory stay, also each scheme that is no longer valid on disk. Programs that
// let an operator put schemes or keys in place while they run call it then; Update
// notices such changes too.
func (u *Updater) Reload(ctx context.Context) error { return u.reload(ctx, true) }

// ReloadChanged is Reload, if files have changed and then stayed the same from one
// call to the next: files that change may be half written. What could not be loaded
// is not tried again until it changes. For programs that call it every few seconds
// it takes as long as looking at the size and time of each file.
func (u *Updater) ReloadChanged(ctx context.Context) error {
	now := u.fingerprint()
	if !u.settled(now) {
		return nil
	}
	return u.reload(ctx, false)
}

// settled reports whether the files were the same at the last call and differ from
// those that were loaded or tried.
func (u *Updater) settled(now fingerprint) bool {
	u.loading.Lock()
	defer u.loading.Unlock()
	if now == u.loaded || now == u.tried {
		return false
	}
	if now != u.seen {
		u.seen = now
		return false
	}
	u.tried = now
	return true
}

// reload does nothing if nothing has changed on disk, unless forced.
func (u *Updater) reload(ctx context.Context, force bool) error {
	u.loading.Lock()
	defer u.loading.Unlock()
	// Where nothing can be written, no lock file can be made and nothing moves.
	if unlock, err := u.lockFolders(context.WithoutCancel(ctx), true); err == nil {
		defer unlock()
	}
	first := u.loaded == fingerprint{}
	if !first && u.torn() {
		return errors.New("loading schemes: an update was stopped while replacing a scheme")
	}
	now := u.fingerprint()
	if !force && now == u.loaded {
		return nil
	}
	set, err := u.load()
	if err != nil {
		return err
	}
	set = set.OrPrevious(u.Current())
	u.current.Store(set)
	u.loaded = now
	for w := range u.watchers {
		w.changed(set)
	}
	return nil
}

// load is scheme.LoadDir, but for the private keys of schemes that are still to
// be installed: they must not keep the program from installing them.
func (u *Updater) load() (*scheme.Set, error) {
	keys := u.cfg.Options.PrivateKeys
	set, err := u.loadWith(keys)
	if err == nil || keys == nil {
		return set, err
	}
	bare, bareErr := u.loadWith(nil)
	if bareErr != nil {
		return nil, err
	}
	return u.loadWith(ring{keys, func(id string) bool {
		return bare.Scheme(irma.SchemeID(id)) != nil || !u.configured(irma.SchemeID(id))
	}})
}

func (u *Updater) loadWith(keys fs.FS) (*scheme.Set, error) {
	opts := scheme.Options{PrivateKeys: keys}
	if _, err := os.Stat(u.cfg.Dir); errors.Is(err, fs.ErrNotExist) {
		return scheme.Load(nothing{}, opts)
	}
	return scheme.LoadDir(u.cfg.Dir, opts)
}

func (u *Updater) configured(id irma.SchemeID) bool {
	for _, source := range u.cfg.Schemes {
		if source.ID == id {
			return true
		}
	}
	return false
}

// nothing is a directory that does not exist yet.
type nothing struct{}

// Open implements fs.FS.
func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS.
func (nothing) ReadDir(string) ([]fs.DirEntry, error) { return nil, nil }

// ring is a folder of private keys, limited to some schemes.
type ring struct {
	fs.FS
	keep func(scheme string) bool
}

// ReadDir implements fs.ReadDirFS.
func (r ring) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(r.FS, name)
	var out []fs.DirEntry
	for _, entry := range all {
		if id, _, _ := strings.Cut(entry.Name(), "."); r.keep(id) {
			out = append(out, entry)
		}
	}
	return out, err
}

// fingerprint tells whether files have changed, by their names, sizes and times.
type fingerprint [sha256.Size]byte

func (u *Updater) fingerprint() fingerprint {
	sum := sha256.New()
	names, _ := schemeFolders(u.cfg.Dir)
	folders := make([]fingerprint, len(names))
	var all sync.WaitGroup
	places := make(chan struct{}, runtime.NumCPU())
	for i, name := range names {
		places <- struct{}{}
		all.Go(func() {
			folders[i] = folderFingerprint(u.cfg.Dir, name)
			<-places
		})
	}
	all.Wait()
	for _, folder := range folders {
		sum.Write(folder[:])
	}
	if u.cfg.Options.PrivateKeys != nil {
		addFolder(sum, u.cfg.Options.PrivateKeys)
	}
	return fingerprint(sum.Sum(nil))
}

func folderFingerprint(dir, name string) fingerprint {
	sum := sha256.New()
	target, err := filepath.EvalSymlinks(filepath.Join(dir, name))
	if err == nil {
		_, err = os.Stat(filepath.Join(target, "index"))
	}
	if err != nil {
		// What has no index is no scheme, however large it is.
		fmt.Fprintf(sum, "no scheme %q\n", name)
		return fingerprint(sum.Sum(nil))
	}
	addTree(sum, name, target)
	return fingerprint(sum.Sum(nil))
}

func addTree(sum hash.Hash, name, dir string) {
	fmt.Fprintf(sum, "scheme %q\n", name)
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // a folder that cannot be read has no contents
		}
		if entry.IsDir() && entry.Name() == ".git" {
			return fs.SkipDir
		}
		if info, err := os.Stat(path); err == nil {
			addInfo(sum, path, info)
		}
		return nil
	})
}

func addFolder(sum hash.Hash, fsys fs.FS) {
	entries, _ := fs.ReadDir(fsys, ".")
	for _, entry := range entries {
		if info, err := fs.Stat(fsys, entry.Name()); err == nil {
			addInfo(sum, entry.Name(), info)
		}
	}
}

func addInfo(sum hash.Hash, path string, info fs.FileInfo) {
	fmt.Fprintf(sum, "%q %d %d %v\n", path, info.Size(), info.ModTime().UnixNano(), info.Mode())
}
