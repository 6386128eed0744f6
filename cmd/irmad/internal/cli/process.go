package cli

import (
	"io"
	"strings"

	"go.uber.org/zap"
)

// Process is what a command has of the world around it. Commands may change Args and
// Topic; nothing is shared with another run.
type Process struct {
	Args           []string // without the names of program and, once that is known, command
	Env            []string // as of os.Environ
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Log            *zap.Logger // nil until the settings are known, or when they ask for quiet

	Topic string // of help about a command that is part of a group; empty for others
}

// Variable returns an environment variable, or "" if it is not there; the last one counts, as in package
// os/exec.
func Variable(environ []string, name string) string {
	var value string
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
