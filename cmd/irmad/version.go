package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prints what this program is.
func version(_ context.Context, p *process) error {
	_, err := fmt.Fprintf(p.Stdout, "irmad %s\nhttps://pkg.go.dev/github.com/irmad/irmaserver\n%s %s/%s\n",
		buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// buildVersion returns the version of the module that this program was built
// from.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
