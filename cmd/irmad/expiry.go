package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/issuing"
)

// expiryInterval is how often operators are reminded of keys that expire.
const expiryInterval = 24 * time.Hour

// watchSchemes logs what operators should know of the schemes, at the start and with
// new schemes, until ctx ends: by which name wallets show the server, and which keys that
// it issues with expire soon or have expired, also every day.
func (a *app) watchSchemes(ctx context.Context) {
	tick := time.NewTicker(expiryInterval)
	defer tick.Stop()
	told, name := map[issuing.Key]bool{}, ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			clear(told)
		case <-a.schemes.news:
		}
		name = a.tellName(name)
		for _, key := range issuing.Expiring(a.schemes.Current(), time.Now()) {
			if !told[key] {
				a.log.Warn("an issuer key expires: make a new one and have it published in its scheme",
					zap.String("issuer", string(key.Issuer)), zap.Uint("counter", key.Counter), zap.Time("expires", key.Expiry.UTC()))
			}
			told[key] = true
		}
	}
}
