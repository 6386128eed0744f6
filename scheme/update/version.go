package update

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/scheme"
)

// ErrNotNewer says that what is published is older than what is installed, or
// different but not signed at a later time. A web server that offers old
// versions could thus bring back keys that were withdrawn.
var ErrNotNewer = errors.New("the published version is not newer than the installed one")

// schemeTimeout bounds the update of a scheme, with hundreds of files.
const schemeTimeout = 15 * time.Minute

// published is the version of a scheme on a web server.
type published struct {
	raw, signature, timestamp []byte
	index                     *scheme.Index
	version                   time.Time
}

// updateScheme installs the version of a scheme that is published, if it is
// newer.
func (u *Updater) updateScheme(ctx context.Context, source Source) error {
	ctx, cancel := context.WithTimeout(ctx, schemeTimeout)
	defer cancel()
	local, err := u.locate(source.ID)
	if err != nil {
		return err
	}
	key, err := trusted(source, local)
	if err != nil {
		return err
	}
	remote, err := u.fetchIndex(ctx, source, key)
	if err != nil {
		return err
	}
	if remote.index.Scheme != source.ID {
		return fmt.Errorf("%s is scheme %s", source.URL, remote.index.Scheme)
	}
	needed, err := u.compare(local, remote)
	if err != nil {
		return err
	}
	if !needed {
		u.tell(Event{Scheme: source.ID, State: Unchanged, Version: remote.version})
		return nil
	}
	if err := u.install(ctx, source, key, local, remote); err != nil {
		return err
	}
	u.tell(Event{Scheme: source.ID, State: Installed, Total: len(remote.index.Files), Version: remote.version})
	return u.reload(ctx, true)
}

// trusted returns the key that must have signed the scheme. A scheme that was
// installed with another key is somebody's own, and stays.
func trusted(source Source, local *installed) (*ecdsa.PublicKey, error) {
	switch {
	case source.PublicKey == nil && local.key == nil:
		return nil, errors.New("the scheme's key is not known")
	case source.PublicKey == nil:
		return local.key, nil
	case local.key != nil && !local.key.Equal(source.PublicKey):
		return nil, fmt.Errorf("the scheme in %s has another key; remove that folder to install the published scheme", local.dir)
	}
	return source.PublicKey, nil
}

// fetchIndex gets the index and verifies it.
func (u *Updater) fetchIndex(ctx context.Context, source Source, key *ecdsa.PublicKey) (*published, error) {
	var out published
	var err error
	if out.raw, err = u.fetch.bytes(ctx, source.at("index"), maxFileSize); err != nil {
		return nil, err
	}
	if out.signature, err = u.fetch.bytes(ctx, source.at("index.sig"), maxSignatureSize); err != nil {
		return nil, err
	}
	if out.timestamp, err = u.fetch.bytes(ctx, source.at("timestamp"), maxTimestampSize); err != nil {
		return nil, err
	}
	if out.index, err = scheme.VerifyIndex(out.raw, out.signature, key); err != nil {
		return nil, fmt.Errorf("%s: %w", source.at("index"), err)
	}
	if hash, ok := find(out.index, "timestamp"); !ok || hash != sha256.Sum256(out.timestamp) {
		return nil, fmt.Errorf("%s: %w", source.at("timestamp"), errHash)
	}
	if out.version, err = scheme.ParseTimestamp(out.timestamp); err != nil {
		return nil, fmt.Errorf("%s: %w", source.at("timestamp"), err)
	}
	return &out, nil
}

// compare reports whether to install what is published: because it is newer, or
// because the same version was damaged on disk.
func (u *Updater) compare(local *installed, remote *published) (bool, error) {
	version := local.version
	if loaded := u.Current().Scheme(remote.index.Scheme); loaded != nil && loaded.Timestamp.After(version) {
		version = loaded.Timestamp
	}
	switch {
	case remote.version.After(version):
		return true, nil
	case remote.version.Before(version):
		return false, fmt.Errorf("%w: it is of %s, and %s is installed", ErrNotNewer, describe(remote.version), describe(version))
	case local.index != nil && !bytes.Equal(local.raw, remote.raw):
		return false, fmt.Errorf("%w: both are of %s and differ", ErrNotNewer, describe(version))
	}
	return local.index == nil || !local.intact(), nil
}

func describe(version time.Time) string { return version.UTC().Format(time.RFC3339) }
