package daemon

import (
	"context"
	"time"

	"calbell/scheduler/syncer"
	"calbell/store/bolt"

	"calbell"
)

// syncs runs the syncs that people ask for through the service.
type syncs struct {
	settings *settings
	store    *bolt.Store
	upkeep   *upkeep
	syncer   *syncer.Syncer
	refit    *refits // see Daemon
	asked    chan calbell.SyncRequest
	waiting  crowd // those who asked
}

// logged runs a sync whose result nobody here waits for; the syncer logs its errors.
func (s *syncs) logged(ctx context.Context, r calbell.SyncRequest) {
	err := s.Sync(ctx, r)
	if r.Ended != nil {
		r.Ended(err)
	}
}

// Sync implements service.Syncs.
func (s *syncs) Sync(ctx context.Context, r calbell.SyncRequest) error {
	err := s.syncer.Sync(ctx, r)
	if refused := s.store.Refused(); err != nil && (refused != nil || s.store.Full()) {
		s.upkeep.noteStore(refused)
	}
	if ctx.Err() != nil || !s.settings.inForce(r.Account) { // what it stored may be unwanted, or rest on other settings
		s.refit.add(r.Account.Key())
	}
	return err
}

// Syncing implements service.Syncs.
func (s *syncs) Syncing() []calbell.SyncProgress { return s.syncer.Progress() }

// Health implements service.Syncs.
func (s *syncs) Health(account string, calendars []calbell.Calendar) calbell.AccountHealth {
	return s.syncer.Health(account, calendars)
}

// Overdue implements service.Syncs.
func (s *syncs) Overdue(c calbell.Calendar) time.Time { return s.syncer.Overdue(c) }

// SyncSoon implements service.Syncs.
func (s *syncs) SyncSoon(r calbell.SyncRequest) error {
	err := &calbell.Error{
		Kind: calbell.KindFailed, What: calbell.T("daemon:too-many-syncs-waiting", "too many syncs are waiting already"), Hint: calbell.T("daemon:see-calbell-status", "see: calbell status"), RetryAfter: 10 * time.Second,
	}
	if !s.waiting.enter(r.Account.Owner) {
		return err
	}
	select {
	case s.asked <- r:
		return nil
	default:
		s.waiting.leave(r.Account.Owner)
		return err
	}
}

// Attach implements service.Bindings.
func (s *syncs) Attach(ctx context.Context, account string, change calbell.BindingsChange) error {
	return s.syncer.Attach(ctx, account, change)
}
