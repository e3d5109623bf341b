package syncer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"calbell"
)

const (
	// freshLead is how long before a reminder its calendar is synced again, and freshAge the
	// maximum age of a sync that suffices.
	freshLead = 5 * time.Second
	freshAge  = 30 * time.Second
	// freshSpread is the earliest start of a presync when many coincide, as at nine o'clock.
	freshSpread = 25 * time.Second
	// freshTurn is the assumed duration of a calendar's presync, when several wait for a place.
	freshTurn = 500 * time.Millisecond
	// freshCheck is the interval of checks while a reminder is near.
	freshCheck = 5 * time.Second
)

// KeepFresh syncs a calendar shortly before one of its reminders falls due, so that an event
// that was moved or cancelled a minute ago does not remind at its old time. Dispatching never
// waits for it. It runs until ctx ends and waits for its syncs. account returns an account by
// name, or false when it must not be synced.
func (s *Syncer) KeepFresh(ctx context.Context, account func(name string) (calbell.Account, bool)) {
	f := &presync{Syncer: s, account: account, busy: map[string]bool{}}
	defer f.running.Wait()
	for ctx.Err() == nil {
		wait, near := f.turn(ctx)
		changed := s.changed
		if near {
			changed = nil // the next check is soon, and each one reads many rows
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-changed:
		}
		timer.Stop()
	}
}

// presync is the state of KeepFresh.
type presync struct {
	*Syncer
	account func(string) (calbell.Account, bool)
	running sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool // accounts being presynced: a hanging server gets one request
}

// turn starts the due presyncs. It returns how long none will be due unless reminders change;
// near is set when a reminder falls due so soon that a presync may be needed.
func (f *presync) turn(ctx context.Context) (wait time.Duration, near bool) {
	now := time.Now()
	due, ok, err := f.store.NextDue(ctx, now)
	if err != nil {
		return freshCheck, false
	}
	if !ok {
		return calbell.MaxSleep, false
	}
	if far := due.Sub(now) - freshSpread - freshCheck; far > 0 {
		return min(far, calbell.MaxSleep), false
	}
	looks, err := f.looks(ctx, now)
	if err != nil {
		f.log.Error("look for calendars to freshen", "err", err)
		return freshCheck, true
	}
	wait = freshCheck
	for _, l := range looks {
		if in := l.begin.Sub(now); in > 0 {
			wait = min(wait, in)
			continue
		}
		f.start(ctx, l)
	}
	return wait, true
}

// look is a presync to be started.
type look struct {
	account   string
	calendars []calbell.CalendarID
	due       time.Time // of the earliest of their reminders
	begin     time.Time
}

// looks returns the accounts with a reminder soon and outdated calendars, each with the start
// of its presync.
func (f *presync) looks(ctx context.Context, now time.Time) ([]look, error) {
	due, err := f.store.DueCalendars(ctx, now, now.Add(freshSpread+freshCheck))
	if err != nil || len(due) == 0 {
		return nil, err
	}
	calendars, err := f.store.CalendarsByID(ctx, slices.Collect(maps.Keys(due))...)
	if err != nil {
		return nil, err
	}
	accounts := map[string]*look{}
	for _, c := range calendars {
		at, wanted := due[c.ID]
		if !wanted || !c.SyncedAt.Before(at.Add(-freshAge)) {
			continue
		}
		l := accounts[c.Account]
		if l == nil {
			l = &look{account: c.Account, due: at}
			accounts[c.Account] = l
		}
		l.calendars = append(l.calendars, c.ID)
		if at.Before(l.due) {
			l.due = at
		}
	}
	return f.spread(slices.Collect(maps.Values(accounts))), nil
}

// spread sets the start of each presync: the last ones freshLead before their reminder, and
// earlier ones by one turn for each that must wait for a place.
func (f *presync) spread(accounts []*look) []look {
	slices.SortFunc(accounts, func(a, b *look) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.account, b.account))
	})
	looks := make([]look, len(accounts))
	behind := 0 // later calendars of the same instant
	for i, l := range slices.Backward(accounts) {
		if i+1 < len(accounts) && !accounts[i+1].due.Equal(l.due) {
			behind = 0
		}
		early := freshLead + time.Duration(behind/f.limiter.width())*freshTurn
		l.begin = l.due.Add(-min(early, freshSpread))
		looks[i] = *l
		behind += len(l.calendars)
	}
	return looks
}

// start syncs an account's calendars in the background, unless that is running already.
func (f *presync) start(ctx context.Context, l look) {
	account, ok := f.account(l.account)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !ok || f.busy[l.account] {
		return
	}
	f.busy[l.account] = true
	f.running.Go(func() {
		defer func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.busy, l.account)
		}()
		// A failure is logged elsewhere, and the reminder is sent as planned.
		_ = f.Sync(ctx, calbell.SyncRequest{Account: account, Only: l.calendars, Fresh: true})
	})
}
