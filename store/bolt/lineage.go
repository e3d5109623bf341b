package bolt

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/bolt/file"
	"calbell/store/bolt/sent"
	"calbell/store/record"
)

const (
	// epochKey is the row of meta that counts restores.
	epochKey = "epoch"
	// lineageKey is the row of meta that names a database and all of its copies. It stands in
	// the marks of the sent journal too, and tells whose records these are. A database of before has
	// none: then every record counts.
	lineageKey = "lineage"
	// doubtKey is the row of meta that says up to when it is not known what was sent: what fell
	// due before then, and is planned only later, is a possible repeat.
	doubtKey = "doubt"
)

// aftermath is what the sent journal tells of the time after a copy of the database was made.
type aftermath struct {
	last  map[record.ID]sent.Entry // what ended, or was planned again, since
	epoch uint32                   // the highest that there is
	older bool                     // something has happened since
	gap   bool                     // it does not tell of all that happened since
}

// readSince reads what the journal tells of the time after a moment of this database.
func (s *database) readSince(journal string, taken sent.Moment) (aftermath, error) {
	f := aftermath{last: make(map[record.ID]sent.Entry), epoch: taken.Epoch}
	own, met := true, s.lineage == (record.ID{}) // the records that are read; any of them
	err := sent.Read(journal, func(e sent.Entry, _ []byte) {
		f.epoch = max(f.epoch, e.When.Epoch)
		after := e.When.Compare(taken) > 0
		switch {
		case e.IsForgotten():
			f.older, f.gap = f.older || after, f.gap || after
			return
		case e.IsMark() && e.ID != (record.ID{}):
			own = e.ID == s.lineage || s.lineage == (record.ID{})
			met = met || own
		}
		if !own || !after {
			return
		}
		f.older = true
		if !e.IsMark() && e.When.Compare(f.last[e.ID].When) > 0 {
			f.last[e.ID] = e
		}
	})
	f.gap = f.gap || !met
	return f, err
}

// takeOver ends what ended after the copy was made and was not planned again since, and begins a
// new epoch. Where the journal does not tell, what is due by now is a possible repeat.
func (s *database) takeOver(ctx context.Context, f aftermath, now time.Time) (report RestoreReport, err error) {
	for some := range slices.Chunk(slices.Collect(maps.Values(f.last)), mergeStep) {
		var step RestoreReport
		err := s.update(ctx, failpoint.Restore, func(t *tx) (err error) {
			step, err = takeOverEnds(t, some)
			return err
		})
		if err != nil {
			return report, err
		}
		report.Ended += step.Ended
		report.Known += step.Known
	}
	if report.Unknown = f.gap; f.gap {
		if err := s.doubt(ctx, now); err != nil {
			return report, err
		}
	}
	return report, s.update(ctx, failpoint.Epoch, func(t *tx) error {
		s.epoch = f.epoch + 1
		return putEpoch(t, s.epoch)
	})
}

