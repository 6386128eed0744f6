package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
)

// parse reads the flags of a command, or prints its text with the flags in it if
// help is asked for. It reports whether the command is to go on.
func (p *process) parse(flags *pflag.FlagSet, text string) (bool, error) {
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	switch err := flags.Parse(p.args); {
	case errors.Is(err, pflag.ErrHelp):
		_, err := fmt.Fprintf(p.stdout, text, flags.FlagUsagesWrapped(100))
		return false, err
	case err != nil:
		var names []string
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return false, &usageError{err.Error() + suggestFlag(err, names)}
	}
	return true, nil
}

func suggestFlag(err error, names []string) string {
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		return didYouMean(unknown.GetSpecifiedName(), names)
	}
	return ""
}

// maxInput bounds what is read from files and the standard input.
const maxInput = 16 << 20

// readInput returns an argument, or what it refers to: "-" is the standard input
// and "@FILE" a file.
func (p *process) readInput(arg string) ([]byte, error) {
	path, isFile := strings.CutPrefix(arg, "@")
	switch {
	case arg == "-":
		return readBounded(p.stdin)
	case isFile:
		return readPath(path)
	}
	return []byte(arg), nil
}

func readPath(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readBounded(file)
}

func readBounded(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxInput+1))
	if err == nil && len(data) > maxInput {
		return nil, fmt.Errorf("input is longer than %d bytes", maxInput)
	}
	return data, err
}

// commandLogger returns the logger of a command that speaks for itself: warnings,
// and more when -v is repeated.
func commandLogger(verbose int, w io.Writer) *zap.Logger {
	log := newLogger(&settings{Verbose: verbose - 1}, w)
	if verbose == 0 {
		return log.WithOptions(zap.IncreaseLevel(zap.WarnLevel))
	}
	return log
}
