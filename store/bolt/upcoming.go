package bolt

import (
	"bytes"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/store"
	"calbell/store/record"
)

// Upcoming implements store.Deliveries.
func (s *deliveryStore) Upcoming(ctx context.Context, q store.UpcomingQuery) ([]calbell.Delivery, error) {
	switch {
	case q.UID != "":
		return s.upcomingOfEvent(ctx, q)
	case q.Calendars != nil:
		return s.upcomingOf(ctx, q)
	}
	var ds []calbell.Delivery
	err := s.view(ctx, func(t *tx) error {
		ds = upcomingRows{t}.opened(upcomingRows{t}.upcoming(q), q)
		return nil
	})
	return ds, err
}

// DueCalendars implements store.Deliveries.
func (s *deliveryStore) DueCalendars(ctx context.Context, after, until time.Time) (map[calbell.CalendarID]time.Time, error) {
	due := map[calbell.CalendarID]time.Time{}
	err := s.view(ctx, func(t *tx) error {
		for k, v := range t.Rows(bDue, record.TimeKey(after, bytes.Repeat([]byte{0xff}, record.IDLen))) {
			row, ok := dueOf(k, v)
			if ok && row.at.After(until) {
				return nil
			}
			if !ok {
				continue
			}
			d, _, err := t.Delivery(row.id)
			if err != nil {
				t.Damaged(err)
			}
			if err != nil || d == nil || d.Attempts > 0 {
				continue
			}
			for _, src := range d.Sources {
				if at, known := due[src.Calendar]; !known || row.at.Before(at) {
					due[src.Calendar] = row.at
				}
			}
		}
		return nil
	})
	return due, err
}

// opened reads the first deliveries of rows that are in order.
func (t upcomingRows) opened(rows []dueRow, q store.UpcomingQuery) (ds []calbell.Delivery) {
	for _, row := range rows {
		if len(ds) >= q.Limit {
			break
		}
		switch d, _, err := t.Delivery(row.id); {
		case err != nil:
			t.Damaged(err)
		case d != nil && !d.Status.Final() && (q.UID == "" || d.UID == q.UID):
			ds = append(ds, *d)
		}
	}
	return ds
}

// upcoming merges what is in flight with what is due.
func (t upcomingRows) upcoming(q store.UpcomingQuery) []dueRow {
	var rows []dueRow
	var first []byte
	if q.After != nil {
		id := t.Box.Reminder(q.After.ID)
		first = record.TimeKey(q.After.NextAt, id[:])
	}
	seen := func(row dueRow) bool {
		return first != nil && bytes.Compare(record.TimeKey(row.at, row.id[:]), first) <= 0
	}
	for k, v := range t.Rows(bFlight, nil) {
		if f, ok := flightOf(v); ok {
			if row := (dueRow{id: record.ID(k), at: f.nextAt}); !seen(row) {
				rows = append(rows, row)
			}
		}
	}
	n := 0
	for k, v := range t.Rows(bDue, first) {
		if n >= q.Limit {
			break
		}
		if row, ok := dueOf(k, v); ok && !seen(row) {
			rows = append(rows, row)
			n++
		}
	}
	slices.SortFunc(rows, byDue)
	return rows
}

func byDue(a, b dueRow) int {
	if c := a.at.Compare(b.at); c != 0 {
		return c
	}
	return bytes.Compare(a.id[:], b.id[:])
}

// upcomingRows finds the rows of what is not final.
type upcomingRows struct{ *tx }

// headsAtOnce is how many objects are looked at in one transaction.
const headsAtOnce = 4096

// upcomingOf finds the rows by the objects that want them.
func (s *deliveryStore) upcomingOf(ctx context.Context, q store.UpcomingQuery) ([]calbell.Delivery, error) {
	var rows []dueRow
	for _, id := range q.Calendars {
		cal := s.box.Calendar(id)
		for from := cal[:]; from != nil; {
			err := s.view(ctx, func(t *tx) error {
				rows, from = upcomingRows{t}.wanted(rows, cal, from)
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	var ds []calbell.Delivery
	err := s.view(ctx, func(t *tx) error {
		ds = upcomingRows{t}.opened(upcomingRows{t}.ordered(rows, q.After), q)
		return nil
	})
	return ds, err
}

// upcomingOfEvent finds the rows by the objects that list the event's UID.
func (s *deliveryStore) upcomingOfEvent(ctx context.Context, q store.UpcomingQuery) (ds []calbell.Delivery, err error) {
	err = s.view(ctx, func(t *tx) error {
		var rows []dueRow
		n := 0
		for k := range t.Under(bUIDs, s.box.UID(q.UID)) {
			if n++; n > calbell.MaxSameUID {
				break
			}
			switch h, err := t.Head(record.ObjectKey(k[record.UIDLen:])); {
			case err != nil:
				t.Damaged(err)
			case h != nil:
				rows = upcomingRows{t}.pendingOf(rows, h)
			}
		}
		ds = upcomingRows{t}.opened(upcomingRows{t}.ordered(rows, q.After), q)
		return nil
	})
	return ds, err
}

// ordered returns rows in their order, each once, without those up to a mark.
func (t upcomingRows) ordered(rows []dueRow, after *store.UpcomingMark) []dueRow {
	slices.SortFunc(rows, byDue)
	rows = slices.CompactFunc(rows, func(a, b dueRow) bool { return a.id == b.id })
	if after == nil {
		return rows
	}
	mark := dueRow{id: t.Box.Reminder(after.ID), at: after.NextAt}
	return slices.DeleteFunc(rows, func(r dueRow) bool { return byDue(r, mark) <= 0 })
}

// wanted adds what objects of a calendar want and has not ended, and returns where the next
// objects begin; nil when there are none.
func (t upcomingRows) wanted(rows []dueRow, cal record.CalendarKey, from []byte) ([]dueRow, []byte) {
	n := 0
	for k, v := range t.Rows(bObjects, from) {
		switch {
		case record.CalendarKey(k[:record.CalendarLen]) != cal:
			return rows, nil
		case n == headsAtOnce:
			return rows, bytes.Clone(k)
		}
		n++
		plain, err := t.Unseal(bObjects, k, v)
		if err != nil {
			t.Damaged(err)
			continue
		}
		h, err := record.DecodeHead(plain)
		if err != nil {
			t.Damaged(err)
			continue
		}
		rows = t.pendingOf(rows, h)
	}
	return rows, nil
}

// pendingOf adds what an object wants and has not ended.
func (t upcomingRows) pendingOf(rows []dueRow, h *record.Head) []dueRow {
	for _, w := range h.Wants {
		if row, ok := t.pending(w); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// pending finds the place of what an object wants in the order of what is not final; false when
// it has ended. Most of them fall due when the object says, and need not be opened.
func (t upcomingRows) pending(w record.Want) (dueRow, bool) {
	row := dueRow{id: w.ID, at: w.Due}
	if t.Has(bDue, record.TimeKey(w.Due, w.ID[:])) {
		return row, true
	}
	d, _, err := t.Delivery(w.ID)
	if err != nil {
		t.Damaged(err)
	}
	if err != nil || d == nil || d.Status.Final() {
		return row, false
	}
	row.at = d.NextAt
	return row, true
}
