package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// live returns what has not ended, by NextAt, then ID.
func (m *model) live() []*calbell.Delivery {
	ds := slices.Collect(maps.Values(m.dels))
	ds = slices.DeleteFunc(ds, func(d *calbell.Delivery) bool { return d.Status.Final() })
	slices.SortFunc(ds, func(a, b *calbell.Delivery) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID))
	})
	return ds
}

func (m *model) NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	for _, d := range m.live() {
		if d.Status != calbell.StatusInFlight && d.NextAt.After(after) {
			return d.NextAt, true, err
		}
	}
	return time.Time{}, false, err
}

func (m *model) Claim(ctx context.Context, r store.ClaimRequest) ([]calbell.Claim, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return nil, err
	}
	if r.Limit < 1 || r.Lease <= 0 {
		return nil, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("claim: no limit or lease")}
	}
	taken := make(map[string]int)
	var claims []calbell.Claim
	all := m.live()
	slices.SortStableFunc(all, func(a, b *calbell.Delivery) int {
		fresh := func(d *calbell.Delivery) int {
			if r.Fresh > 0 && !d.NextAt.Before(r.Now.Add(-r.Fresh)) {
				return 0
			}
			return 1
		}
		return fresh(a) - fresh(b)
	})
	for _, d := range all {
		if d.Status == calbell.StatusInFlight || d.NextAt.After(r.Now) || len(claims) == r.Limit ||
			!fits(r, taken, d) {
			continue
		}
		d.Status, d.Worker, d.LeaseEnd = calbell.StatusInFlight, r.Worker, r.Now.Add(r.Lease)
		c := calbell.Claim{Delivery: *d}
		for _, src := range d.Sources { // a person's wish may outlive them
			if o := m.objs[place{src.Calendar, src.Href}]; o != nil && c.Object == nil {
				object := o.Object
				c.Object, c.Calendar = &object, m.cals[src.Calendar]
			}
		}
		claims = append(claims, c)
	}
	return claims, nil
}

func (m *model) Finish(ctx context.Context, worker string, outcomes []calbell.Outcome,
	states map[calbell.WebhookID]calbell.WebhookState, now time.Time,
) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if !slices.Contains(outcomeStates(), o.Status) {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("finish: no outcome")}
		}
	}
	for _, o := range outcomes {
		if d := m.dels[o.ID]; d != nil && d.Status == calbell.StatusInFlight && d.Worker == worker {
			m.finish(d, o, now)
		}
	}
	for id, s := range states {
		m.setState(id, s)
	}
	return nil
}

func (m *model) finish(d *calbell.Delivery, o calbell.Outcome, now time.Time) {
	d.PossibleRepeat = d.PossibleRepeat || o.PossibleRepeat
	if !o.HeldUntil.IsZero() {
		d.HeldUntil = o.HeldUntil.UTC()
	}
	sentAt := now
	if o.Try != nil {
		d.Attempts++
		d.Tries = append(slices.Clone(d.Tries), *o.Try)
		d.Tries = d.Tries[max(0, len(d.Tries)-calbell.MaxTries):]
		sentAt = o.Try.At.Add(o.Try.Took)
	}
	switch {
	case o.Status == calbell.StatusSent:
		end(d, o.Status, sentAt, calbell.Text{})
	case o.Status.Final():
		end(d, o.Status, now, o.Reason)
		d.Untold = o.Tell && d.Notice == nil
	case !wanted(d):
		end(d, calbell.StatusCancelled, now, calbell.Plain("gone"))
	default:
		queue(d, o.Status, o.NextAt)
	}
}

func (m *model) Recover(ctx context.Context, worker string, now time.Time) (int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	n := 0
	for _, d := range m.dels {
		if err != nil || d.Status != calbell.StatusInFlight || d.Worker != worker && d.LeaseEnd.After(now) {
			continue
		}
		n++
		d.PossibleRepeat = true
		if !wanted(d) {
			end(d, calbell.StatusCancelled, now, calbell.Plain("gone"))
		} else {
			queue(d, calbell.StatusWaiting, now)
		}
	}
	return n, err
}

func (m *model) Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error) {
	leave, err := m.enter(ctx)
	defer leave()
	d := m.dels[id]
	switch {
	case err != nil:
		return calbell.Delivery{}, err
	case d == nil:
		return calbell.Delivery{}, notFound("delivery", id)
	}
	return *d, nil
}

