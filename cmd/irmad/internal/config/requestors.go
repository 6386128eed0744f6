package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/scheme"
)

// requestorSettings is a member of requestors (spec 06 §4.3).
type requestorSettings struct {
	AuthMethod    string   `json:"auth_method"`
	Key           string   `json:"key,omitempty"`
	KeyFile       string   `json:"key_file,omitempty"`
	DisclosePerms []string `json:"disclose_perms,omitempty"`
	SignPerms     []string `json:"sign_perms,omitempty"`
	IssuePerms    []string `json:"issue_perms,omitempty"`
	RevokePerms   []string `json:"revoke_perms,omitempty"`
	HostPerms     []string `json:"host_perms,omitempty"`
}

// requestorMembers are the names of the members of a requestor.
var requestorMembers = memberNames(reflect.TypeFor[requestorSettings]())

func memberNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// readRequestors reads what is configured about each requestor. Unknown members
// are added to the unknown settings.
func (s *Settings) readRequestors() error {
	if s.Requestors == "" {
		return nil
	}
	source := "flag or env var"
	if strings.HasPrefix(s.origins["requestors"], "file ") {
		source = "config file"
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s.Requestors), &texts); err != nil {
		return fmt.Errorf("failed to unmarshal requestors from %s: %w", source, plain(err))
	}
	s.requestors = map[string]requestorSettings{}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		r, members, err := decodeRequestor(texts[name])
		if err != nil {
			return fmt.Errorf("failed to unmarshal requestors from %s: requestor %s: %w", source, name, err)
		}
		for _, member := range members {
			if !slices.Contains(requestorMembers, strings.ToLower(member)) {
				s.Unknown = append(s.Unknown, fmt.Sprintf("member %s of requestor %s is not known and has no effect%s",
					member, name, cli.DidYouMean(strings.ToLower(member), requestorMembers)))
			}
		}
		s.requestors[name] = r
	}
	return nil
}

// expectRequestors turns authentication on if there are requestors and nobody says
// otherwise: who configures them does not mean to serve everybody.
func (s *Settings) expectRequestors() {
	if len(s.requestors) > 0 && s.NoAuth && s.origins["no_auth"] == "default" {
		s.NoAuth, s.values["no_auth"], s.origins["no_auth"] = false, false, "default with requestors"
	}
}

// decodeRequestor reads the members of a requestor, whose names may have any
// case, and returns these names too. Errors do not quote values.
func decodeRequestor(data json.RawMessage) (r requestorSettings, names []string, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return r, nil, plain(err)
	}
	fields := reflect.ValueOf(&r).Elem()
	for member, text := range members {
		i := slices.Index(requestorMembers, strings.ToLower(member))
		if i < 0 {
			continue
		}
		if err := json.Unmarshal(text, fields.Field(i).Addr().Interface()); err != nil {
			return r, nil, fmt.Errorf("%s: %w", member, plain(err))
		}
	}
	return r, sortedKeys(members), nil
}

// plain says what is wrong with JSON in the words of the configuration.
func plain(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	kinds := map[reflect.Kind]string{reflect.String: "a text", reflect.Slice: "a list", reflect.Map: "an object"}
	return fmt.Errorf("expected %s, found %.6s", kinds[wrong.Type.Kind()], wrong.Value)
}

// AuthConfig returns who may start sessions and what they may ask. The URL is
// complete already.
func (s *Settings) AuthConfig() (auth.Config, error) {
	cfg := auth.Config{
		NoAuth:        s.NoAuth,
		MaxRequestAge: time.Duration(s.MaxRequestAge) * time.Second,
		Global:        auth.Permissions{Disclose: s.DisclosePerms, Sign: s.SignPerms, Issue: s.IssuePerms, Revoke: s.RevokePerms},
	}
	if u, err := url.Parse(s.URL); err == nil {
		cfg.DefaultHost = u.Host
	}
	for _, name := range slices.Sorted(maps.Keys(s.requestors)) {
		r, err := s.requestors[name].parse(name)
		if err != nil {
			return cfg, err
		}
		cfg.Requestors = append(cfg.Requestors, r)
	}
	return cfg, nil
}

// parse reads the key of a requestor.
func (r requestorSettings) parse(name string) (auth.Requestor, error) {
	if !slices.Contains([]string{"token", "hmac", "publickey"}, r.AuthMethod) {
		_, err := auth.ParseRequestor(name, r.AuthMethod, nil) // says so before the key is looked for
		return auth.Requestor{}, err
	}
	key, err := readKey(r.Key, r.KeyFile)
	if err != nil {
		return auth.Requestor{}, fmt.Errorf("failed to read key of requestor %s: %w", name, err)
	}
	out, err := auth.ParseRequestor(name, r.AuthMethod, key)
	if err != nil {
		return auth.Requestor{}, err
	}
	out.Permissions = auth.Permissions{Disclose: r.DisclosePerms, Sign: r.SignPerms, Issue: r.IssuePerms, Revoke: r.RevokePerms}
	out.Hosts = r.HostPerms
	return out, nil
}

// Openness decides whether the server may be as open as the settings make it
// (spec 06 §4.2) with these schemes, and returns what is to be said about it.
func (s *Settings) Openness(schemes *scheme.Set) (risks []string, err error) {
	if !s.NoAuth {
		return nil, nil
	}
	if !s.dev {
		risks = append(risks, "authentication of incoming session requests disabled: anyone who can reach this server can use it")
	}
	if len(s.IssuePerms) == 0 || !issuesForReal(schemes) {
		return risks, nil
	}
	if s.Production && s.ClientPort == 0 {
		return nil, errors.New("if issuing is enabled in production mode, requestor authentication must be enabled, or client_listen_addr and client_port must be used")
	}
	return append(risks, "issuance enabled and private keys installed: anyone who can reach this server can use it to issue attributes"), nil
}

// issuesForReal reports whether the set has a private key of a scheme that is
// not for demonstration.
func issuesForReal(set *scheme.Set) bool {
	for issuer := range set.Issuers() {
		if set.Scheme(issuer.ID.Scheme()).Demo {
			continue
		}
		if _, err := set.LatestPrivateKey(issuer.ID); err == nil {
			return true
		}
	}
	return false
}
