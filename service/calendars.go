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

// Syncs syncs calendars, and reports how that goes.
type Syncs interface {
	// Sync brings an account up to date; it returns when that has ended.
	Sync(ctx context.Context, r calbell.SyncRequest) error
	// SyncSoon begins a sync without waiting for it.
	SyncSoon(r calbell.SyncRequest) error
	// Syncing returns how far the syncs under way are.
	Syncing() []calbell.SyncProgress
	// Health returns how the sync of an account is, of which these calendars are stored; see
	// [calbell.AccountHealth].
	Health(account string, calendars []calbell.Calendar) calbell.AccountHealth
	// Overdue returns when a calendar should have been synced; zero: it was, or that is ahead.
	Overdue(c calbell.Calendar) time.Time
}

// Calendars is about the calendars of accounts: how they are synced, and where their reminders go.
type Calendars struct {
	*core
	syncs    Syncs
	problems *problems
}

// List lists the calendars with where their alarms go.
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

// ids are webhook IDs as plain strings.
func ids(in []calbell.WebhookID) []string {
	var out []string
	for _, id := range in {
		out = append(out, string(id))
	}
	return out
}

// Sync syncs all accounts, or the one calendar that is named, and returns how each
// account fared. It returns when what the servers held at the call is stored and planned.
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
	for i, r := range requests { // side by side: one that hangs keeps no other waiting
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

// SyncSoon is Sync without waiting for the end. Who waits all the same hears of as many ends as
// there are accounts, unless the program ends before.
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

// syncRow is how the sync of an account ended. A sync without an error has read no calendar that
// the server does not list, and kept the events whose deletion is held back.
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

// syncRequests are the syncs that the caller means: of every account, or of those that
// have a calendar of that name.
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

// Syncing tells how far the syncs under way are.
func (s *Calendars) Syncing(_ context.Context, who calbell.Caller) ([]calbell.SyncProgress, error) {
	return s.visibleSyncs(who, s.syncs.Syncing())
}

// Get returns one calendar, by ID or name.
func (s *Calendars) Get(ctx context.Context, who calbell.Caller, name string) (types.CalendarRow, error) {
	c, err := s.findCalendar(ctx, who, name)
	if err != nil {
		return types.CalendarRow{}, err
	}
	return s.calendarRow(ctx, c)
}

// findHeldBack prefers the calendar of a name in which the brake holds something back, or that its
// server lists no more: another calendar may have the name by now.
func (s *Calendars) findHeldBack(ctx context.Context, who calbell.Caller, name string) (calbell.Calendar, error) {
	found, err := s.findCalendars(ctx, who, name)
	held := slices.DeleteFunc(found, func(c calbell.Calendar) bool { return c.Brake.Seen == 0 && !c.Unlisted })
	if err == nil && len(held) == 1 {
		return held[0], nil
	}
	return s.findCalendar(ctx, who, name)
}

// calendarRow returns a calendar with where its alarms go, how its sync is, and what of it was not
// read as it is written.
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

// ApplyNow deletes what the mass-delete brake of a calendar holds back, or the whole calendar
// if its server lists it no more, if the server still says that it is gone. It returns the
// calendar as it is then; as it was, Unlisted, when it went. The server's answer is waited for.
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
	if c.Unlisted && calbell.KindOf(err) == calbell.KindNotFound { // also when it was the account's last one, which then fails
		return s.calendarRow(ctx, c)
	}
	if err = cmp.Or(failed, err); err != nil {
		return types.CalendarRow{}, err
	}
	return s.calendarRow(ctx, now)
}
