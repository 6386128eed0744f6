package interop_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// walletSchemes returns the directory with the schemes that the wallet's module
// has for testing.
func walletSchemes() (string, error) {
	dir, err := moduleTestdata()
	return filepath.Join(dir, "irma_configuration"), err
}

// moduleTestdata returns what the wallet's module has for testing.
func moduleTestdata() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	out, err := output(exec.CommandContext(ctx,
		"go", "list", "-m", "-f", "{{.Dir}}", "github.com/privacybydesign/irmago"))
	if err != nil {
		return "", err
	}
	return filepath.Join(strings.TrimSpace(out), "testdata"), nil
}

// copySchemes makes a writable copy of schemes in which irma-demo names the
// given timestamp server; none if that is empty.
func copySchemes(dst, src, timestampServer string) error {
	if err := os.CopyFS(dst, os.DirFS(src)); err != nil {
		return err
	}
	return setTimestampServer(filepath.Join(dst, "irma-demo"), timestampServer)
}

// setTimestampServer changes a scheme and signs it again, with the key that
// lies beside it.
func setTimestampServer(scheme, url string) error {
	return setElement(scheme, "TimestampServer", url)
}

// setElement changes an element of the description of a scheme, or removes it if
// the value is empty, and signs the scheme again.
func setElement(scheme, name, value string) error {
	file := filepath.Join(scheme, "description.xml")
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pattern := regexp.MustCompile("<" + name + ">.*</" + name + ">")
	if !pattern.Match(old) {
		return fmt.Errorf("%s has no %s", file, name)
	}
	element := ""
	if value != "" {
		element = "<" + name + ">" + value + "</" + name + ">"
	}
	if err := rewrite(file, pattern.ReplaceAllLiteral(old, []byte(element))); err != nil {
		return err
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	if err := rewrite(filepath.Join(scheme, "timestamp"), []byte(now)); err != nil {
		return err
	}
	return sign(scheme, "description.xml", "timestamp")
}

// sign puts the hashes of changed files into the index of a scheme and signs
// that.
func sign(scheme string, changed ...string) error {
	key, err := readKey(filepath.Join(scheme, "sk.pem"))
	if err != nil {
		return err
	}
	index, err := os.ReadFile(filepath.Join(scheme, "index"))
	if err != nil {
		return err
	}
	for _, name := range changed {
		content, err := os.ReadFile(filepath.Join(scheme, name))
		if err != nil {
			return err
		}
		path := filepath.Base(scheme) + "/" + name
		line := regexp.MustCompile(`(?m)^[0-9a-f]{64} ` + regexp.QuoteMeta(path) + `$`)
		if !line.Match(index) {
			return fmt.Errorf("index of %s does not list %s", scheme, path)
		}
		index = line.ReplaceAllLiteral(index, fmt.Appendf(nil, "%x %s", sha256.Sum256(content), path))
	}
	digest := sha256.Sum256(index)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		return err
	}
	return errors.Join(
		rewrite(filepath.Join(scheme, "index"), index),
		rewrite(filepath.Join(scheme, "index.sig"), signature))
}

func readKey(file string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", file)
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

// rewrite replaces a file, whose copy may be as read-only as the original.
func rewrite(file string, content []byte) error {
	if err := os.Remove(file); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}
