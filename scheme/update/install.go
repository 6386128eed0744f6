package update

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/scheme"
)

// workers is how many files are fetched at once.
const workers = 6

// candidate is a new version of a scheme that is put together in a folder of its
// own, under the name that the scheme's folder has.
type candidate struct {
	*Updater
	source Source
	key    *ecdsa.PublicKey
	local  *installed
	remote *published
	temp   string // the folder around it
	dir    string
	left   atomic.Int64 // bytes that may still be fetched
}

// install puts the published version in the place of the local one.
func (u *Updater) install(ctx context.Context, source Source, key *ecdsa.PublicKey, local *installed, remote *published) error {
	temp, err := u.disk.mkdirTemp(u.cfg.Dir, tempPrefix)
	if err != nil {
		return err
	}
	// What cannot be removed now is removed by recover.
	defer func() { _ = u.disk.removeAll(temp) }()
	c := &candidate{
		Updater: u, source: source, key: key, local: local, remote: remote,
		temp: temp, dir: filepath.Join(temp, filepath.Base(local.dir)),
	}
	c.left.Store(maxDownload)
	if err := c.build(ctx); err != nil {
		return err
	}
	set, err := c.verify()
	if err != nil {
		return err
	}
	c.fetchPrivateKeys(ctx, set)
	return c.replace(ctx)
}

// build makes all files of the new version.
func (c *candidate) build(ctx context.Context) error {
	pem, err := scheme.MarshalPublicKey(c.key)
	if err != nil {
		return err
	}
	if err := c.makeFolders(); err != nil {
		return err
	}
	if err := c.fetchAll(ctx, c.remote.index.Files); err != nil {
		return err
	}
	if err := c.fetchLogos(ctx); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"index": c.remote.raw, "index.sig": c.remote.signature, "pk.pem": pem} {
		if err := c.disk.write(filepath.Join(c.dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

func (c *candidate) makeFolders() error {
	made := map[string]bool{}
	for _, file := range c.remote.index.Files {
		if !filepath.IsLocal(filepath.FromSlash(file.Path)) {
			return fmt.Errorf("%q cannot be the name of a file here", file.Path)
		}
		dir := path.Dir(file.Path)
		if made[dir] {
			continue
		}
		made[dir] = true
		if err := c.disk.mkdirAll(c.path(dir)); err != nil {
			return err
		}
	}
	return nil
}

func (c *candidate) path(file string) string { return filepath.Join(c.dir, filepath.FromSlash(file)) }

// fetchAll makes files whose hashes are known, some at a time, until one fails.
func (c *candidate) fetchAll(ctx context.Context, list []scheme.File) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	files := make(chan scheme.File)
	var wg sync.WaitGroup
	var progress sync.Mutex // guards done, and keeps its events in order
	done := 0
	for range workers {
		wg.Go(func() {
			for file := range files {
				err := caught.Do(func() error {
					if err := c.obtain(ctx, file); err != nil {
						return err
					}
					progress.Lock()
					defer progress.Unlock()
					done++
					c.tell(Event{
						Scheme: c.source.ID, State: Downloading, Version: c.remote.version,
						Done: done, Total: len(list),
					})
					return nil
				})
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, file := range list {
		if ctx.Err() != nil {
			break
		}
		files <- file
	}
	close(files)
	wg.Wait()
	return context.Cause(ctx)
}

// obtain takes a file from the old version if it is the same there, and fetches
// it otherwise.
func (c *candidate) obtain(ctx context.Context, file scheme.File) error {
	if info, ok := c.local.holds(file); ok {
		return c.disk.reuse(filepath.Join(c.local.dir, filepath.FromSlash(file.Path)), c.path(file.Path), info)
	}
	return c.disk.create(c.path(file.Path), 0o644, func(out *output) error {
		return c.fetch.stream(ctx, c.source.at(file.Path), maxFileSize, func(body io.Reader) error {
			return c.copyVerified(out, body, file.Hash)
		})
	})
}

// copyVerified writes the body while computing its hash.
func (c *candidate) copyVerified(out *output, body io.Reader, want [sha256.Size]byte) error {
	if err := out.Reset(); err != nil {
		return err
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, hash), body)
	switch {
	case err != nil:
		return err
	case c.left.Add(-n) < 0:
		return fmt.Errorf("the scheme is %w", errTooLarge)
	case [sha256.Size]byte(hash.Sum(nil)) != want:
		return errHash
	}
	return nil
}

// verify loads the new version as it will be loaded in its place.
func (c *candidate) verify() (*scheme.Set, error) {
	opts := scheme.Options{}
	if c.cfg.Options.PrivateKeys != nil {
		opts.PrivateKeys = ring{c.cfg.Options.PrivateKeys, func(id string) bool { return id == string(c.source.ID) }}
	}
	set, err := scheme.Load(os.DirFS(c.temp), opts)
	if err != nil {
		return nil, fmt.Errorf("checking the new version: %w", err)
	}
	for _, problem := range set.Problems() {
		if !problem.Warning() {
			return nil, fmt.Errorf("checking the new version: %w", problem.Err)
		}
	}
	return set, nil
}
