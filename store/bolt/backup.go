package bolt

import (
	"context"
	"io"
)

// Backup writes the database as it is now to w, sealed as it is, and returns how many bytes.
// It is one read transaction, while which pages that become free cannot be used again: with
// many writes beside a slow w the file grows. The backup is of no use without the key.
func (s *Store) Backup(ctx context.Context, w io.Writer) (n int64, err error) {
	err = s.view(ctx, func(t *tx) error {
		n, err = t.WriteTo(&endingWriter{ctx, w})
		return err
	})
	return n, err
}

// endingWriter fails when its context has ended: a copy of a large file takes a while.
type endingWriter struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer.
func (w *endingWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}
