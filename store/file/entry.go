package file

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/internal/instant"
)

// entryVersion is the first byte of an encoded entry.
const entryVersion = 1

// entryHeader is the length of what comes before the data: version, checksum,
// revision, due time and expiry.
const entryHeader = 1 + 4 + 3*8

// castagnoli makes the table at its first use: most servers keep no file.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// entry is a record as the file holds it.
type entry struct {
	revision     uint64
	due, expires instant.Instant
	data         []byte
}

func entryOf(rec store.Record, revision uint64) entry {
	return entry{revision: revision, due: instant.Of(rec.Due), expires: instant.Of(rec.Expires), data: rec.Data}
}

// record returns a record with data of its own: what the file is mapped to goes
// away.
func (e entry) record() store.Record {
	return store.Record{
		Data:     bytes.Clone(e.data),
		Revision: e.revision,
		Due:      e.due.Time(),
		Expires:  e.expires.Time(),
	}
}

// encode returns the stored form of the entry with this key. A checksum tells a
// damaged one, and one that stands under another key.
func (e entry) encode(key string) []byte {
	out := make([]byte, entryHeader, entryHeader+len(e.data))
	out[0] = entryVersion
	binary.BigEndian.PutUint64(out[5:], e.revision)
	binary.BigEndian.PutUint64(out[13:], uint64(e.due))
	binary.BigEndian.PutUint64(out[21:], uint64(e.expires))
	out = append(out, e.data...)
	binary.BigEndian.PutUint32(out[1:], checksum(key, out))
	return out
}

// decodeEntry reads what encode wrote. The data shares memory with encoded.
func decodeEntry(key string, encoded []byte) (entry, error) {
	if len(encoded) < entryHeader || binary.BigEndian.Uint32(encoded[1:]) != checksum(key, encoded) {
		return entry{}, fmt.Errorf("%w: a record of %d bytes has another checksum", ErrDamaged, len(encoded))
	}
	if encoded[0] != entryVersion {
		return entry{}, fmt.Errorf("%w: a record has version %d", ErrDamaged, encoded[0])
	}
	e := entry{
		revision: binary.BigEndian.Uint64(encoded[5:]),
		due:      instant.Instant(binary.BigEndian.Uint64(encoded[13:])),
		expires:  instant.Instant(binary.BigEndian.Uint64(encoded[21:])),
		data:     encoded[entryHeader:],
	}
	if e.due < 0 || e.expires < 0 {
		return entry{}, fmt.Errorf("%w: a record has a time before 1970", ErrDamaged)
	}
	return e, nil
}

// checksum covers the key and all of an encoded entry except the checksum.
func checksum(key string, encoded []byte) uint32 {
	table := castagnoli()
	sum := crc32.Update(0, table, []byte(key))
	sum = crc32.Update(sum, table, encoded[:1])
	return crc32.Update(sum, table, encoded[5:])
}
