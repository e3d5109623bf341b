package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/internal/durable"
	"calbell/internal/failpoint"
)

// Backup writes the database as it is now to w, sealed as it is, and returns how many bytes.
// It is one read transaction, during which pages that become free cannot be used again: with
// many writes beside a slow w the file grows. The backup is of no use without the key.
func (s *database) Backup(ctx context.Context, w io.Writer) (n int64, err error) {
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

// Names of snapshots: they sort by time.
const (
	snapshotPrefix = "calbell-"
	snapshotLayout = "20060102T150405Z"
	snapshotSuffix = ".db"
	// journalSlack is how much longer than its oldest snapshot the sent journal reaches back:
	// what ended is dated by its answer, which came before it was recorded.
	journalSlack = calbell.MaxRetry
)

// Snapshot writes a backup into a folder (made with mode 0700 when it is not there), named
// by the time in UTC, and deletes the oldest beyond keep (≥ 1). The sent journal forgets
// what ended before the oldest that is left. One at a time; see Backup for what it costs.
func (s *database) Snapshot(ctx context.Context, folder string, keep int, now time.Time) (string, error) {
	if keep < 1 {
		return "", &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("make snapshot: keep %d", keep)}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	if err := failpoint.Before(failpoint.Snapshot); err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	file := filepath.Join(folder, snapshotPrefix+now.UTC().Format(snapshotLayout)+snapshotSuffix)
	err := durable.WriteWhole(file, func(w io.Writer) error {
		_, err := s.Backup(ctx, w)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	oldest, err := pruneSnapshots(folder, keep)
	if err == nil && s.sent != nil && !oldest.IsZero() {
		err = s.sent.forget(oldest.Add(-journalSlack))
	}
	if err == nil {
		err = failpoint.After(failpoint.Snapshot)
	}
	if err != nil {
		return file, fmt.Errorf("clear up after snapshot: %w", err)
	}
	return file, nil
}

// pruneSnapshots deletes the oldest beyond keep, and what crashes left. It returns the time
// of the oldest that is left.
func pruneSnapshots(folder string, keep int) (oldest time.Time, err error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return oldest, err
	}
	var times []time.Time
	for _, f := range files {
		if strings.HasPrefix(f.Name(), durable.TempPrefix) {
			err = errors.Join(err, os.Remove(filepath.Join(folder, f.Name())))
		}
		name, ok := strings.CutPrefix(f.Name(), snapshotPrefix)
		if at, bad := time.Parse(snapshotLayout+snapshotSuffix, name); ok && bad == nil {
			times = append(times, at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for len(times) > keep {
		name := snapshotPrefix + times[0].Format(snapshotLayout) + snapshotSuffix
		err = errors.Join(err, os.Remove(filepath.Join(folder, name)))
		times = times[1:]
	}
	if len(times) > 0 {
		oldest = times[0]
	}
	return oldest, err
}
