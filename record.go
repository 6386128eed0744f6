package irmaserver

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
)

// recordVersion is the first byte of an encoded record. A server refuses
// records of a version that it does not know.
const recordVersion = 1

// Bits of the stored flags.
const (
	flagLegacy = 1 << iota
	flagCallback
)

// record is all that is kept of a session. It is small and quick to decode,
// because every status request decodes one; the request and the result stay
// encoded until somebody needs them.
type record struct {
	token    irma.RequestorToken
	frontend irma.FrontendAuthorization
	action   irma.Action
	status   irma.Status
	passed   uint8 // one bit per status that the session has been in

	active   time.Time     // last activity, from which deadlines count
	patience time.Duration // how long to stay INITIALIZED
	lifetime time.Duration // how long to stay PAIRING and CONNECTED together

	host        string            // bound host, or ""
	pairingCode string            // "" when pairing is off
	requestor   string            // who started the session, or ""
	client      [sha256.Size]byte // digest of the bound wallet's Authorization
	posted      [sha256.Size]byte // digest of the wallet's final POST
	edition     uint64            // of the schemes that the session began with; see editions
	busy        time.Time         // until when that POST is worked on, if it starts another session
	answer      []byte            // what it was answered with

	legacy   bool      // the request came in the form without @context
	callback bool      // the result must be posted when the session ends
	attempts uint8     // at posting it, begun so far
	wake     time.Time // when the next attempt is due; zero when there is none

	request []byte // storedRequest
	result  []byte // irma.SessionResult, once there is more to tell than the status
	next    []byte // followUp, when there is one

	from     store.Record // what this was decoded from, or stored as
	revision uint64       // of that stored record
	before   irma.Status  // in that stored record
	since    time.Time    // its last activity
	changed  bool         // must be stored

	ended     *irma.SessionResult // how the session ends; nil before that and when read back
	delivered <-chan struct{}     // closed after the first attempt at posting the result; nil when there is none
}

var errRecord = errors.New("malformed session record")

// encode returns the stored form: fixed fields first, then length-prefixed
// ones.
func (r *record) encode() []byte {
	out := make([]byte, 0, 192+len(r.host)+len(r.requestor)+len(r.answer)+len(r.request)+len(r.result)+len(r.next))
	out = append(out, recordVersion, statusCode(r.status), actionCode(r.action), r.passed, r.flags(), r.attempts)
	for _, n := range []int64{nanos(r.active), int64(r.patience), int64(r.lifetime), nanos(r.busy), nanos(r.wake), int64(r.edition)} {
		out = binary.BigEndian.AppendUint64(out, uint64(n))
	}
	out = append(out, r.client[:]...)
	out = append(out, r.posted[:]...)
	for _, text := range []string{string(r.token), string(r.frontend), r.host, r.pairingCode, r.requestor} {
		out = binary.AppendUvarint(out, uint64(len(text)))
		out = append(out, text...)
	}
	for _, data := range [][]byte{r.answer, r.request, r.result, r.next} {
		out = binary.AppendUvarint(out, uint64(len(data)))
		out = append(out, data...)
	}
	return out
}

// decodeRecord reads what encode wrote. The record shares memory with data,
// which nobody may change afterwards.
func decodeRecord(data []byte) (*record, error) {
	in := reader{rest: data}
	head := in.take(6)
	if in.failed || head[0] != recordVersion || head[4]&^(flagLegacy|flagCallback) != 0 {
		return nil, errRecord
	}
	r := &record{passed: head[3], legacy: head[4]&flagLegacy != 0, callback: head[4]&flagCallback != 0, attempts: head[5]}
	var known [2]bool
	r.status, known[0] = statusOf(head[1])
	r.action, known[1] = actionOf(head[2])
	if !known[0] || !known[1] {
		return nil, errRecord
	}
	r.active = in.time()
	r.patience, r.lifetime = time.Duration(in.int64()), time.Duration(in.int64())
	r.busy, r.wake = in.time(), in.time()
	r.edition = uint64(in.int64())
	copy(r.client[:], in.take(sha256.Size))
	copy(r.posted[:], in.take(sha256.Size))
	r.token = irma.RequestorToken(in.bytes())
	r.frontend = irma.FrontendAuthorization(in.bytes())
	r.host, r.pairingCode, r.requestor = string(in.bytes()), string(in.bytes()), string(in.bytes())
	r.answer, r.request, r.result, r.next = in.bytes(), in.bytes(), in.bytes(), in.bytes()
	if in.failed || len(in.rest) > 0 {
		return nil, errRecord
	}
	return r, nil
}

func (r *record) flags() byte {
	var out byte
	if r.legacy {
		out |= flagLegacy
	}
	if r.callback {
		out |= flagCallback
	}
	return out
}

// nanos is the stored form of a time; the zero time is stored as zero.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// reader takes fields off the front of an encoded record; failed is set when
// one is missing.
type reader struct {
	rest   []byte
	failed bool
}

func (in *reader) take(n int) []byte {
	if n > len(in.rest) {
		in.failed, in.rest = true, nil
		return nil
	}
	out := in.rest[:n:n]
	in.rest = in.rest[n:]
	return out
}

func (in *reader) int64() int64 {
	field := in.take(8)
	if field == nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(field))
}

func (in *reader) time() time.Time {
	n := in.int64()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

func (in *reader) bytes() []byte {
	length, n := binary.Uvarint(in.rest)
	if n <= 0 || length > uint64(len(in.rest)-n) {
		in.failed, in.rest = true, nil
		return nil
	}
	in.rest = in.rest[n:]
	if length == 0 {
		return nil
	}
	return in.take(int(length))
}
