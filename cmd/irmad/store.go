package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
	"github.com/irmad/irmaserver/store/sealed"
)

// sessionStore is an opened store of sessions. The zero value stands for the
// memory of the server, which needs nothing of it.
type sessionStore struct {
	store.Store                             // nil for the memory of the server
	ping        func(context.Context) error // reports whether it works; may be nil
	end         func() error                // closes it; may be nil
	warnings    []string                    // about what it is kept in
}

// close gives back what the store holds.
func (s *sessionStore) close() error {
	if s == nil || s.end == nil {
		return nil
	}
	if err := s.end(); err != nil {
		return fmt.Errorf("closing the session store: %w", err)
	}
	return nil
}

// checkStore checks the settings of the store, without touching what it keeps.
func (s *settings) checkStore() error {
	keys, err := s.storeKeys()
	if err != nil {
		return err
	}
	switch s.StoreType {
	case "", "memory":
		if s.StorePath != "" || len(keys) > 0 || s.RedisAddr != "" || len(s.RedisSentinelAddrs) > 0 {
			s.warnings = append(s.warnings, "store_path, store_keys and the redis options have no effect without a store_type, such as file")
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
		s.warnings = append(s.warnings, "sessions are stored unencrypted, with what users disclose: set store_keys")
	}
	return err
}

// checkStorePath checks that there can be a file.
func (s *settings) checkStorePath() error {
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

// storeKeys returns the keys that encrypt what is stored; none means that it is
// not encrypted.
func (s *settings) storeKeys() ([]sealed.Key, error) {
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

// openStore opens the store of the settings, which have been checked. Who only
// checks the configuration opens none: that would keep a server from its file, or
// take work from those on the same Redis. Whether that answers is tried.
func (s *settings) openStore() (*sessionStore, error) {
	opened := &sessionStore{}
	switch {
	case s.StoreType == "redis":
		sessions, err := s.openRedis()
		if err != nil {
			return nil, err
		}
		opened = sessions
	case s.dry:
	case s.StoreType == "file":
		sessions, err := file.Open(s.StorePath, file.Options{})
		if errors.Is(err, file.ErrLocked) {
			return nil, fmt.Errorf("store_path %s is in use by another process, probably another irmad: stop that, or give each its own file; several irmads share sessions with store_type redis", s.StorePath)
		}
		if err != nil {
			return nil, err
		}
		opened = &sessionStore{Store: sessions, ping: sessions.Ping, end: sessions.Close}
	}
	return opened, s.sealStore(opened)
}

// sealStore puts encryption before a store, if there are keys for it.
func (s *settings) sealStore(opened *sessionStore) error {
	keys, err := s.storeKeys()
	if err != nil || len(keys) == 0 || opened.Store == nil {
		return err
	}
	opened.Store, err = sealed.New(opened.Store, sealed.Config{Keys: keys})
	return err
}
