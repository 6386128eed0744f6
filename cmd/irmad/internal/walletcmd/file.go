package walletcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/irmad/irmaserver/irmatest/wallet"
)

// lockInterval is how often a locked wallet is tried again.
const lockInterval = 100 * time.Millisecond

// Load fills the wallet from the file and reports whether there is one. Hold the Lock
// from before Load until after Save.
func Load(w *wallet.Wallet, path string) (bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("opening wallet: %w", err)
	}
	defer file.Close()
	if err := w.Load(file); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// Save replaces the file as a whole, so that a crash leaves the old or the
// new wallet. Only this user can read it.
func Save(w *wallet.Wallet, path string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("saving wallet: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	err = errors.Join(w.Save(file), file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("saving wallet: %w", err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("saving wallet: %w", err)
	}
	return nil
}

// Lock waits until no other run uses the file, or ctx ends, and says in the notes that it
// waits. The lock, on a file beside it, ends with unlock and with the process.
func Lock(ctx context.Context, path string, notes io.Writer) (unlock func(), err error) {
	file, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking wallet: %w", err)
	}
	unlock = func() { _ = file.Close() } // nothing was written
	tick := time.NewTicker(lockInterval)
	defer tick.Stop()
	for waiting := false; ; waiting = true {
		free, err := tryLock(file)
		if err == nil && free {
			return unlock, nil
		}
		if err != nil {
			unlock()
			return nil, fmt.Errorf("locking wallet: %w", err)
		}
		if !waiting {
			fmt.Fprintf(notes, "waiting for another irmad wallet to release %s\n", path)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			unlock()
			return nil, fmt.Errorf("locking wallet: %w", ctx.Err())
		}
	}
}
