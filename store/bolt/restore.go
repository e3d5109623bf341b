package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"calbell"
	"calbell/internal/failpoint"
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
}

// Restore puts a backup (or snapshot) in the place of the database at path. What the sent
// journal beside it says to have ended since is ended in the restored database: nothing is
// posted again. The backup is verified before anything is touched, and stays as it is; the
// database of before stays as path + ".before-restore".
//
// Errors: KindAlreadyRuns when a process has the database open, KindConfig when the key is
// not the backup's or a newer Calbell wrote it.
func Restore(ctx context.Context, from, path string, key Key) (report RestoreReport, err error) {
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
	return report, nil
}

// lockOut holds the lock of the database for as long as it is to be replaced. One that
// does not open cannot be in use.
func lockOut(path string) (release func() error, err error) {
	none := func() error { return nil }
	if info, err := os.Stat(path); err != nil || info.Size() == 0 || checkSize(path) != nil {
		return none, nil
	}
	defer faults(path, &err)()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait})
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
	err = writeWhole(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	m, _, ok := newestMeta(in)
	if err == nil && !ok {
		err = damaged(fmt.Sprintf("read backup %q", from), nil)
	}
	return m.txid, err
}

// prepareRestored verifies the copy of a backup and takes over what the journal knows.
func prepareRestored(ctx context.Context, file, journal string, key Key, taken uint64, report *RestoreReport) (err error) {
	if err := checkPages(file); err != nil {
		return err
	}
	s, err := Open(file, key, Options{})
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
	return s.takeOver(ctx, journal, moment{s.epoch, taken}, report)
}

// takeOver ends what ended after the backup was taken and was not planned again since, and
// begins a new epoch.
func (s *Store) takeOver(ctx context.Context, journal string, taken moment, report *RestoreReport) error {
	last := make(map[rowID]entry)
	epoch := taken.epoch
	err := readJournal(journal, func(e entry, _ []byte) {
		epoch = max(epoch, e.when.epoch)
		if !e.isMark() && e.when.compare(taken) > 0 && e.when.compare(last[e.id].when) > 0 {
			last[e.id] = e
		}
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(slices.Collect(maps.Values(last)), mergeStep) {
		var step RestoreReport
		err := s.update(ctx, failpoint.Restore, func(t *tx) (err error) {
			step, err = t.takeOver(some)
			return err
		})
		if err != nil {
			return err
		}
		report.Ended += step.Ended
		report.Known += step.Known
	}
	return s.update(ctx, failpoint.Epoch, func(t *tx) error { return t.putEpoch(epoch + 1) })
}

func (t *tx) takeOver(es []entry) (step RestoreReport, err error) {
	l := newLedger(t)
	for _, e := range es {
		reason := reasonRestored
		if e.status == calbell.StatusSent {
			reason = ""
		}
		row, err := l.get(e.id)
		switch {
		case err != nil:
			return step, err
		case !e.status.Final():
			// as the backup has it, or planned by the next sync
		case row == nil && e.status == calbell.StatusCancelled:
			// planned again by the next sync, if anything wants it
		case row == nil:
			d := calbell.Delivery{Reminder: calbell.Reminder{
				ID: hexOf(e.id), Due: e.at, Start: e.at, End: e.at, Subject: subjectRestored,
			}}
			l.add(e.id, d)
			l.rows[e.id].end(e.status, e.at, reason)
			step.Known++
		case !row.d.Status.Final():
			row.end(e.status, e.at, reason)
			step.Ended++
		}
	}
	return step, l.flush()
}

// replaceFile puts a file in the place of another, which is kept. At every moment there is
// a whole one in place: a start in between must not begin with nothing.
func replaceFile(file, path string) (before string, err error) {
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
	if err := os.Rename(file, path); err != nil {
		return before, err
	}
	if err := failpoint.After(failpoint.PlaceRestored); err != nil {
		return before, err
	}
	if err := os.Remove(unclean(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return before, err // it told of the file of before
	}
	return before, syncDir(filepath.Dir(path))
}

// epochKey is the row of meta that counts restores.
const epochKey = "epoch"

// startJournal opens the sent journal. Without one, on a full disk, reminders go on.
func (s *Store) startJournal() error {
	err := s.view(context.Background(), func(t *tx) error {
		if v := t.get(bMeta, []byte(epochKey)); len(v) == 4 {
			s.epoch = binary.BigEndian.Uint32(v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.sent, err = openJournal(s.path)
	if noRoom(err) {
		s.damaged(err)
		return nil
	}
	if err == nil && s.fresh {
		err = s.newEpoch()
	}
	if err != nil {
		return err
	}
	return s.markEpoch()
}

// markEpoch leaves a mark of the epoch in the journal. An epoch in which nothing ended would
// be begun a second time by the next restore, and its snapshots would seem to come after
// what the second one sends.
func (s *Store) markEpoch() error {
	known := uint32(0)
	err := readJournal(journalName(s.path), func(e entry, _ []byte) { known = max(known, e.when.epoch) })
	if err != nil || known >= s.epoch {
		return err
	}
	err = s.sent.add([]entry{{when: moment{epoch: s.epoch}, status: calbell.StatusCancelled}})
	if noRoom(err) {
		s.damaged(err)
		return nil
	}
	return err
}

// newEpoch tells a new database from the one that stood in its place: when a backup of that
// is restored later, what the new one has sent counts as sent after it.
func (s *Store) newEpoch() error {
	err := readJournal(journalName(s.path), func(e entry, _ []byte) { s.epoch = max(s.epoch, e.when.epoch+1) })
	if err != nil || s.epoch == 0 {
		return err
	}
	return s.update(context.Background(), failpoint.Epoch, func(t *tx) error { return t.putEpoch(s.epoch) })
}

func (t *tx) putEpoch(epoch uint32) error {
	return t.put(bMeta, []byte(epochKey), binary.BigEndian.AppendUint32(nil, epoch))
}

// noteEnds writes what a committed transaction ended into the journal.
func (s *Store) noteEnds(txid uint64, ends []entry) {
	if s.sent == nil || len(ends) == 0 {
		return
	}
	for i := range ends {
		ends[i].when = moment{s.epoch, txid}
	}
	if err := s.sent.add(ends); err != nil {
		s.damaged(err)
	}
}

// noteEnd notes that a delivery ended in this transaction, or was planned again after it had.
func (t *tx) noteEnd(id rowID, status calbell.Status, at time.Time) {
	t.ends = append(t.ends, entry{id: id, status: status, at: at})
}