func (m *model) Upcoming(ctx context.Context, q store.UpcomingQuery) ([]calbell.Delivery, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ds []calbell.Delivery
	for _, d := range m.live() {
		of := q.Calendars == nil || slices.ContainsFunc(d.Sources, func(s calbell.Source) bool { return slices.Contains(q.Calendars, s.Calendar) })
		seen := q.After != nil && store.UpcomingMark{NextAt: d.NextAt, ID: d.ID}.Compare(*q.After) <= 0
		if q.UID != "" {
			of = d.UID == q.UID && len(d.Sources) > 0
		}
		if of && !seen && len(ds) < q.Limit {
			ds = append(ds, *d)
		}
	}
	return ds, err
}

func (m *model) History(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ds []calbell.Delivery
	for _, d := range m.dels {
		if d.Status.Final() && !d.FinishedAt.Before(q.Since) &&
			(len(q.Statuses) == 0 || slices.Contains(q.Statuses, d.Status)) &&
			(q.Webhook == "" || q.Webhook == d.Webhook) && (q.UID == "" || q.UID == d.UID) && after(q.After, d) &&
			concerned(q.Of, d) && (len(q.UIDs) == 0 || slices.Contains(q.UIDs, d.UID)) && (q.StartsAfter.IsZero() || d.Start.After(q.StartsAfter)) {
			ds = append(ds, *d)
		}
	}
	slices.SortFunc(ds, func(a, b calbell.Delivery) int {
		return cmp.Or(b.FinishedAt.Compare(a.FinishedAt), cmp.Compare(b.ID, a.ID))
	})
	return ds[:min(cmp.Or(q.Limit, 100), len(ds))], err
}

// concerned reports whether a delivery concerns somebody; nil: it is everybody's.
func concerned(c *store.Concern, d *calbell.Delivery) bool {
	return c == nil || slices.Contains(c.Webhooks, d.Webhook) || d.Notice != nil && slices.Contains(c.Events, d.UID) || c.By != "" && d.Notice != nil && calbell.Slug(d.Notice.By) == c.By ||
		slices.ContainsFunc(d.Sources, func(s calbell.Source) bool { return slices.Contains(c.Calendars, s.Calendar) })
}

func (m *model) DueCalendars(ctx context.Context, after, until time.Time) (map[calbell.CalendarID]time.Time, error) {
	leave, err := m.enter(ctx)
	defer leave()
	due := map[calbell.CalendarID]time.Time{}
	for _, d := range m.live() { // the earliest first
		if d.Status == calbell.StatusInFlight || d.Attempts > 0 || !d.NextAt.After(after) || d.NextAt.After(until) {
			continue
		}
		for _, src := range d.Sources {
			if _, known := due[src.Calendar]; !known {
				due[src.Calendar] = d.NextAt
			}
		}
	}
	return due, err
}

// after reports whether a delivery comes after a mark in the history.
func after(m *store.HistoryMark, d *calbell.Delivery) bool {
	return m == nil || cmp.Or(m.FinishedAt.Compare(d.FinishedAt), cmp.Compare(m.ID, d.ID)) > 0
}

func (m *model) Counts(ctx context.Context) (map[calbell.Status]int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	counts := make(map[calbell.Status]int)
	for _, d := range m.dels {
		counts[d.Status]++
	}
	return counts, err
}

func (m *model) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	ds, err := m.History(ctx, store.HistoryQuery{Limit: 1 << 30})
	leave, _ := m.enter(ctx)
	defer leave()
	n := 0
	for _, d := range slices.Backward(ds) {
		if d.FinishedAt.Before(before) && n < limit {
			delete(m.dels, d.ID)
			n++
		}
	}
	return n, err
}

// fits reports whether a claim may take a delivery, and counts it.
func fits(r store.ClaimRequest, taken map[string]int, d *calbell.Delivery) bool {
	if r.Bounds == nil {
		return true
	}
	bounds := r.Bounds(d.Webhook)
	for _, b := range bounds {
		if taken[b.Name] >= b.Room || b.Due != nil && !b.Due(d.NextAt) {
			return false
		}
	}
	for _, b := range bounds {
		taken[b.Name]++
	}
	return true
}