// doubt marks what is due by now as a possible repeat, and has what is planned later for a time
// before now marked as well.
func (s *database) doubt(ctx context.Context, now time.Time) error {
	var due []record.ID
	err := s.view(ctx, func(t *tx) error {
		for k, v := range t.Rows(bDue, nil) {
			row, ok := dueOf(k, v)
			if row.at.After(now) {
				break
			}
			if ok {
				due = append(due, row.id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(due, mergeStep) {
		err := s.update(ctx, failpoint.Restore, func(t *tx) error {
			l := record.NewLedger(t, t.Box)
			for _, id := range some {
				if row, err := l.Get(id); err == nil && row != nil && !row.PossibleRepeat {
					row.PossibleRepeat = true
					row.Change()
				}
			}
			return l.Flush()
		})
		if err != nil {
			return err
		}
	}
	return s.update(ctx, failpoint.Restore, func(t *tx) error { return t.Put(bMeta, []byte(doubtKey), record.TimeKey(now, nil)) })
}

// doubtful returns up to when it is not known what was sent; zero: it is known.
func doubtful(t *tx) time.Time {
	at, ok := record.TimeOf(t.Get(bMeta, []byte(doubtKey)))
	if !ok {
		return time.Time{}
	}
	return at
}

// startJournal opens the sent journal and compares it with the database as it was at taken: a
// copy that was put in its place is older. Without a journal, on a full disk, reminders go on.
func (s *database) startJournal(o Options, taken uint64, how opening) error {
	err := s.view(context.Background(), func(t *tx) error {
		if v := t.Get(bMeta, []byte(epochKey)); len(v) == 4 {
			s.epoch = binary.BigEndian.Uint32(v)
		}
		copy(s.lineage[:], t.Get(bMeta, []byte(lineageKey)))
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case how == restoring: // it is compared with the journal beside the database that it replaces
		return nil
	case s.fresh:
		err = s.newEpoch()
	default:
		err = s.catchUp(o.now(), sent.Name(s.path), taken)
	}
	if err != nil {
		return err
	}
	s.sent, err = sent.Open(s.path)
	if err == nil {
		err = s.markJournal()
	}
	if file.NoRoom(err) {
		s.data.Damaged(err)
		return nil
	}
	return err
}

// catchUp takes over what the journal tells if the database is an older copy than it.
func (s *database) catchUp(now time.Time, journal string, taken uint64) error {
	f, err := s.readSince(journal, sent.Moment{Epoch: s.epoch, TxID: taken})
	if err != nil || !f.older && !f.gap {
		return err
	}
	report, err := s.takeOver(context.Background(), f, now)
	s.behind = &report
	return err
}

// Behind returns what Open took over from the sent journal because the database was an older copy
// than it, or because the journal was not there; nil: neither is so.
func (s *database) Behind() *RestoreReport { return s.behind }

// markJournal leaves a mark of the database and its epoch in the journal. An epoch in which
// nothing ended would be begun a second time by the next restore, and its snapshots would seem
// to come after what the second one sends.
func (s *database) markJournal() error {
	var last sent.Entry
	known := uint32(0)
	err := sent.Read(s.sent.File.Name(), func(e sent.Entry, _ []byte) {
		known = max(known, e.When.Epoch)
		if e.IsMark() && e.ID != (record.ID{}) {
			last = e
		}
	})
	if err != nil || s.lineage != (record.ID{}) && last.ID == s.lineage && known >= s.epoch {
		return err
	}
	name := cmp.Or(s.lineage, last.ID) // a new database takes the place of the one that was there
	if name == (record.ID{}) {
		if _, err := rand.Read(name[:]); err != nil {
			return fmt.Errorf("name database: %w", err)
		}
	}
	mark := sent.Entry{When: sent.Moment{Epoch: s.epoch}, ID: name, Status: calbell.StatusCancelled}
	if err := errors.Join(s.sent.Add([]sent.Entry{mark}), s.sent.Sync()); err != nil || s.lineage == name {
		return err
	}
	// Only now: a database that has a name and no journal has lost it.
	err = s.update(context.Background(), failpoint.Epoch, func(t *tx) error { return t.Put(bMeta, []byte(lineageKey), name[:]) })
	if err == nil {
		s.lineage = name
	}
	return err
}

// newEpoch tells a new database from the one that stood in its place: when a backup of that
// is restored later, what the new one has sent counts as sent after it.
func (s *database) newEpoch() error {
	err := sent.Read(sent.Name(s.path), func(e sent.Entry, _ []byte) { s.epoch = max(s.epoch, e.When.Epoch+1) })
	if err != nil || s.epoch == 0 {
		return err
	}
	return s.update(context.Background(), failpoint.Epoch, func(t *tx) error { return putEpoch(t, s.epoch) })
}

func putEpoch(t *tx, epoch uint32) error {
	return t.Put(bMeta, []byte(epochKey), binary.BigEndian.AppendUint32(nil, epoch))
}
