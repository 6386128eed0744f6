package scheme

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Sign makes the folder dir a signed scheme, or a new version of one: it writes
// the files timestamp, index, index.sig and pk.pem. The folder must hold the
// descriptions, keys and logos. Private keys are never signed.
//
// now must be later than the timestamp of earlier versions, or nobody updates.
// Sign does not judge the descriptions; load the result to see whether it is
// valid.
func Sign(dir string, key *ecdsa.PrivateKey, now time.Time) error {
	draft, err := ReadDraft(os.DirFS(dir))
	if err != nil {
		return err
	}
	if err := checkNewer(dir, now); err != nil {
		return err
	}
	timestamp := strconv.FormatInt(now.Unix(), 10) + "\n"
	if err := writeFile(dir, timestampFile, []byte(timestamp)); err != nil {
		return err
	}
	index, err := makeIndex(os.DirFS(dir), draft.ID, draft.Requestor)
	if err != nil {
		return fmt.Errorf("making the index of %s: %w", dir, err)
	}
	return writeSignature(dir, index, key)
}

func writeSignature(dir string, index []byte, key *ecdsa.PrivateKey) error {
	digest := sha256.Sum256(index)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		return fmt.Errorf("signing the index: %w", err)
	}
	public, err := MarshalPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return errors.Join(
		writeFile(dir, indexFile, index),
		writeFile(dir, signatureFile, signature),
		writeFile(dir, publicKeyFile, public),
	)
}

func writeFile(dir, name string, data []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// checkNewer refuses to go back in time.
func checkNewer(dir string, now time.Time) error {
	data, err := readFile(os.DirFS(dir), timestampFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the timestamp: %w", err)
	}
	before, err := parseTimestamp(data)
	if err != nil {
		return fmt.Errorf("reading the timestamp: %w", err)
	}
	if now.Unix() <= before.Unix() {
		return fmt.Errorf("the scheme was signed at %d, a new version must be later than that", before.Unix())
	}
	return nil
}

// makeIndex returns the index of the files in fsys (spec 10 §3).
func makeIndex(fsys fs.FS, id irma.SchemeID, requestor bool) ([]byte, error) {
	var entries []entry
	err := fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == privateKeysDir || d.Name() == "Proofs"):
			return fs.SkipDir
		case d.IsDir() || !toSign(file, requestor):
			return nil
		}
		e, err := makeEntry(fsys, file)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.path, b.path) })
	var out bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&out, "%x %s/%s\n", e.hash, id, e.path)
	}
	return out.Bytes(), nil
}

// toSign reports whether a file belongs into the index (spec 10 §12).
func toSign(file string, requestor bool) bool {
	ext := path.Ext(file)
	_, keyshareKey := numbered(file, "kss-", ".pem")
	switch {
	case file == timestampFile:
		return true
	case strings.HasSuffix(file, indexFile):
		return false
	case requestor:
		return ext == ".json"
	}
	return ext == ".xml" || ext == ".png" || keyshareKey
}

func makeEntry(fsys fs.FS, file string) (entry, error) {
	if !safePath(file) || strings.Contains(file, " ") {
		return entry{}, fmt.Errorf("file %q: the name cannot be written in an index", file)
	}
	data, err := readFile(fsys, file)
	if err != nil {
		return entry{}, err
	}
	if path.Ext(file) != ".png" && bytes.Contains(data, []byte("\r\n")) {
		return entry{}, fmt.Errorf("file %s has CRLF line ends, which version control may change", file)
	}
	return entry{path: file, hash: sha256.Sum256(data)}, nil
}
