package bolt

import (
	"context"
	"fmt"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// NextDue implements store.Queue.
func (s *queueStore) NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		for k := range t.Rows(bDue, record.TimeKey(after.Add(1), nil)) {
			due, ok = record.TimeOf(k)
			return nil
		}
		return nil
	})
	return due, ok, err
}

// Claim implements store.Queue. Looking for rows and reading records happen in read
// transactions; the write transaction between them moves index rows only, so that the
// lock is short and an idle wake-up writes nothing. The records are read after the claim
// is committed: what they say is at least as new.
func (s *queueStore) Claim(ctx context.Context, r store.ClaimRequest) ([]calbell.Claim, error) {
	if r.Limit < 1 || r.Lease <= 0 {
		return nil, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.English("claim: limit %d, lease %s", r.Limit, r.Lease),
		}
	}
	if err := s.giveBack(ctx); err != nil {
		return nil, err
	}
	rows, err := s.pick(ctx, &r)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	taken, err := s.take(ctx, &r, rows)
	if err != nil {
		s.stranded.add(&r, idsOf(rows))
		return nil, err
	}
	// From here on the claims exist: a context that ends now must not lose them.
	ctx = context.WithoutCancel(ctx)
	claims, odd, err := s.claims(ctx, taken, r.Now)
	if err != nil {
		s.stranded.add(&r, idsOf(taken))
		return nil, err
	}
	if err := s.putRight(ctx, odd, r.Now); err != nil {
		s.stranded.add(&r, odd)
		if len(claims) == 0 {
			return nil, err
		}
	}
	return claims, nil
}

// pick finds what can be claimed: what is fresh, then the rest, each earliest first.
func (s *queueStore) pick(ctx context.Context, r *store.ClaimRequest) (rows []dueRow, err error) {
	room := record.NewRooms(r)
	err = s.view(ctx, func(t *tx) error {
		fresh := r.Now.Add(-r.Fresh)
		if r.Fresh > 0 {
			rows = pickRows(t, rows, room, fresh, r.Now.Add(1))
			rows = pickRows(t, rows, room, time.Time{}, fresh)
			return nil
		}
		rows = pickRows(t, rows, room, time.Time{}, r.Now.Add(1))
		return nil
	})
	return rows, err
}

// pickRows adds the rows of [from, to) that the claim can take. A zero from is the beginning.
func pickRows(t *tx, rows []dueRow, room *record.Rooms, from, to time.Time) []dueRow {
	var first []byte
	if !from.IsZero() {
		first = record.TimeKey(from, nil)
	}
	for k, v := range t.Rows(bDue, first) {
		row, ok := dueOf(k, v)
		if len(rows) >= room.Request.Limit || !row.at.Before(to) {
			break
		}
		if ok && room.Take(row.webhook, row.at) {
			rows = append(rows, row)
		}
	}
	return rows
}

// take moves rows from due to flight. Those that are gone by now are left out.
func (s *queueStore) take(ctx context.Context, r *store.ClaimRequest, rows []dueRow) (taken []dueRow, err error) {
	err = s.update(ctx, failpoint.Claim, func(t *tx) error {
		taken = rows[:0:0]
		for _, row := range rows {
			key := record.TimeKey(row.at, row.id[:])
			f := flight{
				nextAt: row.at, leaseEnd: leaseEnd(r), rest: row.status,
				webhook: row.webhook, worker: r.Worker,
			}
			if !t.Has(bDue, key) {
				again, err := takeAgain(t, row.id, &f)
				if err != nil {
					return err
				}
				if again {
					taken = append(taken, row)
				}
				continue
			}
			if err := t.Delete(bDue, key); err != nil {
				return err
			}
			if t.Has(bFlight, row.id[:]) { // a stray row of a damaged record: never twice at a time
				t.count(row.status, "")
				continue
			}
			if err := t.Put(bFlight, row.id[:], f.encode()); err != nil {
				return err
			}
			t.count(row.status, calbell.StatusInFlight)
			taken = append(taken, row)
		}
		return nil
	})
	return taken, err
}

// claims reads what was taken. odd are rows that cannot be sent as they are.
func (s *queueStore) claims(ctx context.Context, rows []dueRow, now time.Time) (claims []calbell.Claim, odd []record.ID, err error) {
	err = s.view(ctx, func(t *tx) error {
		cache := claimCache{t: t, objects: make(map[record.ObjectKey]*calbell.Object), cals: make(map[record.CalendarKey]*calbell.Calendar)}
		for _, row := range rows {
			d, _, err := t.Delivery(row.id)
			if err != nil || d == nil || d.Status != calbell.StatusInFlight || !d.Wanted() || d.NextAt.After(now) {
				odd = append(odd, row.id)
				continue
			}
			c := calbell.Claim{Delivery: *d}
			c.Object, c.Calendar = cache.find(d.Sources)
			claims = append(claims, c)
		}
		return nil
	})
	return claims, odd, err
}

// claimCache reads each object and calendar of a claim once.
type claimCache struct {
	t       *tx
	objects map[record.ObjectKey]*calbell.Object
	cals    map[record.CalendarKey]*calbell.Calendar
}

