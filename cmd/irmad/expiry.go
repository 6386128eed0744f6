package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/issuing"
)

// expiryInterval is how often operators are reminded of keys that expire.
const expiryInterval = 24 * time.Hour

// watchKeys logs which keys that the server issues with expire soon or have
// expired: at the start, with new schemes, and every day, until ctx ends.
func (a *app) watchKeys(ctx context.Context) {
	tick := time.NewTicker(expiryInterval)
	defer tick.Stop()
	told := map[issuing.Key]bool{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			clear(told)
		case <-a.schemes.news:
		}
		for _, key := range issuing.Expiring(a.schemes.Current(), time.Now()) {
			if !told[key] {
				a.log.Warn("an issuer key expires: make a new one and have it published in its scheme",
					zap.String("issuer", string(key.Issuer)), zap.Uint("counter", key.Counter), zap.Time("expires", key.Expiry.UTC()))
			}
			told[key] = true
		}
	}
}
