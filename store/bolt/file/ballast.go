package file

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

// BallastTable is the bucket of the ballast.
const BallastTable record.Table = "ballast"

// Ballast are rows without meaning. bbolt writes a changed page to another place, so with no
// free page in the file and no room on the disk nothing could be recorded any more, not even
// that a reminder was sent: it would be sent again after a restart. When a commit finds no
// room the ballast is dropped, and its pages are there for claiming and recording, whoever
// else fills the disk. Meanwhile nothing new is taken in: see Full.
const (
	// ballastRows of ballastRow bytes are 1 MiB. A claim or an outcome of 64 deliveries writes
	// some 200 kB, and gives back as much once it is committed.
	ballastRows = 16
	ballastRow  = 64 << 10
	// minRoom is how much room the disk must have before the ballast is kept again: less
	// would make it come and go.
	minRoom = 4 << 20
)

// Full reports whether the disk had no room at the latest count: reminders that are stored are
// claimed and recorded, Apply and Extend are refused. Beat ends that when there is room.
func (s *File) Full() bool { return s.full.Load() }

// Refused returns why the latest transaction could not be written to the disk; nil when it was.
func (s *File) Refused() error {
	if err := s.refused.Load(); err != nil {
		return *err
	}
	return nil
}

// fullError is what people read when the disk is full.
func (s *File) fullError(cause error) error {
	return &calbell.Error{
		Kind: calbell.KindFailed, What: calbell.T("file:write-database-disk-full", "write database: the disk is full"), Err: cause,
		Hint: calbell.T("file:make-room-disk-reminders", "make room on the disk of %q; reminders that are stored go on as long as there is room "+
			"to record them, what is new in calendars waits", s.path),
	}
}

// NoRoom reports whether an error means that the disk, a quota or a limit is exhausted. bbolt
// keeps only the text of some.
func NoRoom(err error) bool {
	if err == nil {
		return false
	}
	for _, no := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, no) || strings.Contains(err.Error(), no.Error()) {
			return true
		}
	}
	return false
}

// Grow is update for what makes the database grow.
func (s *File) Grow(ctx context.Context, p failpoint.Point, fn Change) error {
	if s.Full() {
		return s.fullError(nil)
	}
	return s.Update(ctx, p, fn)
}

// Update runs fn in a write transaction and commits it when fn succeeds and wrote
// something. Where there is no room for that, the ballast goes and fn runs once more.
func (s *File) Update(ctx context.Context, p failpoint.Point, fn Change) error {
	err := s.Commit(ctx, p, fn)
	if !NoRoom(err) {
		return err
	}
	s.full.Store(true)
	// The transaction was asked for; that its context ends now must not keep the pages.
	if dropped := s.Commit(context.WithoutCancel(ctx), failpoint.Ballast, Only(DropBallast)); dropped != nil {
		return s.fullError(errors.Join(err, dropped))
	}
	if err = s.Commit(ctx, p, fn); NoRoom(err) {
		return s.fullError(err)
	}
	return err
}

// Only is a change of which nobody wants to hear.
func Only(fn func(t *Tx) error) Change {
	return func(t *Tx) (func(uint64), error) { return nil, fn(t) }
}

// DropBallast frees the pages of the ballast.
func DropBallast(t *Tx) error {
	if k, _ := t.Table(BallastTable).Cursor().First(); k == nil {
		return nil
	}
	t.Wrote = true
	if err := t.DeleteBucket([]byte(BallastTable)); err != nil {
		return fmt.Errorf("drop ballast: %w", err)
	}
	delete(t.known, BallastTable)
	_, err := t.CreateBucket([]byte(BallastTable))
	return err
}

// putBallast writes the ballast, unless it is there. It is random: some file systems give
// zeros no room on the disk.
func putBallast(t *Tx) error {
	if k, _ := t.Table(BallastTable).Cursor().First(); k != nil {
		return nil
	}
	for i := range ballastRows {
		row := make([]byte, ballastRow)
		if _, err := rand.Read(row); err != nil {
			return fmt.Errorf("make ballast: %w", err)
		}
		if err := t.Put(BallastTable, []byte{byte(i)}, row); err != nil {
			return err
		}
	}
	return nil
}

// KeepBallast puts the ballast in its place when there is room for it and more.
func (s *File) KeepBallast(ctx context.Context) error {
	if s.noBallast || freeRoom(filepath.Dir(s.path)) < minRoom {
		return nil
	}
	err := s.Commit(ctx, failpoint.Ballast, Only(putBallast))
	if NoRoom(err) {
		s.full.Store(true)
		return nil
	}
	if err == nil {
		s.full.Store(false)
	}
	return err
}

// StartBallast finds out at open how things stand. A full disk is no reason not to open.
func (s *File) StartBallast(ctx context.Context) error {
	if s.noBallast {
		return nil
	}
	err := s.View(ctx, func(t *Tx) error {
		k, _ := t.Table(BallastTable).Cursor().First()
		s.full.Store(k == nil) // until it is kept
		return nil
	})
	if err != nil || !s.Full() {
		return err
	}
	return s.KeepBallast(ctx)
}
