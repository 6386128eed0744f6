package config

import (
	"bytes"
	encodingjson "encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/json"
	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// extensions are those that are looked for, in this order. A file with one that
// cannot be read is found too: without it the server would run with defaults,
// and so more open than its operator believes.
var extensions = []string{"json", "toml", "yaml", "yml", "properties", "props", "prop", "hcl", "tfvars", "dotenv", "env", "ini"}

// findFile returns the configuration file that is used when none is named, or
// "" if there is none.
func findFile(home string) string {
	dirs := []string{".", "/etc/irmaserver"}
	if home != "" {
		dirs = append(dirs, filepath.Join(home, ".irmaserver"), filepath.Join(home, "irmaserver"))
	}
	for _, dir := range dirs {
		for _, ext := range extensions {
			path := filepath.Join(dir, "irmaserver."+ext)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path
			}
		}
	}
	return ""
}

// readFile returns the keys and values in exactly this configuration file.
func readFile(path string) (map[string]any, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("specified configuration file does not exist: %s", path)
	case err != nil:
		return nil, fmt.Errorf("looking at configuration file: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("specified configuration file is a directory: %s", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("specified configuration file is not a regular file: %s", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading configuration file: %w", err)
	}
	values, err := decode(path, data)
	if err != nil {
		return nil, fmt.Errorf("failed to unmarshal configuration file at %s: %w", path, err)
	}
	return values, nil
}

// decode tells the format by the extension or else by the contents.
func decode(path string, data []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case ext == ".json":
		return parse(data, json.Parser())
	case ext == ".toml":
		return parse(data, toml.Parser())
	case ext == ".yaml", ext == ".yml":
		return parse(data, yaml.Parser())
	case ext == ".env", ext == ".dotenv":
		return decodeEnv(data)
	case ext != "" && slices.Contains(extensions, ext[1:]):
		return nil, fmt.Errorf("files of this kind (%s) cannot be read; write JSON, TOML or YAML", ext)
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return parse(data, json.Parser())
	}
	if values, err := parse(data, toml.Parser()); err == nil {
		return values, nil
	}
	values, err := parse(data, yaml.Parser())
	if err != nil {
		return nil, errors.New("it is neither JSON nor TOML nor YAML; name it .json, .toml or .yaml to see what is wrong")
	}
	return values, nil
}

func parse(data []byte, parser koanf.Parser) (map[string]any, error) {
	k := koanf.New("\x00") // no key is split
	if err := k.Load(rawbytes.Provider(data), parser); err != nil {
		return nil, located(err, data)
	}
	return k.Raw(), nil
}

// located says on which line of the file a mistake is, where the parser knows and
// does not say so itself. Nothing of the file is quoted: it can hold keys.
func located(err error, data []byte) error {
	var byOffset *encodingjson.SyntaxError
	var byRow interface{ Position() (row, column int) } // of TOML
	switch {
	case errors.As(err, &byOffset) && byOffset.Offset <= int64(len(data)):
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:byOffset.Offset], []byte("\n")), err)
	case errors.As(err, &byRow):
		row, _ := byRow.Position()
		return fmt.Errorf("line %d: %w", row, err)
	}
	return err
}
