package update

import (
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Event tells how the update of a scheme goes.
type Event struct {
	Scheme  irma.SchemeID // empty if all of an update failed, as when the directory cannot be written
	State   State
	Done    int       // files that are complete, while Downloading
	Total   int       // files of the new version; logos of requestors follow on their own
	Version time.Time // when the version was signed; zero if not known
	Err     error     // of Failed
}

// State is how far the update of a scheme is.
type State string

// Downloading is told many times for a new version, and then Installed or
// Failed. Unchanged is told when there is no new version.
const (
	Downloading State = "downloading"
	Installed   State = "installed"
	Unchanged   State = "unchanged"
	Failed      State = "failed"
)

// tell calls the observer, one call at a time.
func (u *Updater) tell(event Event) {
	if u.cfg.Observer == nil {
		return
	}
	u.telling.Lock()
	defer u.telling.Unlock()
	u.cfg.Observer(event)
}
