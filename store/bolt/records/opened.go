package records

import (
	"iter"
	"sync"

	"calbell/store/bolt/file"
)

// sealedStart is how many bytes a sealed value begins with that no other value has: the version
// and the nonce.
const sealedStart = 1 + 12

// opened are the records of one kind that were read last, by their row's key and the start of its
// value. Every change of anybody's settings has all of them read: those that did not change are neither
// opened nor decoded again. Safe for concurrent use.
type opened[T any] struct {
	mu   sync.Mutex
	rows map[string]T
}

// all walks all records in the order of their rows; what does not open is left out. What a record
// refers to is shared with other readers, and must not be changed.
func (o *opened[T]) all(t *file.Tx, rs Of[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		rows := make(map[string]T, len(o.rows))
		defer func() { o.rows = rows }()
		for k, v := range t.Rows(rs.Bucket, nil) {
			name := string(k) + string(v[:min(len(v), sealedStart)])
			r, ok := o.rows[name]
			if !ok {
				var err error
				if r, err = rs.Open(t, k, v); err != nil {
					t.Damaged(err)
					continue
				}
			}
			rows[name] = r
			if !yield(r) {
				return
			}
		}
	}
}
