package service

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/api/types"
)

// Syncs syncs calendars and reports their state.
type Syncs interface {
	// Sync syncs an account and returns when the sync has ended.
	Sync(ctx context.Context, r calbell.SyncRequest) error
	// SyncSoon starts a sync without waiting for it.
	SyncSoon(r calbell.SyncRequest) error
	// Syncing returns the progress of the running syncs.
	Syncing() []calbell.SyncProgress
	// Health returns the health of an account with these stored calendars; see
	// [calbell.AccountHealth].
	Health(account string, calendars []calbell.Calendar) calbell.AccountHealth
	// Overdue returns since when a sync of a calendar is overdue; zero: it is not.
	Overdue(c calbell.Calendar) time.Time
}

// Calendars manages the calendars of accounts: their syncs and the webhooks of their
// reminders.
type Calendars struct {
	*core
	syncs    Syncs
	problems *problems
}

// List returns the calendars with their webhooks.
func (s *Calendars) List(ctx context.Context, who calbell.Caller) ([]types.CalendarRow, error) {
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	rows := make([]types.CalendarRow, 0, len(calendars))
	for _, c := range calendars {
		row, err := s.calendarRow(ctx, c)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// ids converts webhook IDs to strings.
func ids(in []calbell.WebhookID) []string {
	var out []string
	for _, id := range in {
		out = append(out, string(id))
	}
	return out
}

// Sync syncs all accounts, or the named calendar, and returns the result of each account.
// When it returns, everything that the servers held at the call is stored and planned.
func (s *Calendars) Sync(ctx context.Context, who calbell.Caller, calendar string) ([]types.SyncRow, error) {
	requests, err := s.syncRequests(ctx, who, calendar)
	if err == nil {
		err = s.throttle.Outward(who, time.Now())
	}
	if err != nil {
		return nil, err
	}
	rows := make([]types.SyncRow, len(requests))
	var syncs sync.WaitGroup
	for i, r := range requests { // concurrently: a server that hangs does not delay the others
		syncs.Go(func() { rows[i] = syncRow(ctx, s.store, r, s.syncs.Sync(ctx, r)) })
	}
	syncs.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if calendar != "" {
		return rows, nil
	}
	troubles, err := s.listTroubles(ctx, who)
	for i := range rows {
		for _, n := range troubles {
			if n.Account == rows[i].Account {
				rows[i].Troubles = append(rows[i].Troubles, n)
			}
		}
	}
	return rows, err
}

// SyncSoon is Sync without waiting. The channel delivers one result per account; it stays
// open without further results when the program ends first.
func (s *Calendars) SyncSoon(ctx context.Context, who calbell.Caller, calendar string) (ends <-chan types.SyncRow, accounts int, err error) {
	requests, err := s.syncRequests(ctx, who, calendar)
	if err == nil {
		err = s.throttle.Outward(who, time.Now())
	}
	if err != nil {
		return nil, 0, err
	}
	rows := make(chan types.SyncRow, len(requests))
	for _, r := range requests {
		r.Ended = func(err error) { rows <- syncRow(context.WithoutCancel(ctx), s.store, r, err) }
		if err := s.syncs.SyncSoon(r); err != nil {
			return nil, 0, err
		}
	}
	return rows, len(requests), nil
}

// syncRow returns the result of a sync. After a sync without error, calendars that the
// server no longer lists were not read, and events whose deletion is held back were kept.
func syncRow(ctx context.Context, all CalendarStore, r calbell.SyncRequest, err error) types.SyncRow {
	row := types.SyncRow{Account: r.Account.Key()}
	if err == nil {
		var list []calbell.Calendar
		list, err = all.CalendarsOf(ctx, row.Account)
		for _, c := range list {
			switch {
			case !r.Includes(c):
			case c.Unlisted:
				row.Unlisted = append(row.Unlisted, c.Name)
			case c.Brake.Seen > 0:
				row.HeldBack += c.Brake.Absent
			}
		}
	}
	if err != nil {
		row.Error, row.Hint, row.Kind = calbell.TextOfError(err), calbell.HintOf(err), calbell.KindOf(err)
	}
	return row
}

// syncRequests returns the syncs that the caller asks for: of every account, or of those
// with a calendar of this name.
func (s *Calendars) syncRequests(ctx context.Context, who calbell.Caller, calendar string) ([]calbell.SyncRequest, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	only := map[string][]calbell.CalendarID{}
	if calendar != "" {
		found, err := s.findCalendars(ctx, who, calendar)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			only[c.Account] = append(only[c.Account], c.ID)
		}
	}
	var requests []calbell.SyncRequest
	for _, a := range s.accountsOf(who) {
		if calendar == "" || only[a.Key()] != nil {
			requests = append(requests, calbell.SyncRequest{Account: a, Only: only[a.Key()], Now: true})
		}
	}
	return requests, nil
}

// Syncing returns the progress of the running syncs that the caller may see.
func (s *Calendars) Syncing(_ context.Context, who calbell.Caller) ([]calbell.SyncProgress, error) {
	return s.visibleSyncs(who, s.syncs.Syncing())
}

// Get returns a calendar by ID or name.
func (s *Calendars) Get(ctx context.Context, who calbell.Caller, name string) (types.CalendarRow, error) {
	c, err := s.findCalendar(ctx, who, name)
	if err != nil {
		return types.CalendarRow{}, err
	}
	return s.calendarRow(ctx, c)
}

// findHeldBack returns the calendar with this name. It prefers one with deletions held
// back, or one that its server no longer lists: a newer calendar may have the same name.
func (s *Calendars) findHeldBack(ctx context.Context, who calbell.Caller, name string) (calbell.Calendar, error) {
	found, err := s.findCalendars(ctx, who, name)
	held := slices.DeleteFunc(found, func(c calbell.Calendar) bool { return c.Brake.Seen == 0 && !c.Unlisted })
	if err == nil && len(held) == 1 {
		return held[0], nil
	}
	return s.findCalendar(ctx, who, name)
}

// calendarRow returns a calendar with its webhooks, the state of its sync, and the number
// of its problems.
func (s *Calendars) calendarRow(ctx context.Context, c calbell.Calendar) (types.CalendarRow, error) {
	problems, err := s.problems.of(ctx, s.store, c.ID)
	p, overdue := s.config.Policy(), s.syncs.Overdue(c)
	var webhooks []string
	if !c.Silent() {
		webhooks = ids(p.Defaults(c))
	}
	return types.CalendarRow{
		Calendar: c, Webhooks: webhooks, SwitchedOff: p.SwitchedOff(c),
		State: c.SyncState(overdue), OverdueSince: overdue, Problems: problems,
	}, err
}

// ApplyNow deletes what the mass-delete brake of a calendar holds back, or the whole
// calendar if its server no longer lists it. It asks the server first and deletes only what
// is still missing there. It returns the calendar afterwards; a removed one is returned as
// it was, with Unlisted set.
func (s *Calendars) ApplyNow(ctx context.Context, who calbell.Caller, name string) (types.CalendarRow, error) {
	c, err := s.findHeldBack(ctx, who, name)
	if err != nil {
		return types.CalendarRow{}, err
	}
	if c.Brake.Seen == 0 && !c.Unlisted {
		return types.CalendarRow{}, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.T("service:nothing-held-back-calendar", "nothing is held back in calendar %q", c.Name),
			Hint: calbell.T("service:what-server-says-deleted", "what the server says is deleted is deleted here at the next sync: calbell sync %s", calbell.Slug(c.Name)),
		}
	}
	if err := s.throttle.Outward(who, time.Now()); err != nil {
		return types.CalendarRow{}, err
	}
	var failed error
	if a, ok := s.config.Accounts().Get(c.Account); ok {
		failed = s.syncs.Sync(ctx, calbell.SyncRequest{Account: a, Only: []calbell.CalendarID{c.ID}, Now: true, Apply: true})
	}
	now, err := s.store.Calendar(ctx, c.ID)
	if c.Unlisted && calbell.KindOf(err) == calbell.KindNotFound { // removed, even if the account's sync failed because it has no calendar left
		return s.calendarRow(ctx, c)
	}
	if err = cmp.Or(failed, err); err != nil {
		return types.CalendarRow{}, err
	}
	return s.calendarRow(ctx, now)
}
