package bolt

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"calbell"
	"calbell/internal/durable"
	"calbell/internal/failpoint"
	"calbell/store/bolt/file"
)

// Backup writes the database as it is now to w, sealed as it is, and returns how many bytes.
// It is one read transaction, during which pages that become free cannot be used again: with
// many writes beside a slow w the file grows. The backup is of no use without the key.
func (s *database) Backup(ctx context.Context, w io.Writer) (n int64, err error) {
	err = s.view(ctx, func(t *tx) error {
		n, err = t.WriteTo(file.Ending(ctx, w))
		return err
	})
	return n, err
}

// journalSlack is how much longer than its oldest snapshot the sent journal reaches back:
// what ended is dated by its answer, which came before it was recorded.
const journalSlack = calbell.MaxRetry

// Snapshot writes a backup into a folder (made with mode 0700 when it is not there), named
// by the time in UTC, and deletes the oldest beyond keep (≥ 1). The sent journal forgets
// what ended before the oldest that is left. One at a time; see Backup for what it costs.
func (s *database) Snapshot(ctx context.Context, folder string, keep int, now time.Time) (string, error) {
	if keep < 1 {
		return "", &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("make snapshot: keep %d", keep)}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	if err := failpoint.Before(failpoint.Snapshot); err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	snapshot := filepath.Join(folder, file.SnapshotName(now))
	err := durable.WriteWhole(snapshot, func(w io.Writer) error {
		_, err := s.Backup(ctx, w)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make snapshot: %w", err)
	}
	oldest, err := file.PruneSnapshots(folder, keep)
	if err == nil && s.sent != nil && !oldest.IsZero() {
		err = s.sent.Forget(oldest.Add(-journalSlack))
	}
	if err == nil {
		err = failpoint.After(failpoint.Snapshot)
	}
	if err != nil {
		return snapshot, fmt.Errorf("clear up after snapshot: %w", err)
	}
	return snapshot, nil
}
