package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/irmad/irmaserver/store/sealed"
)

// storeSettings say where sessions are kept.
type storeSettings struct {
	StoreType     string   `option:"store_type"`
	StorePath     string   `option:"store_path"`
	StoreKeys     []string `option:"store_keys"`
	StoreKeysFile string   `option:"store_keys_file"`
}

// storeOptions are the options behind storeSettings.
var storeOptions = []option{
	{name: "store_type", kind: text, initial: "memory", usage: "`kind` of store that keeps the sessions: memory, file, or redis, which any number of servers may share"},
	{name: "store_path", kind: text, initial: "", usage: "`file` in which the file store keeps them"},
	{name: "store_keys", kind: list, initial: []string{}, secret: true, usage: "`keys` that encrypt what is stored, 32 bytes each in base64: the first encrypts, all decrypt"},
	{name: "store_keys_file", kind: text, initial: "", usage: "`file` with these keys, one on each line"},
}

// CheckStore checks the settings of the store, without touching what it keeps. It adds
// to the warnings.
func (s *Settings) CheckStore() error {
	keys, err := s.EncryptionKeys()
	if err != nil {
		return err
	}
	switch s.StoreType {
	case "", "memory":
		if s.StorePath != "" || len(keys) > 0 || s.RedisAddr != "" || len(s.RedisSentinelAddrs) > 0 {
			s.Warnings = append(s.Warnings, "store_path, store_keys and the redis options have no effect without a store_type, such as file")
		}
		return nil
	case "file":
		err = s.checkStorePath()
	case "redis":
		err = s.checkRedis()
	default:
		err = fmt.Errorf("storeType not known: %q, want memory, file or redis", s.StoreType)
	}
	if err == nil && len(keys) == 0 {
		s.Warnings = append(s.Warnings, "sessions are stored unencrypted, with what users disclose: set store_keys")
	}
	return err
}

// checkStorePath checks that there can be a file.
func (s *Settings) checkStorePath() error {
	if s.StorePath == "" {
		return errors.New("store_type file needs a store_path, the file to keep sessions in, such as /var/lib/irmad/sessions.db")
	}
	switch info, err := os.Stat(filepath.Dir(s.StorePath)); {
	case err != nil:
		return fmt.Errorf("invalid store_path: %w", err)
	case !info.IsDir():
		return fmt.Errorf("invalid store_path: %s is not a directory", filepath.Dir(s.StorePath))
	}
	if info, err := os.Stat(s.StorePath); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("invalid store_path: %s is not a file", s.StorePath)
	}
	return nil
}

// EncryptionKeys returns the keys that encrypt what is stored; none means that it is
// not encrypted.
func (s *Settings) EncryptionKeys() ([]sealed.Key, error) {
	texts := s.StoreKeys
	switch {
	case len(texts) > 0 && s.StoreKeysFile != "":
		return nil, errors.New("store_keys: provide either keys or path to keys")
	case s.StoreKeysFile != "":
		data, err := readKey("", s.StoreKeysFile)
		if err != nil {
			return nil, fmt.Errorf("store_keys_file: %w", err)
		}
		if texts = strings.Fields(string(data)); len(texts) == 0 {
			return nil, fmt.Errorf("store_keys_file: no key in %s", s.StoreKeysFile)
		}
	}
	var keys []sealed.Key
	for i, text := range texts {
		key, err := sealed.ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("store_keys: key %d: %w; make one with: openssl rand -base64 32", i+1, err)
		}
		keys = append(keys, key)
	}
	if len(keys) > 0 {
		if _, err := sealed.New(nil, sealed.Config{Keys: keys}); err != nil {
			return nil, fmt.Errorf("store_keys: %w", err)
		}
	}
	return keys, nil
}
