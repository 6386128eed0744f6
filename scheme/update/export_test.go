package update

// SetFault makes f decide whether operations on files fail.
func (u *Updater) SetFault(f func(op, path string) error) { u.disk.fault = f }

// ParseLogos is parseLogos.
var ParseLogos = parseLogos
