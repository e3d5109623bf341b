package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"calbell"
	"calbell/internal/durable"
	"calbell/internal/failpoint"
	"calbell/store/bolt/file"
	"calbell/store/record"
)

// mergeStep is how many journal records one transaction of a restore takes over.
const mergeStep = 1000

// Reasons and subjects that people read after a restore.
const (
	reasonRestored  = "it ended after the backup was made"
	subjectRestored = "(planned after the backup was made)"
)

// RestoreReport says what a restore did.
type RestoreReport struct {
	// Before is where the database is kept as it was; "" when there was none.
	Before string
	// Ended counts deliveries that the backup had as waiting and that had ended since.
	Ended int
	// Known counts those that the backup did not know and that had ended since: they are
	// kept as ended, so that planning them again posts nothing.
	Known int
	// Unknown: the journal beside the database does not tell of all that happened since the backup
	// was made. What fell due since is sent as a possible repeat.
	Unknown bool
}

// Restore puts a backup (or snapshot) in the place of the database at path. What the sent
// journal beside it says to have ended since is ended in the restored database: nothing is
// posted again. The backup is verified before anything is touched, and stays as it is; the
// database of before stays as path + ".before-restore".
//
// Errors: KindAlreadyRuns when a process has the database open, KindConfig when the key is
// not the backup's or a newer Calbell wrote it.
func Restore(ctx context.Context, from, path string, key record.Key) (report RestoreReport, err error) {
	release, err := lockOut(path)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, release()) }()
	dir, err := os.MkdirTemp(filepath.Dir(path), ".restore-*")
	if err != nil {
		return report, fmt.Errorf("restore database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "restored.db")
	taken, err := copyBackup(from, file)
	if err != nil {
		return report, fmt.Errorf("restore database: %w", err)
	}
	if err := prepareRestored(ctx, file, journalName(path), key, taken, &report); err != nil {
		return report, err
	}
	if report.Before, err = replaceFile(file, path); err != nil {
		return report, fmt.Errorf("restore database: %w", err)
	}
	s, err := Open(path, key, Options{}) // so that the journal names it as its own
	if err != nil {
		return report, err
	}
	return report, s.Close()
}

// lockOut holds the lock of the database for as long as it is to be replaced. One that
// does not open cannot be in use.
func lockOut(path string) (release func() error, err error) {
	none := func() error { return nil }
	if info, err := os.Stat(path); err != nil || info.Size() == 0 || file.CheckSize(path) != nil {
		return none, nil
	}
	defer file.Faults(path, &err)()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: file.LockWait})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return none, &calbell.Error{
			Kind: calbell.KindAlreadyRuns, What: fmt.Sprintf("restore database %q: a process has it open", path),
			Hint: "stop the calbell daemon first",
		}
	case err != nil:
		return none, nil
	}
	return db.Close, nil
}

// copyBackup copies a backup and returns when, in transactions, it was taken.
func copyBackup(from, to string) (txid uint64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	err = durable.WriteWhole(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	m, _, ok := file.NewestMeta(in)
	if err == nil && !ok {
		err = file.DamagedError(fmt.Sprintf("read backup %q", from), nil)
	}
	return m.TxID, err
}

// prepareRestored verifies the copy of a backup and takes over what the journal knows.
func prepareRestored(ctx context.Context, restored, journal string, key record.Key, taken uint64, report *RestoreReport) (err error) {
	if err := file.CheckPages(restored); err != nil {
		return err
	}
	s, err := open(restored, key, Options{}, restoring)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.New() {
		return &calbell.Error{Kind: calbell.KindUsage, What: "restore database: the backup is empty", Hint: "name another backup"}
	}
	if err := s.Check(ctx); err != nil {
		return &calbell.Error{
			Kind: calbell.KindFailed, What: "restore database: the backup is damaged", Err: err, Hint: "take an older one",
		}
	}
	f, err := s.readSince(journal, moment{s.epoch, taken})
	if err != nil {
		return err
	}
	return s.takeOver(ctx, f, time.Now(), report)
}

func takeOverEnds(t *tx, es []entry) (step RestoreReport, err error) {
	l := record.NewLedger(t, t.Box)
	for _, e := range es {
		reason := reasonRestored
		if e.status == calbell.StatusSent {
			reason = ""
		}
		row, err := l.Get(e.id)
		switch {
		case err != nil:
			return step, err
		case !e.status.Final():
			// as the backup has it, or planned by the next sync
		case row == nil && e.status == calbell.StatusCancelled:
			// planned again by the next sync, if anything wants it
		case row == nil:
			d := calbell.Delivery{Reminder: calbell.Reminder{
				ID: record.HexOf(e.id), Due: e.at, Start: e.at, End: e.at, Subject: subjectRestored,
			}}
			l.Add(e.id, d).EndAs(e.status, e.at, reason)
			step.Known++
		case !row.Status.Final():
			row.EndAs(e.status, e.at, reason)
			step.Ended++
		}
	}
	return step, l.Flush()
}

// replaceFile puts a file in the place of another, which is kept. At every moment there is
// a whole one in place: a start in between must not begin with nothing.
func replaceFile(by, path string) (before string, err error) {
	before = path + ".before-restore"
	if err := os.Remove(before); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := failpoint.Before(failpoint.KeepReplaced); err != nil {
		return "", err
	}
	switch err := os.Link(path, before); {
	case errors.Is(err, os.ErrNotExist):
		before = ""
	case err != nil:
		return "", fmt.Errorf("keep the database of before: %w", err)
	}
	if err := failpoint.After(failpoint.KeepReplaced); err != nil {
		return before, err
	}
	if err := failpoint.Before(failpoint.PlaceRestored); err != nil {
		return before, err
	}
	if err := os.Rename(by, path); err != nil {
		return before, err
	}
	if err := failpoint.After(failpoint.PlaceRestored); err != nil {
		return before, err
	}
	if err := os.Remove(file.Unclean(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return before, err // it told of the file of before
	}
	return before, durable.SyncDir(filepath.Dir(path))
}

// noteEnds writes what a committed transaction ended into the journal.
func (s *database) noteEnds(txid uint64, ends []entry) {
	if s.sent == nil || len(ends) == 0 {
		return
	}
	for i := range ends {
		ends[i].when = moment{s.epoch, txid}
	}
	if err := s.sent.add(ends); err != nil {
		s.data.Damaged(err)
	}
}

// noteEnd notes that a delivery ended in this transaction, or was planned again after it had.
func (t *tx) noteEnd(id record.ID, status calbell.Status, at time.Time) {
	t.ends = append(t.ends, entry{id: id, status: status, at: at})
}
