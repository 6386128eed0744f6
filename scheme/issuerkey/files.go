package issuerkey

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Marshal returns the contents of the files of both keys (spec 10 §7.1 and §7.2).
func (k *Pair) Marshal() (public, private []byte, err error) {
	var first, second bytes.Buffer
	if _, err := k.Public.WriteTo(&first); err != nil {
		return nil, nil, fmt.Errorf("encoding the public key: %w", err)
	}
	if _, err := k.Private.WriteTo(&second); err != nil {
		return nil, nil, fmt.Errorf("encoding the private key: %w", err)
	}
	return first.Bytes(), second.Bytes(), nil
}

// WriteFiles writes both keys, and makes the folders they are in. Only the owner of
// the private key's file can read it. Files that exist are replaced only if
// overwrite is set; otherwise the error is fs.ErrExist. Either both files are
// written or, as far as the disk allows, neither is.
func (k *Pair) WriteFiles(publicFile, privateFile string, overwrite bool) error {
	public, private, err := k.Marshal()
	if err != nil {
		return err
	}
	if !overwrite {
		if err := CheckAbsent(publicFile, privateFile); err != nil {
			return err
		}
	}
	if err := write(privateFile, private, 0o700, 0o600, overwrite); err != nil {
		return fmt.Errorf("writing the private key: %w", err)
	}
	if err := write(publicFile, public, 0o755, 0o644, overwrite); err != nil {
		err = fmt.Errorf("writing the public key: %w", err)
		if !overwrite {
			err = errors.Join(err, os.Remove(privateFile))
		}
		return err
	}
	return nil
}

// CheckAbsent returns an error that is fs.ErrExist if one of the files exists.
// Programs call it before Generate, so as not to search in vain.
func CheckAbsent(files ...string) error {
	for _, file := range files {
		if _, err := os.Lstat(file); err == nil {
			return &fs.PathError{Op: "writing", Path: file, Err: fs.ErrExist}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// write creates the file, or with overwrite puts a complete one in its place.
func write(file string, data []byte, dirMode, mode fs.FileMode, overwrite bool) error {
	if err := os.MkdirAll(filepath.Dir(file), dirMode); err != nil {
		return err
	}
	name := file
	if overwrite {
		name += ".new"
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // of a program that was stopped
		}
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil && overwrite {
		err = os.Rename(name, file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
