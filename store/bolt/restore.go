package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"calbell"
	"calbell/store/bolt/file"
	"calbell/store/bolt/sent"
	"calbell/store/record"
)

// mergeStep is how many journal records one transaction of a restore takes over.
const mergeStep = 1000

// subjectRestored stands for the subject of a reminder that the backup did not know.
const subjectRestored = "(planned after the backup was made)"

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
	release, err := file.LockOut(path)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, release()) }()
	dir, err := os.MkdirTemp(filepath.Dir(path), ".restore-*")
	if err != nil {
		return report, fmt.Errorf("restore database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	restored := filepath.Join(dir, "restored.db")
	taken, err := file.CopyBackup(from, restored)
	if err != nil {
		return report, ofBackup(fmt.Errorf("restore database: %w", err))
	}
	if report, err = prepareRestored(ctx, restored, sent.Name(path), key, taken); err != nil {
		return report, ofBackup(err)
	}
	if report.Before, err = file.Replace(restored, path); err != nil {
		return report, fmt.Errorf("restore database: %w", err)
	}
	s, err := Open(path, key, Options{}) // so that the journal names it as its own
	if err != nil {
		return report, err
	}
	return report, s.Close()
}

// ofBackup gives an error about a damaged file the next step for a damaged backup.
func ofBackup(err error) error {
	var told *calbell.Error
	if !errors.As(err, &told) || told.Hint.English != file.DamagedHint {
		return err
	}
	return &calbell.Error{
		Kind: told.Kind, Err: err,
		What: calbell.English("the backup cannot be restored, and nothing was changed"),
		Hint: calbell.English("choose an older backup: calbell restore FILE"),
	}
}

// prepareRestored verifies the copy of a backup and takes over what the journal knows.
func prepareRestored(ctx context.Context, restored, journal string, key record.Key, taken uint64) (report RestoreReport, err error) {
	if err := file.CheckPages(restored); err != nil {
		return report, err
	}
	s, err := open(restored, key, Options{}, restoring)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.New() {
		return report, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("restore database: the backup is empty"), Hint: calbell.English("name another backup")}
	}
	if err := s.Check(ctx); err != nil {
		return report, &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.English("restore database: the backup is damaged"), Err: err, Hint: calbell.English("take an older one"),
		}
	}
	f, err := s.readSince(journal, sent.Moment{Epoch: s.epoch, TxID: taken})
	if err != nil {
		return report, err
	}
	return s.takeOver(ctx, f, time.Now())
}

func takeOverEnds(t *tx, es []sent.Entry) (step RestoreReport, err error) {
	l := record.NewLedger(t, t.Box)
	for _, e := range es {
		reason := calbell.T("store:ended-after-backup", "it ended after the backup was made")
		if e.Status == calbell.StatusSent {
			reason = calbell.Text{}
		}
		row, err := l.Get(e.ID)
		switch {
		case err != nil:
			return step, err
		case !e.Status.Final():
			// as the backup has it, or planned by the next sync
		case row == nil && e.Status == calbell.StatusCancelled:
			// planned again by the next sync, if anything wants it
		case row == nil:
			d := calbell.Delivery{Reminder: calbell.Reminder{
				ID: record.HexOf(e.ID), Due: e.At, Start: e.At, End: e.At, Subject: subjectRestored,
			}}
			l.Add(e.ID, d).EndAs(e.Status, e.At, reason)
			step.Known++
		case !row.Status.Final():
			row.EndAs(e.Status, e.At, reason)
			step.Ended++
		}
	}
	return step, l.Flush()
}

// noteEnds writes what a committed transaction ended into the journal.
func (s *database) noteEnds(txid uint64, ends []sent.Entry) {
	if s.sent == nil || len(ends) == 0 {
		return
	}
	for i := range ends {
		ends[i].When = sent.Moment{Epoch: s.epoch, TxID: txid}
	}
	if err := s.sent.Add(ends); err != nil {
		s.data.Damaged(err)
	}
}

// noteEnd notes that a delivery ended in this transaction, or was planned again after it had.
func (t *tx) noteEnd(id record.ID, status calbell.Status, at time.Time) {
	t.ends = append(t.ends, sent.Entry{ID: id, Status: status, At: at})
}
