// Package update keeps the schemes in a directory up to date with what their
// managers publish, and in memory with what is in the directory.
//
//	updater, err := update.New(update.Config{Dir: "/var/lib/irma/schemes"})
//	...
//	go updater.Watch(ctx, func(set *scheme.Set) { log.Print("new schemes") })
//	set := updater.Current()
//
// An Updater can be the Config.Schemes of a server of package irmaserver.
//
// Nothing that comes from the network is used before the signature of the
// scheme's key covers it. A new version is put together in a folder beside the
// old one, loaded and checked as a whole, and then changes places with it, while no
// Updater loads. When anything goes wrong, the old version stays or is put back: a
// program that is stopped leaves folders named .tempscheme* or .oldscheme* behind,
// which [New] and the next update clean up. Several processes may share a
// directory.
//
// The directory has the layout that all programs for these schemes use: a folder
// for each scheme, named after its id. Programs that never download schemes need
// only [scheme.LoadDir].
package update
