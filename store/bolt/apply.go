package bolt

import (
	"context"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// Apply implements store.Plans.
func (s *planStore) Apply(ctx context.Context, c store.Change, now time.Time) error {
	if err := record.CheckNotices(c.Notices); err != nil {
		return err
	}
	cal := s.box.Calendar(c.Calendar.ID)
	keys := make([]record.ObjectKey, len(c.Put))
	raws := make([][]byte, len(c.Put))
	for i := range c.Put { // sealed before the lock is taken: the bulk of the bytes
		keys[i] = s.box.Object(cal, c.Put[i].Object.Href)
		raws[i] = s.box.Seal(bRaws, keys[i][:], c.Put[i].Object.Raw)
	}
	return s.grow(ctx, failpoint.Apply, func(t *tx) error {
		if c.Bound != nil && *c.Bound != bindingsState(t, c.Calendar.Account) {
			return store.ErrBindingsChanged
		}
		if err := putCalendar(t, cal, &c.Calendar); err != nil {
			return err
		}
		p := newPlanner(t, now)
		p.Reason = c.Reason
		for i := range c.Put {
			obj := c.Put[i].Object
			obj.Calendar = c.Calendar.ID
			p.Put(keys[i], obj, raws[i], c.Put[i].Reminders)
		}
		for _, href := range c.Delete {
			p.Remove(s.box.Object(cal, href))
		}
		p.Notify(c.Notices...)
		return p.Settle()
	})
}

// Extend implements store.Plans.
func (s *planStore) Extend(ctx context.Context, ext []store.Planned, now time.Time) error {
	return s.grow(ctx, failpoint.Extend, func(t *tx) error {
		p := newPlanner(t, now)
		for i := range ext {
			key := s.box.Object(s.box.Calendar(ext[i].Object.Calendar), ext[i].Object.Href)
			p.Extend(key, &ext[i])
		}
		return p.Settle()
	})
}

// RemoveCalendar implements store.Plans.
func (s *planStore) RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error {
	cal := s.box.Calendar(id)
	return s.update(ctx, failpoint.RemoveCalendar, func(t *tx) error {
		if !t.Has(bCalendars, cal[:]) {
			return nil
		}
		var keys []record.ObjectKey // a bucket must not change while it is walked
		for k := range t.Under(bObjects, cal[:]) {
			keys = append(keys, record.ObjectKey(k))
		}
		p := newPlanner(t, now)
		for _, key := range keys {
			p.Remove(key)
		}
		if err := p.Settle(); err != nil {
			return err
		}
		_, err := records.Calendars().RemoveAt(t.Tx, cal[:])
		return err
	})
}

// newPlanner returns one for a change at now.
func newPlanner(t *tx, now time.Time) *record.Planner {
	p := record.NewPlanner(t, t.Box, now)
	p.Doubt = doubtful(t)
	return p
}

// PutObject implements record.Tx: it writes an object, and its row in the replan index.
func (t *tx) PutObject(key record.ObjectKey, o *record.ObjectChange) {
	if o.Was != nil && !o.Was.Replan.IsZero() && (o.Head == nil || !o.Was.Replan.Equal(o.Head.Replan)) {
		t.Later(bReplan, record.TimeKey(o.Was.Replan, key[:]), nil)
	}
	var had, has []calbell.UID
	if o.Was != nil {
		had = o.Was.UIDs
	}
	if o.Head != nil {
		has = o.Head.UIDs
	}
	t.indexUIDs(key, had, has)
	if o.Head == nil {
		t.Later(bObjects, key[:], nil)
		t.Later(bRaws, key[:], nil)
		return
	}
	if !o.Head.Replan.IsZero() {
		t.Later(bReplan, record.TimeKey(o.Head.Replan, key[:]), []byte{})
	}
	t.Later(bObjects, key[:], t.Box.Seal(bObjects, key[:], record.EncodeHead(o.Head)))
	if o.Raw != nil {
		t.Later(bRaws, key[:], o.Raw)
	}
}
