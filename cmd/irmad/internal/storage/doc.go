// Package storage opens the store that the settings ask for: a file, or Redis after
// asking that what it is like, with encryption before it if there are keys. It is the
// only part of irmad that knows the client of Redis.
package storage
