package scheme

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Names of files in the folder of a scheme (spec 10 §2).
const (
	indexFile           = "index"
	signatureFile       = "index.sig"
	publicKeyFile       = "pk.pem"
	timestampFile       = "timestamp"
	descriptionFile     = "description.xml"
	jsonDescriptionFile = "description.json"
)

// folder is one scheme on its way into a Set.
type folder struct {
	fsys fs.FS
	dir  string

	id      irma.SchemeID // as in the index
	entries []entry

	scheme     *Scheme          // nil for a requestor scheme
	requestors *RequestorScheme // nil for an issuer scheme
	issuers    []*Issuer
	types      []*CredentialType
	warnings   []error
	err        error // why the scheme is refused
}

func loadFolder(fsys fs.FS, dir string) *folder {
	f := &folder{fsys: fsys, dir: dir}
	f.err = f.load()
	return f
}

func (f *folder) name() string {
	if f.id == "" {
		return f.dir
	}
	return string(f.id)
}

func (f *folder) warnf(format string, args ...any) {
	f.warnings = append(f.warnings, fmt.Errorf(format, args...))
}

// load verifies the scheme and reads it, each step relying on the ones before
// (spec 10 §8).
func (f *folder) load() error {
	if err := f.loadIndex(); err != nil {
		return err
	}
	if !f.signed(descriptionFile) && f.signed(jsonDescriptionFile) {
		return f.loadRequestor()
	}
	raw, err := f.loadDescription()
	if err != nil {
		return err
	}
	signedAt, err := f.loadTimestamp()
	if err != nil {
		return err
	}
	if raw.Type == typeRequestor {
		return f.verifyAll()
	}
	scheme := raw.scheme()
	scheme.Timestamp = signedAt
	if err := f.loadContents(scheme); err != nil {
		return err
	}
	f.scheme = scheme
	return nil
}

// loadIndex reads the index after verifying its signature.
func (f *folder) loadIndex() error {
	data, err := f.read(indexFile)
	if err != nil {
		return fail(InvalidIndex, err)
	}
	if err := f.verifyIndex(data); err != nil {
		return fail(InvalidSignature, fmt.Errorf("verifying the index: %w", err))
	}
	id, entries, err := parseIndex(data)
	if err != nil {
		return fail(InvalidIndex, fmt.Errorf("reading the index: %w", err))
	}
	f.id, f.entries = id, entries
	return nil
}

func (f *folder) verifyIndex(index []byte) error {
	pem, err := f.read(publicKeyFile)
	if err != nil {
		return err
	}
	key, err := readPublicKey(pem)
	if err != nil {
		return fmt.Errorf("%s: %w", publicKeyFile, err)
	}
	signature, err := f.read(signatureFile)
	if err != nil {
		return err
	}
	return verifySignature(index, signature, key)
}

func (f *folder) loadDescription() (*schemeXML, error) {
	var raw *schemeXML
	err := f.use(descriptionFile, func(data []byte) (err error) {
		raw, err = parseScheme(data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("scheme description: %w", err)
	}
	return raw, f.checkID(raw.ID)
}

func (f *folder) checkID(id string) error {
	if id != string(f.id) {
		return failf(ParsingError, "scheme description has id %.80q but the index has %q", id, f.id)
	}
	return nil
}

func (f *folder) loadTimestamp() (time.Time, error) {
	var t time.Time
	err := f.use(timestampFile, func(data []byte) (err error) {
		t, err = parseTimestamp(data)
		return err
	})
	if err != nil {
		return t, fmt.Errorf("timestamp: %w", err)
	}
	return t, nil
}

// parseTimestamp reads Unix seconds in decimal, with a line feed or without.
func parseTimestamp(data []byte) (time.Time, error) {
	text := strings.TrimSuffix(string(data), "\n")
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || text[0] == '+' {
		return time.Time{}, failf(ParsingError, "%.40q is not a number of seconds", text)
	}
	return time.Unix(int64(n), 0), nil
}

func (f *folder) verifyAll() error {
	return f.forEachEntry(func(int, entry, []byte) error { return nil })
}

// read reads an unsigned file.
func (f *folder) read(name string) ([]byte, error) {
	return readFile(f.fsys, path.Join(f.dir, name))
}

func (f *folder) find(name string) (entry, bool) {
	for _, e := range f.entries {
		if e.path == name {
			return e, true
		}
	}
	return entry{}, false
}

func (f *folder) signed(name string) bool {
	_, ok := f.find(name)
	return ok
}

// use verifies a signed file and hands its bytes to do.
func (f *folder) use(name string, do func([]byte) error) error {
	e, ok := f.find(name)
	if !ok {
		return failf(ParsingError, "%s is not in the index", name)
	}
	return verifiedFile(f.fsys, f.dir, e, do)
}

// maxReported is how many wrong files are told of; one is enough to refuse.
const maxReported = 10

// forEachEntry verifies all files of the index in parallel and hands their
// bytes to do, which must not keep them.
func (f *folder) forEachEntry(do func(i int, e entry, data []byte) error) error {
	errs := make([]error, len(f.entries))
	parallel(len(errs), func(i int) {
		errs[i] = verifiedFile(f.fsys, f.dir, f.entries[i], func(data []byte) error {
			return do(i, f.entries[i], data)
		})
	})
	return summary(errs)
}

// summary joins the errors, those about signatures in preference to others: what
// is not what was signed is not worth reading about.
func summary(errs []error) error {
	var signature, other []error
	for _, err := range errs {
		switch {
		case err == nil:
		case statusOf(err) == InvalidSignature:
			signature = append(signature, err)
		default:
			other = append(other, err)
		}
	}
	if len(signature) == 0 {
		signature = other
	}
	return errors.Join(signature[:min(len(signature), maxReported)]...)
}
