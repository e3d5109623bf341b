package bolt

import (
	"context"
	"fmt"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

// NextDue implements store.Queue.
func (s *Store) NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		for k := range t.rows(bDue, record.TimeKey(after.Add(1), nil)) {
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
func (s *Store) Claim(ctx context.Context, r store.ClaimRequest) ([]calbell.Claim, error) {
	if r.Limit < 1 || r.Lease <= 0 {
		return nil, &calbell.Error{
			Kind: calbell.KindUsage, What: fmt.Sprintf("claim: limit %d, lease %s", r.Limit, r.Lease),
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
func (s *Store) pick(ctx context.Context, r *store.ClaimRequest) (rows []dueRow, err error) {
	room := newRooms(r)
	err = s.view(ctx, func(t *tx) error {
		fresh := r.Now.Add(-r.Fresh)
		if r.Fresh > 0 {
			rows = t.pick(rows, r, room, fresh, r.Now.Add(1))
			rows = t.pick(rows, r, room, time.Time{}, fresh)
			return nil
		}
		rows = t.pick(rows, r, room, time.Time{}, r.Now.Add(1))
		return nil
	})
	return rows, err
}

// pick adds the rows of [from, to) that the claim can take. A zero from is the beginning.
func (t *tx) pick(rows []dueRow, r *store.ClaimRequest, room *rooms, from, to time.Time) []dueRow {
	var first []byte
	if !from.IsZero() {
		first = record.TimeKey(from, nil)
	}
	for k, v := range t.rows(bDue, first) {
		row, ok := dueOf(k, v)
		if len(rows) >= r.Limit || !row.at.Before(to) {
			break
		}
		if ok && room.take(row.webhook, row.at) {
			rows = append(rows, row)
		}
	}
	return rows
}

// take moves rows from due to flight. Those that are gone by now are left out.
func (s *Store) take(ctx context.Context, r *store.ClaimRequest, rows []dueRow) (taken []dueRow, err error) {
	err = s.update(ctx, failpoint.Claim, func(t *tx) error {
		taken = rows[:0:0]
		for _, row := range rows {
			key := record.TimeKey(row.at, row.id[:])
			f := flight{
				nextAt: row.at, leaseEnd: leaseEnd(r), rest: row.status,
				webhook: row.webhook, worker: r.Worker,
			}
			if !t.has(bDue, key) {
				again, err := t.takeAgain(row.id, &f)
				if err != nil {
					return err
				}
				if again {
					taken = append(taken, row)
				}
				continue
			}
			if err := t.delete(bDue, key); err != nil {
				return err
			}
			if t.has(bFlight, row.id[:]) { // a stray row of a damaged record: never twice at a time
				t.count(row.status, "")
				continue
			}
			if err := t.put(bFlight, row.id[:], f.encode()); err != nil {
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
func (s *Store) claims(ctx context.Context, rows []dueRow, now time.Time) (claims []calbell.Claim, odd []record.ID, err error) {
	err = s.view(ctx, func(t *tx) error {
		cache := claimCache{t: t, objects: make(map[record.ObjectKey]*calbell.Object), cals: make(map[record.CalendarKey]*calbell.Calendar)}
		for _, row := range rows {
			d, _, err := t.delivery(row.id)
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
		calID := c.t.box.Calendar(src.Calendar)
		objID := c.t.box.Object(calID, src.Href)
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
		c.t.damaged(err)
	}
	c.objects[key] = obj
	return obj
}

func (c *claimCache) calendar(key record.CalendarKey) *calbell.Calendar {
	cal, err := c.t.calendar(key)
	if err != nil {
		c.t.damaged(err)
	}
	c.cals[key] = cal
	return cal
}

// putRight deals with rows that were taken but cannot be sent: one without sources (they
// went between the claim and the reading) is cancelled, one that an index row called due
// too early goes back, and one that does not open is put aside, where it blocks nothing
// and Check finds it.
func (s *Store) putRight(ctx context.Context, ids []record.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.update(ctx, failpoint.Claim, func(t *tx) error {
		l := newLedger(t)
		for _, id := range ids {
			row, err := l.get(id)
			switch {
			case err != nil || row == nil || row.d.Status != calbell.StatusInFlight:
				if err := t.setAside(id, err); err != nil {
					return err
				}
			case !row.d.Wanted():
				row.end(calbell.StatusCancelled, now, row.goneReason(""))
			default:
				row.queue(row.rest, row.d.NextAt)
			}
		}
		return l.flush()
	})
}

// setAside takes a flight row out of the queue, because of what reading its record gave.
func (t *tx) setAside(id record.ID, cause error) error {
	if cause == nil {
		cause = fmt.Errorf("delivery %s: in flight without a record", record.HexOf(id))
	}
	t.damaged(cause)
	v := t.get(bFlight, id[:])
	if v == nil {
		return nil
	}
	t.count(calbell.StatusInFlight, "")
	if err := t.put(bBroken, id[:], append([]byte(nil), v...)); err != nil {
		return err
	}
	return t.delete(bFlight, id[:])
}

// Finish implements store.Queue.
func (s *Store) Finish(ctx context.Context, worker string, outcomes []calbell.Outcome,
	states map[calbell.WebhookID]calbell.WebhookState, now time.Time,
) error {
	for i := range outcomes {
		if _, ok := record.StateByte(outcomes[i].Status); !ok || outcomes[i].Status == calbell.StatusInFlight {
			return &calbell.Error{
				Kind: calbell.KindUsage,
				What: fmt.Sprintf("finish delivery %q: %q is no outcome", outcomes[i].ID, outcomes[i].Status),
			}
		}
	}
	return s.update(ctx, failpoint.Finish, func(t *tx) error {
		l := newLedger(t)
		for i := range outcomes {
			id := s.box.Reminder(outcomes[i].ID)
			row, err := l.get(id)
			if err != nil {
				if err := t.setAside(id, err); err != nil {
					return err
				}
				continue
			}
			if row != nil && row.d.Status == calbell.StatusInFlight && row.d.Worker == worker {
				row.finish(&outcomes[i], now)
			}
		}
		for id, state := range states {
			if err := t.putState(id, state); err != nil {
				return err
			}
		}
		return l.flush()
	})
}

// finish records an outcome.
func (r *row) finish(o *calbell.Outcome, now time.Time) {
	at := now
	if o.Try != nil {
		try := *o.Try
		try.At = try.At.UTC()
		r.d.Attempts++
		r.d.Tries = append(r.d.Tries, try)
		r.d.Tries = r.d.Tries[max(0, len(r.d.Tries)-calbell.MaxTries):]
		at = try.At.Add(try.Took)
	}
	r.d.PossibleRepeat = r.d.PossibleRepeat || o.PossibleRepeat
	if !o.HeldUntil.IsZero() {
		r.d.HeldUntil = o.HeldUntil.UTC()
	}
	switch {
	case o.Status == calbell.StatusSent:
		r.end(o.Status, at, "")
	case o.Status.Final():
		r.end(o.Status, now, o.Reason)
		r.d.Untold = o.Tell && r.d.Notice == nil
	case !r.d.Wanted():
		r.end(calbell.StatusCancelled, now, r.goneReason(""))
	default:
		r.queue(o.Status, o.NextAt)
	}
}

// Recover implements store.Queue.
func (s *Store) Recover(ctx context.Context, worker string, now time.Time) (n int, err error) {
	err = s.update(ctx, failpoint.Recover, func(t *tx) error {
		n = 0
		var lost []record.ID
		for k, v := range t.rows(bFlight, nil) {
			f, ok := flightOf(v)
			if !ok || f.worker == worker || !f.leaseEnd.After(now) {
				lost = append(lost, record.ID(k))
			}
		}
		l := newLedger(t)
		for _, id := range lost {
			row, err := l.get(id)
			if err != nil || row == nil || row.d.Status != calbell.StatusInFlight {
				if err := t.setAside(id, err); err != nil {
					return err
				}
				continue
			}
			row.d.PossibleRepeat = true
			if !row.d.Wanted() {
				row.end(calbell.StatusCancelled, now, row.goneReason(""))
			} else {
				row.queue(calbell.StatusWaiting, now)
			}
			n++
		}
		n += l.takeBack(now)
		return l.flush()
	})
	return n, err
}

// takeBack plans what was put aside and opens now: its page could not be read for a while.
// Returns how many.
func (l *ledger) takeBack(now time.Time) (n int) {
	for k := range l.t.rows(bBroken, nil) {
		row, err := l.get(record.ID(k))
		switch {
		case err != nil || row == nil:
		case l.t.has(row.was.b, row.was.key):
			row.dirty = true // planned anew since: written, it is not put aside any more
		case !row.d.Status.Final() && row.d.Wanted():
			row.was, row.status = place{}, "" // it is in no index, and not counted
			row.d.PossibleRepeat = true
			row.queue(calbell.StatusWaiting, now)
			n++
		}
	}
	return n
}

// rooms counts what a claim may still take.
type rooms struct {
	request *store.ClaimRequest
	bounds  map[calbell.WebhookID][]store.Bound // asked once
	taken   map[string]int                      // by name of the bound
}

func newRooms(r *store.ClaimRequest) *rooms {
	return &rooms{r, make(map[calbell.WebhookID][]store.Bound), make(map[string]int)}
}

// take reports whether the claim may take one more of a webhook, due at an instant, and counts it.
func (r *rooms) take(w calbell.WebhookID, due time.Time) bool {
	if r.request.Bounds == nil {
		return true
	}
	bounds, asked := r.bounds[w]
	if !asked {
		bounds = r.request.Bounds(w)
		r.bounds[w] = bounds
	}
	for _, b := range bounds {
		if r.taken[b.Name] >= b.Room || b.Due != nil && !b.Due(due) {
			return false
		}
	}
	for _, b := range bounds {
		r.taken[b.Name]++
	}
	return true
}
