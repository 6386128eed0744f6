package config

import "errors"

// CheckDevelopment refuses what a server for the public has. The settings are then
// those of irmad dev, which says by itself who can reach it.
func (s *Settings) CheckDevelopment() error {
	switch {
	case s.Production:
		return errors.New("dev is not for production: its page lets everybody start sessions; use irmad serve")
	case !s.NoAuth || len(s.requestors) > 0:
		return errors.New("the page of dev starts sessions without authentication: leave no_auth and requestors out of its configuration, or use irmad serve")
	case s.ClientPort != 0:
		return errors.New("dev has one port for everything: leave client_port out of its configuration, or use irmad serve")
	}
	s.dev = true
	return nil
}
