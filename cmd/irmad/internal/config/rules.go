package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// maxMinutes bounds lifetimes: a year.
const maxMinutes = 365 * 24 * 60

// CheckPorts checks where the server listens (spec 06 §3).
func (s *Settings) CheckPorts() error {
	switch {
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("port must be between 1 and 65535 (was %d)", s.Port)
	case s.ClientPort < 0 || s.ClientPort > 65535:
		return fmt.Errorf("client_port must be between 0 and 65535 (was %d)", s.ClientPort)
	case s.ClientPort == s.Port:
		return errors.New("if client_port is given it must be different from port")
	case s.ClientListenAddr != "" && s.ClientPort == 0:
		return errors.New("client_listen_addr must be combined with a nonzero client_port")
	}
	if !strings.HasPrefix(s.APIPrefix, "/") {
		return fmt.Errorf("api_prefix must start with a slash, but doesn't: %s", s.APIPrefix)
	}
	if s.ClientPort == 0 && !s.ClientCertificate().Absent() {
		s.Warnings = append(s.Warnings, "the client_tls options have no effect without client_port")
	}
	return nil
}

// CheckLifetimes checks how long things take.
func (s *Settings) CheckLifetimes() error {
	for _, lifetime := range []struct {
		name    string
		minutes int
	}{
		{"max_session_lifetime", s.MaxSessionLifetime},
		{"session_result_lifetime", s.SessionResultLifetime},
	} {
		if lifetime.minutes < 0 || lifetime.minutes > maxMinutes {
			return fmt.Errorf("%s must be between 0 and %d minutes (was %d)", lifetime.name, maxMinutes, lifetime.minutes)
		}
	}
	if s.MaxRequestAge < 1 || s.MaxRequestAge > maxMinutes*60 {
		return fmt.Errorf("max_request_age must be between 1 and %d seconds (was %d)", maxMinutes*60, s.MaxRequestAge)
	}
	return nil
}

// CheckStaticFiles checks the directory with files to serve.
func (s *Settings) CheckStaticFiles() error {
	if !strings.HasPrefix(s.StaticPrefix, "/") {
		return fmt.Errorf("static_prefix must start with a slash, was %s", s.StaticPrefix)
	}
	s.StaticPrefix = withSlash(s.StaticPrefix)
	if s.StaticPath == "" {
		return nil
	}
	switch info, err := os.Stat(s.StaticPath); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("invalid static_path: Path %s does not exist", s.StaticPath)
	case err != nil:
		return fmt.Errorf("invalid static_path: %w", err)
	case !info.IsDir():
		return fmt.Errorf("invalid static_path: %s is not a directory", s.StaticPath)
	}
	return nil
}

func withSlash(path string) string {
	if strings.HasSuffix(path, "/") {
		return path
	}
	return path + "/"
}

// CheckKnown refuses settings that mean nothing. All of them are told at once.
func (s *Settings) CheckKnown() error {
	if len(s.Unknown) == 0 {
		return nil
	}
	return errors.New(strings.Join(s.Unknown, "\n"))
}
