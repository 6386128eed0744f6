package main

import (
	"path/filepath"
	"strings"
)

// spelled returns the arguments of irmad that mean the same as a command line
// that begins with the name of the program. Existing tools call their commands
// "irma X" or "yivi irma X"; under these names irmad, or a link to it, takes the
// same. They never serve without being told to.
func spelled(line []string) []string {
	if len(line) == 0 {
		return nil
	}
	args := line[1:]
	switch strings.TrimSuffix(filepath.Base(line[0]), ".exe") {
	case "yivi":
		if len(args) > 0 && args[0] == "irma" {
			args = args[1:]
		}
	case "irma":
	default:
		return args
	}
	if len(args) == 0 {
		return []string{"help"}
	}
	return args
}
