package sessioncmd

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/requestor"
)

// authFlags tell who the requestor is.
type authFlags struct {
	method, key, name string
}

func (f *authFlags) set(flags *pflag.FlagSet) {
	flags.StringVarP(&f.method, "auth-method", "a", "none", "`method` by which the server knows you: none, token, hmac or rsa")
	flags.StringVar(&f.key, "key", "", "`key` for that: the token, or \"@FILE\" with the token; or the secret in base64 or RSA key in PEM, or a file with such a secret or key")
	flags.StringVar(&f.name, "name", "", "`name` that the server knows you by")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "authmethod" {
			name = "auth-method"
		}
		return pflag.NormalizedName(name)
	})
}

func (f *authFlags) auth() (requestor.Auth, error) {
	key, err := f.readKey()
	if err != nil {
		return requestor.Auth{}, err
	}
	auth, err := requestor.ParseAuth(f.method, f.name, key)
	if err != nil {
		return auth, cli.Usage(err.Error() + " (see --auth-method, --key and --name)")
	}
	return auth, nil
}

// readKey returns the key, from the file if --key names one. A token is not looked
// for under its own name: it can be the name of a file by chance.
func (f *authFlags) readKey() (string, error) {
	path := f.key
	if f.method == "token" {
		name, marked := strings.CutPrefix(f.key, "@")
		if !marked {
			return f.key, nil
		}
		path = name
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return f.key, nil
	}
	data, err := cli.ReadPath(path)
	if err != nil {
		return "", fmt.Errorf("reading --key: %w", err)
	}
	return string(data), nil
}
