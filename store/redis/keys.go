package redis

import (
	"hash/crc32"
	"strconv"
)

// bucket is a part of the records. All its keys hold the same text in braces,
// which makes a Cluster keep them on one node: a script may then change a record
// and the index of due times in one step.
type bucket struct {
	records string // comes before the key of a record
	due     string // the key of a sorted set: keys of records by the time they are due
	probe   string // the key that Check writes
}

func newBucket(prefix string, i int) bucket {
	tag := prefix + "{" + strconv.Itoa(i) + "}"
	return bucket{records: tag + "session:", due: tag + "due", probe: tag + "probe"}
}

// record returns the name in Redis of the record with this key.
func (b *bucket) record(key string) string { return b.records + key }

// bucket returns the bucket of a key. It must be the same in all versions that
// may share a database.
func (s *Store) bucket(key string) *bucket {
	return &s.buckets[crc32.ChecksumIEEE([]byte(key))%uint32(len(s.buckets))]
}

// channel returns where changes of a record are announced.
func (s *Store) channel(key string) string { return s.prefix + "changed:" + key }
