package records

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
	"calbell/store/record"
)

// Session implements store.Sessions.
func (s *PeopleStore) Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error) {
	err = s.db.View(ctx, func(t *file.Tx) error {
		found, err := Sessions().Get(t, id)
		if err != nil {
			t.Damaged(err) // its owner signs in again
		}
		if err == nil && found != nil && found.ExpiresAt.After(now) {
			data, ok = found.Data, true
		}
		return nil
	})
	return data, ok, err
}

// PutSession implements store.Sessions. It looks at those of its owner alone.
func (s *PeopleStore) PutSession(ctx context.Context, n store.Session, now time.Time) error {
	return s.db.Update(ctx, failpoint.Session, func(t *file.Tx) error {
		if n.Owner != "" {
			if err := makeRoom(t, n, now); err != nil {
				return err
			}
		}
		if err := removeSession(t, Sessions().Key(t.Box, n.ID)); err != nil {
			return err
		}
		if err := t.Put(BSessionEnds, sessionEnd(t, &n), []byte{}); err != nil {
			return err
		}
		return Sessions().Put(t, n)
	})
}

// makeRoom removes the sessions of an owner that have ended, and those beyond their number.
func makeRoom(t *file.Tx, n store.Session, now time.Time) error {
	own := Sessions().Grouped(t, store.OwnedBy(n.Owner))
	own = slices.DeleteFunc(own, func(o store.Session) bool { return o.ID == n.ID })
	slices.SortFunc(own, func(a, b store.Session) int { return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID)) })
	for i, o := range own {
		if o.ExpiresAt.After(now) && len(own)-i < calbell.MaxSessions {
			break
		}
		if err := removeSession(t, Sessions().Key(t.Box, o.ID)); err != nil {
			return err
		}
	}
	return nil
}

// removeSession deletes a session, if there is one, with its row in the index of ends.
func removeSession(t *file.Tx, key []byte) error {
	old, err := Sessions().GetAt(t, key)
	if err != nil {
		t.Damaged(err) // EndSessions removes the row of its end
	}
	if err == nil && old != nil {
		if err := t.Delete(BSessionEnds, sessionEnd(t, old)); err != nil {
			return err
		}
	}
	_, err = Sessions().RemoveAt(t, key)
	return err
}

// sessionEnd returns the row of a session in the index of ends.
func sessionEnd(t *file.Tx, s *store.Session) []byte {
	return record.TimeKey(s.ExpiresAt, Sessions().Key(t.Box, s.ID))
}

// EndSessions implements store.Sessions.
func (s *PeopleStore) EndSessions(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = s.db.Update(ctx, failpoint.Session, func(t *file.Tx) error {
		var ends [][]byte // a bucket must not change while it is walked
		for k := range t.Rows(BSessionEnds, nil) {
			if at, ok := record.TimeOf(k); len(ends) >= limit || ok && at.After(now) {
				break
			}
			ends = append(ends, bytes.Clone(k))
		}
		for _, end := range ends {
			if err := endSession(t, end); err != nil {
				return err
			}
		}
		n = len(ends)
		return nil
	})
	return n, err
}

// endSession removes a row of the index of ends, and the session that it is of. A session that does
// not open has no other way to go.
func endSession(t *file.Tx, end []byte) error {
	if err := t.Delete(BSessionEnds, end); err != nil {
		return err
	}
	key := end[record.TimeLen:]
	switch o, err := Sessions().GetAt(t, key); {
	case err != nil:
		t.Damaged(err)
	case o == nil || !bytes.Equal(sessionEnd(t, o), end):
		return nil // left over
	}
	_, err := Sessions().RemoveAt(t, key)
	return err
}

// fillSessionEnds makes the index of ends: for an upgrade. Sessions that do not open are removed.
func fillSessionEnds(t *file.Tx) error {
	for _, s := range Sessions().All(t) {
		t.Later(BSessionEnds, sessionEnd(t, &s), []byte{})
	}
	if err := t.Apply(); err != nil {
		return err
	}
	return Sessions().RemoveAll(t, true, func(*store.Session) bool { return false })
}

// RemoveSession implements store.Sessions.
func (s *PeopleStore) RemoveSession(ctx context.Context, id string) error {
	return s.db.Update(ctx, failpoint.Session, func(t *file.Tx) error {
		return removeSession(t, Sessions().Key(t.Box, id))
	})
}
