package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/requestor"
)

// authFlags tell who the requestor is.
type authFlags struct {
	method, key, name string
}

func (f *authFlags) set(flags *pflag.FlagSet) {
	flags.StringVarP(&f.method, "auth-method", "a", "none", "`method` by which the server knows you: none, token, hmac or rsa")
	flags.StringVar(&f.key, "key", "", "`key` for that: the token, or the secret in base64 or RSA key in PEM, or a file with such a secret or key")
	flags.StringVar(&f.name, "name", "", "`name` that the server knows you by")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "authmethod" {
			name = "auth-method"
		}
		return pflag.NormalizedName(name)
	})
}

func (f *authFlags) auth() (requestor.Auth, error) {
	key := f.key
	if info, err := os.Stat(key); f.method != "token" && err == nil && info.Mode().IsRegular() {
		data, err := readPath(key)
		if err != nil {
			return requestor.Auth{}, fmt.Errorf("reading --key: %w", err)
		}
		key = string(data)
	}
	auth, err := requestor.ParseAuth(f.method, f.name, key)
	if err != nil {
		return auth, &usageError{err.Error() + " (see --auth-method, --key and --name)"}
	}
	return auth, nil
}