// find returns the first source's object that exists and opens, with its calendar.
func (c *claimCache) find(sources []calbell.Source) (*calbell.Object, calbell.Calendar) {
	for _, src := range sources {
		calID := c.t.Box.Calendar(src.Calendar)
		objID := c.t.Box.Object(calID, src.Href)
		obj, seen := c.objects[objID]
		if !seen {
			obj = c.object(objID)
		}
		cal, seen := c.cals[calID]
		if !seen {
			cal = c.calendar(calID)
		}
		if obj != nil && cal != nil {
			return obj, *cal
		}
	}
	return nil, calbell.Calendar{}
}

// A damaged copy is no reason not to remind: the claim goes without it.

func (c *claimCache) object(key record.ObjectKey) *calbell.Object {
	obj, err := c.t.object(key)
	if err != nil {
		c.t.Damaged(err)
	}
	c.objects[key] = obj
	return obj
}

func (c *claimCache) calendar(key record.CalendarKey) *calbell.Calendar {
	cal, err := c.t.calendar(key)
	if err != nil {
		c.t.Damaged(err)
	}
	c.cals[key] = cal
	return cal
}

// putRight deals with rows that were taken but cannot be sent: one without sources (they
// went between the claim and the reading) is cancelled, one that an index row called due
// too early goes back, and one that does not open is put aside, where it blocks nothing
// and Check finds it.
func (s *queueStore) putRight(ctx context.Context, ids []record.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.update(ctx, failpoint.Claim, func(t *tx) error {
		l := record.NewLedger(t, t.Box)
		for _, id := range ids {
			row, err := l.Get(id)
			switch {
			case err != nil || row == nil || row.Status != calbell.StatusInFlight:
				if err := t.setAside(id, err); err != nil {
					return err
				}
			default:
				row.GiveBack(now)
			}
		}
		return l.Flush()
	})
}

// setAside takes a flight row out of the queue, because of what reading its record gave.
func (t *tx) setAside(id record.ID, cause error) error {
	if cause == nil {
		cause = fmt.Errorf("delivery %s: in flight without a record", record.HexOf(id))
	}
	t.Damaged(cause)
	v := t.Get(bFlight, id[:])
	if v == nil {
		return nil
	}
	t.count(calbell.StatusInFlight, "")
	if err := t.Put(bBroken, id[:], append([]byte(nil), v...)); err != nil {
		return err
	}
	return t.Delete(bFlight, id[:])
}

// Finish implements store.Queue.
func (s *queueStore) Finish(ctx context.Context, worker string, outcomes []calbell.Outcome,
	states map[calbell.WebhookID]calbell.WebhookState, now time.Time,
) error {
	for i := range outcomes {
		if _, ok := record.StateByte(outcomes[i].Status); !ok || outcomes[i].Status == calbell.StatusInFlight {
			return &calbell.Error{
				Kind: calbell.KindUsage,
				What: calbell.English("finish delivery %q: %q is no outcome", outcomes[i].ID, outcomes[i].Status),
			}
		}
	}
	return s.update(ctx, failpoint.Finish, func(t *tx) error {
		l := record.NewLedger(t, t.Box)
		for i := range outcomes {
			id := s.box.Reminder(outcomes[i].ID)
			row, err := l.Get(id)
			if err != nil {
				if err := t.setAside(id, err); err != nil {
					return err
				}
				continue
			}
			if row != nil && row.Status == calbell.StatusInFlight && row.Worker == worker {
				row.Finish(&outcomes[i], now)
			}
		}
		for id, state := range states {
			if err := records.PutState(t.Tx, store.WebhookState{ID: id, WebhookState: state}); err != nil {
				return err
			}
		}
		return l.Flush()
	})
}

// Recover implements store.Queue.
func (s *queueStore) Recover(ctx context.Context, worker string, now time.Time) (n int, err error) {
	err = s.update(ctx, failpoint.Recover, func(t *tx) error {
		n = 0
		var lost []record.ID
		for k, v := range t.Rows(bFlight, nil) {
			f, ok := flightOf(v)
			if !ok || f.worker == worker || !f.leaseEnd.After(now) {
				lost = append(lost, record.ID(k))
			}
		}
		l := record.NewLedger(t, t.Box)
		for _, id := range lost {
			row, err := l.Get(id)
			if err != nil || row == nil || row.Status != calbell.StatusInFlight {
				if err := t.setAside(id, err); err != nil {
					return err
				}
				continue
			}
			row.Recover(now)
			n++
		}
		n += takeBack(t, l, now)
		return l.Flush()
	})
	return n, err
}

// takeBack plans what was put aside and opens now: its page could not be read for a while.
// Returns how many.
func takeBack(t *tx, l *record.Ledger, now time.Time) (n int) {
	for k := range t.Rows(bBroken, nil) {
		id := record.ID(k)
		row, err := l.Get(id)
		if err != nil || row == nil {
			continue
		}
		was := placeOf(t.Box, id, &row.Delivery, row.Was)
		switch {
		case t.Has(was.b, was.key):
			row.Change() // planned anew since: written, it is not put aside any more
		case !row.Status.Final() && row.Wanted():
			row.Was = record.Place{} // it is in no index, and not counted
			row.Recover(now)
			n++
		}
	}
	return n
}
