//go:build unix

package main

import (
	"syscall"
	"testing"
)

// requireFiles skips the test where this process may not have so many open
// files. The runtime has raised the limit as far as it can.
func requireFiles(t *testing.T, n uint64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur < n {
		t.Skipf("this process may open %d files, and needs %d", limit.Cur, n)
	}
}
