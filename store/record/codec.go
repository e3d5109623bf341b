package record

import (
	"encoding/binary"
	"errors"
	"time"
)

// ErrMalformed means that a record ends early or holds an impossible length.
var ErrMalformed = errors.New("record is malformed")

// writer encodes a record: fields in a fixed order, strings with a length prefix. Encoding and
// decoding a delivery takes 1.1 µs, compared with 10 µs with encoding/json (BenchmarkCodec,
// 2026-11-22, 2 cores); each delivery is encoded and decoded three times.
type writer struct{ b []byte }

func (w *writer) byte(v byte)  { w.b = append(w.b, v) }
func (w *writer) int(v int64)  { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) len(n int)    { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) raw(v []byte) { w.b = append(w.b, v...) }

func (w *writer) str(v string) {
	w.len(len(v))
	w.b = append(w.b, v...)
}

func (w *writer) bool(v bool) {
	if v {
		w.byte(1)
		return
	}
	w.byte(0)
}

func (w *writer) time(t time.Time) {
	w.int(t.Unix())
	w.len(t.Nanosecond())
}

// reader decodes the output of writer. After a fault it returns zeros and keeps the fault, so
// that callers check err once, at the end.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail() {
	r.b = nil
	r.err = ErrMalformed
}

func (r *reader) raw(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail()
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if v := r.raw(1); len(v) == 1 {
		return v[0]
	}
	return 0
}

func (r *reader) bool() bool { return r.byte() != 0 }

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// len reads a length or a count. Each counted item takes at least a byte, so a count beyond the
// rest of the record is a fault and never causes an allocation.
func (r *reader) len() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > uint64(len(r.b)-n) {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) str() string { return string(r.raw(r.len())) }

func (r *reader) time() time.Time {
	sec := r.int()
	nsec, n := binary.Uvarint(r.b)
	if n <= 0 || nsec >= uint64(time.Second) {
		r.fail()
		return time.Time{}
	}
	r.b = r.b[n:]
	return time.Unix(sec, int64(nsec)).UTC()
}

// done returns the fault, or an error when data is left over.
func (r *reader) done() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail()
	}
	return r.err
}
