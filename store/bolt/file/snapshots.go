package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"calbell/internal/durable"
)

// Names of snapshots: they sort by time.
const (
	snapshotPrefix = "calbell-"
	snapshotLayout = "20060102T150405Z"
	snapshotSuffix = ".db"
)

// SnapshotName returns the name of a snapshot of a time.
func SnapshotName(at time.Time) string {
	return snapshotPrefix + at.UTC().Format(snapshotLayout) + snapshotSuffix
}

// endingWriter fails when its context has ended: a copy of a large file takes a while.
type endingWriter struct {
	ctx context.Context
	w   io.Writer
}

// Ending returns a writer that fails once a context has ended.
func Ending(ctx context.Context, w io.Writer) io.Writer { return &endingWriter{ctx, w} }

// Write implements io.Writer.
func (w *endingWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}

// PruneSnapshots deletes the oldest beyond keep, and what crashes left. It returns the time
// of the oldest that is left.
func PruneSnapshots(folder string, keep int) (oldest time.Time, err error) {
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
		name := SnapshotName(times[0])
		err = errors.Join(err, os.Remove(filepath.Join(folder, name)))
		times = times[1:]
	}
	if len(times) > 0 {
		oldest = times[0]
	}
	return oldest, err
}
