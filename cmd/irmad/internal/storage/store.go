package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
	"github.com/irmad/irmaserver/store/sealed"
)

// Sessions is an opened store of sessions. The zero value stands for the
// memory of the server, which needs nothing of it.
type Sessions struct {
	store.Store                             // nil for the memory of the server
	Ping        func(context.Context) error // reports whether it works; may be nil
	end         func() error                // closes it; may be nil
	Warnings    []string                    // about what it is kept in
}

// Close gives back what the store holds.
func (s *Sessions) Close() error {
	if s == nil || s.end == nil {
		return nil
	}
	if err := s.end(); err != nil {
		return fmt.Errorf("closing the session store: %w", err)
	}
	return nil
}

// Open opens the store of the settings, which have been checked. Who only
// checks the configuration opens none: that would keep a server from its file, or
// take work from those on the same Redis. Whether that answers is tried.
func Open(s *config.Settings) (*Sessions, error) {
	opened := &Sessions{}
	switch {
	case s.StoreType == "redis":
		sessions, err := openRedis(s)
		if err != nil {
			return nil, err
		}
		opened = sessions
	case s.Dry:
	case s.StoreType == "file":
		sessions, err := file.Open(s.StorePath, file.Options{})
		if errors.Is(err, file.ErrLocked) {
			return nil, fmt.Errorf("store_path %s is in use by another process, probably another irmad: stop that, or give each its own file; several irmads share sessions with store_type redis", s.StorePath)
		}
		if err != nil {
			return nil, err
		}
		opened = &Sessions{Store: sessions, Ping: sessions.Ping, end: sessions.Close}
	}
	if err := sealStore(s, opened); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

// sealStore puts encryption before a store, if there are keys for it.
func sealStore(s *config.Settings, opened *Sessions) error {
	keys, err := s.EncryptionKeys()
	if err != nil || len(keys) == 0 || opened.Store == nil {
		return err
	}
	opened.Store, err = sealed.New(opened.Store, sealed.Config{Keys: keys})
	return err
}
