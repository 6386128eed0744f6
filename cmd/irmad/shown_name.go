package main

import (
	"net/url"

	"go.uber.org/zap"
)

// tellName logs by which name wallets know this server, if that is not what was told
// before, and returns it. Without requestor schemes there is nothing to tell.
func (a *app) tellName(before string) string {
	u, err := url.Parse(a.settings.URL)
	if err != nil {
		return before
	}
	set := a.schemes.Current()
	requestor := set.RequestorByHost(u.Hostname())
	switch {
	case requestor != nil && requestor.ID != before:
		a.log.Info("wallets show this server as a requestor of a requestor scheme",
			zap.String("host", u.Hostname()), zap.String("requestor", requestor.ID), zap.Any("name", requestor.Name))
		return requestor.ID
	case requestor == nil && before != "":
		a.log.Warn("wallets show the host name of this server only: no requestor scheme has it any more", zap.String("host", u.Hostname()))
		return ""
	}
	return before
}
