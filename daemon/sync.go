package daemon

import (
	"context"
	"reflect"
	"slices"
	"time"

	"calbell"
)

// syncLogged is a sync that nobody waits for here: the syncer logs its errors.
func (d *Daemon) syncLogged(ctx context.Context, r calbell.SyncRequest) {
	err := d.Sync(ctx, r)
	if r.Ended != nil {
		r.Ended(err)
	}
}

// Sync implements service.Syncs.
func (d *Daemon) Sync(ctx context.Context, r calbell.SyncRequest) error {
	err := d.syncer.Sync(ctx, r)
	if refused := d.store.Refused(); err != nil && (refused != nil || d.store.Full()) {
		d.noteStore(refused)
	}
	if ctx.Err() != nil || !d.inForce(r.Account) { // what it stored may be unwanted, or rest on other settings
		signal(d.refit)
	}
	return err
}

// inForce reports whether an account is one of those in force, as it is.
func (d *Daemon) inForce(a calbell.Account) bool {
	return slices.ContainsFunc(d.Accounts(), func(o calbell.Account) bool { return o.Key() == a.Key() && reflect.DeepEqual(o, a) })
}

// Syncing implements service.Syncs.
func (d *Daemon) Syncing() []calbell.SyncProgress { return d.syncer.Progress() }

// Health implements service.Syncs.
func (d *Daemon) Health(account string, calendars []calbell.Calendar) calbell.AccountHealth {
	return d.syncer.Health(account, calendars)
}

// Overdue implements service.Syncs.
func (d *Daemon) Overdue(c calbell.Calendar) time.Time { return d.syncer.Overdue(c) }

// SyncSoon implements service.Syncs.
func (d *Daemon) SyncSoon(r calbell.SyncRequest) error {
	err := &calbell.Error{
		Kind: calbell.KindFailed, What: "too many syncs are waiting already", Hint: "see: calbell status", RetryAfter: 10 * time.Second,
	}
	if !d.waiting.enter(r.Account.Owner) {
		return err
	}
	select {
	case d.asked <- r:
		return nil
	default:
		d.waiting.leave(r.Account.Owner)
		return err
	}
}
