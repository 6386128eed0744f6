package config

import (
	"errors"
	"fmt"
	"time"
)

// operationSettings are the settings for operators.
type operationSettings struct {
	AdminListenAddr      string   `option:"admin_listen_addr"`
	AdminPort            int      `option:"admin_port"`       // 0 is off
	ShutdownDelay        int      `option:"shutdown_delay"`   // seconds
	ShutdownTimeout      int      `option:"shutdown_timeout"` // seconds
	RequestorRateLimit   int      `option:"requestor_rate_limit"`
	AddressRateLimit     int      `option:"address_rate_limit"`
	StaticRateLimit      int      `option:"static_rate_limit"`
	RequestorMaxSessions int      `option:"requestor_max_sessions"`
	AddressMaxSessions   int      `option:"address_max_sessions"`
	AnonymousMaxSessions int      `option:"anonymous_max_sessions"`
	TrustedProxies       []string `option:"trusted_proxies"`
}

// operationOptions are the options behind operationSettings.
var operationOptions = []option{
	{name: "admin_port", kind: number, initial: 0, usage: "`port` for metrics and readiness, not for the public (default off)"},
	{name: "admin_listen_addr", kind: text, initial: "", usage: "`address` of the admin port (default 127.0.0.1)"},
	{name: "shutdown_delay", kind: number, initial: 0, usage: "`seconds` to go on serving after the signal to stop, while not ready"},
	{name: "shutdown_timeout", kind: number, initial: 30, usage: "`seconds` to finish requests and to post results after that"},
	{name: "requestor_rate_limit", kind: number, initial: 0, usage: "`sessions` that a requestor may start in a minute (default no limit)"},
	{name: "address_rate_limit", kind: number, initial: 0, usage: "`sessions` that may be started in a minute from an address (default no limit)"},
	{name: "static_rate_limit", kind: number, initial: 600, usage: "static `sessions` that may be started in a minute from an address; 0 is no limit"},
	{name: "requestor_max_sessions", kind: number, initial: 0, usage: "`sessions` that a requestor may have open (default no limit)"},
	{name: "address_max_sessions", kind: number, initial: 0, usage: "`sessions` started from an address that may be open (default no limit)"},
	{name: "anonymous_max_sessions", kind: number, initial: 100_000, usage: "`sessions` that may be open of nobody: static ones, and all with no_auth; 0 is no limit"},
	{name: "trusted_proxies", kind: list, initial: []string{}, usage: "`addresses` and ranges of proxies whose X-Forwarded-For is believed"},
}

const maxSeconds = 24 * 60 * 60

// CheckOperations checks the options for operators.
func (s *Settings) CheckOperations() error {
	switch {
	case s.AdminPort < 0 || s.AdminPort > 65535:
		return fmt.Errorf("admin_port must be between 0 and 65535 (was %d)", s.AdminPort)
	case s.AdminPort != 0 && (s.AdminPort == s.Port || s.AdminPort == s.ClientPort):
		return errors.New("if admin_port is given it must be different from the other ports")
	case s.AdminPort == 0 && s.AdminListenAddr != "":
		return errors.New("admin_listen_addr must be combined with a nonzero admin_port")
	case s.ShutdownDelay < 0 || s.ShutdownDelay > maxSeconds:
		return fmt.Errorf("shutdown_delay must be between 0 and %d seconds (was %d)", maxSeconds, s.ShutdownDelay)
	case s.ShutdownTimeout < 1 || s.ShutdownTimeout > maxSeconds:
		return fmt.Errorf("shutdown_timeout must be between 1 and %d seconds (was %d)", maxSeconds, s.ShutdownTimeout)
	}
	for name, value := range map[string]int{
		"requestor_rate_limit":   s.RequestorRateLimit,
		"address_rate_limit":     s.AddressRateLimit,
		"static_rate_limit":      s.StaticRateLimit,
		"requestor_max_sessions": s.RequestorMaxSessions,
		"address_max_sessions":   s.AddressMaxSessions,
		"anonymous_max_sessions": s.AnonymousMaxSessions,
	} {
		if value < 0 {
			return fmt.Errorf("%s must not be negative (was %d)", name, value)
		}
	}
	return nil
}

// AdminHost returns the address of the admin port: this machine unless the
// operator says otherwise.
func (s *Settings) AdminHost() string {
	if s.AdminListenAddr == "" {
		return "127.0.0.1"
	}
	return s.AdminListenAddr
}

// StopDelay is how long to go on serving after the signal to stop.
func (s *Settings) StopDelay() time.Duration { return time.Duration(s.ShutdownDelay) * time.Second }

// StopTimeout is how long stopping may take after that.
func (s *Settings) StopTimeout() time.Duration {
	return time.Duration(s.ShutdownTimeout) * time.Second
}
