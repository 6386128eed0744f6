package redis

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/irmad/irmaserver/store"
)

// A record is stored as one string: a mark that tells this write from all
// others, the revision, the due time and the expiry, of eight bytes each, and
// the data. The scripts know where mark and revision are.
const (
	markSize   = 8
	headerSize = markSize + 3*8
)

// never stands for the zero time, latest for what is after 2262.
const (
	never  = math.MaxInt64
	latest = math.MaxInt64 - 1
)

var (
	errRecord = errors.New("redis: malformed record; is the database shared with another program?")
	lastTime  = time.Unix(0, latest)
)

// encode returns the stored form of a record.
func encode(rec store.Record) []byte {
	out := make([]byte, markSize, headerSize+len(rec.Data))
	_, _ = rand.Read(out) // never fails
	for _, n := range []uint64{rec.Revision, uint64(nanos(rec.Due)), uint64(nanos(rec.Expires))} {
		out = binary.BigEndian.AppendUint64(out, n)
	}
	return append(out, rec.Data...)
}

// decode reads what encode wrote. The record shares memory with data.
func decode(data []byte) (store.Record, error) {
	if len(data) < headerSize {
		return store.Record{}, errRecord
	}
	field := func(i int) uint64 { return binary.BigEndian.Uint64(data[markSize+8*i:]) }
	return store.Record{
		Data:     data[headerSize:],
		Revision: field(0),
		Due:      instant(int64(field(1))),
		Expires:  instant(int64(field(2))),
	}, nil
}

// revisionBytes is how a revision is stored.
func revisionBytes(revision uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, revision)
}

// nanos returns a time in nanoseconds since 1970, clamped to what these can hold.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return never
	case t.Unix() < 0:
		return 0
	case t.After(lastTime):
		return latest
	}
	return t.UnixNano()
}

func instant(nanos int64) time.Time {
	if nanos == never {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

// dueScore is the place of a record in the index of due times: milliseconds
// since 1970, rounded up so that it is never handed out early.
func dueScore(t time.Time) string { return strconv.FormatInt(ceil(nanos(t)), 10) }

// nowScore is up to where the index is due.
func nowScore(t time.Time) string { return strconv.FormatInt(nanos(t)/int64(time.Millisecond), 10) }

// milliseconds returns a duration as a number, rounded up.
func milliseconds(d time.Duration) string { return strconv.FormatInt(ceil(int64(d)), 10) }

// ceil returns nanoseconds, not negative, in milliseconds.
func ceil(nanos int64) int64 {
	out := nanos / int64(time.Millisecond)
	if nanos%int64(time.Millisecond) > 0 {
		out++
	}
	return out
}
