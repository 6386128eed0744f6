//go:build !linux

package fair

import "runtime"

// yieldThread lets other threads run that wait for this one's processor, as it sleeps
// until another has looked for what there is to do.
func yieldThread() { runtime.Gosched() }
