package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// Parse reads the flags of a command, or prints its text with the flags in it, at
// the place of %s, if help is asked for. It reports whether the command is to go on.
// Errors are a UsageError.
func (p *Process) Parse(flags *pflag.FlagSet, text string) (bool, error) {
	flags.SetOutput(io.Discard)
	flags.SortFlags = false
	switch err := flags.Parse(p.Args); {
	case errors.Is(err, pflag.ErrHelp):
		_, err := fmt.Fprintf(p.Stdout, text, flags.FlagUsagesWrapped(100))
		return false, err
	case err != nil:
		var names []string
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return false, Usage(err.Error() + suggestFlag(err, names))
	}
	return true, nil
}

func suggestFlag(err error, names []string) string {
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		return DidYouMean(unknown.GetSpecifiedName(), names)
	}
	return ""
}

// maxInput bounds what is read from files and the standard input.
const maxInput = 16 << 20

// ReadInput returns an argument, or what it refers to: "-" is the standard input
// and "@FILE" a file.
func (p *Process) ReadInput(arg string) ([]byte, error) {
	path, isFile := strings.CutPrefix(arg, "@")
	switch {
	case arg == "-":
		return readBounded(p.Stdin)
	case isFile:
		return ReadPath(path)
	}
	return []byte(arg), nil
}

// ReadPath returns the contents of a file, of 16 MiB at most.
func ReadPath(path string) ([]byte, error) {
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

// ReadFileOrInput returns the contents of a file, or of the standard input for "-".
func (p *Process) ReadFileOrInput(path string) ([]byte, error) {
	if path == "-" {
		return readBounded(p.Stdin)
	}
	return ReadPath(path)
}
