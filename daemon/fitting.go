package daemon

import (
	"context"
	"reflect"
	"slices"

	"calbell"
)

// WebhooksChanged implements service.Effects.
func (d *Daemon) WebhooksChanged(ctx context.Context) error {
	d.reloading.Lock() // concurrent calls must not overwrite a newer state with an older one
	defer d.reloading.Unlock()
	return d.renew(ctx)
}

// AccountsChanged implements service.Effects. It waits neither for a server nor for plans
// to be updated.
func (d *Daemon) AccountsChanged(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	before := d.Accounts().All()
	if err := d.renew(ctx); err != nil {
		return err
	}
	changed := otherThan(before, d.Accounts().All())
	if len(changed) == 0 {
		return nil // plans are updated later, by keepFitting
	}
	d.syncer.Forget(changed...)
	d.dispatcher.Kick()
	signal(d.recount)
	return nil
}

// otherThan returns the keys of the accounts that differ between the two lists.
func otherThan(a, b []calbell.Account) (keys []string) {
	by := map[string][]calbell.Account{}
	for _, one := range slices.Concat(a, b) {
		by[one.Key()] = append(by[one.Key()], one)
	}
	for key, both := range by {
		if len(both) != 2 || !reflect.DeepEqual(both[0], both[1]) {
			keys = append(keys, key)
		}
	}
	return keys
}

// renew puts what is stored in force. The caller holds reloading.
func (d *Daemon) renew(ctx context.Context) error {
	if err := d.settings.read(ctx); err != nil {
		return err
	}
	d.dispatcher.Forget()
	signal(d.refit) // a webhook name in an event may refer to another webhook now
	return nil
}

// QueueChanged implements service.Effects.
func (d *Daemon) QueueChanged() { d.dispatcher.Kick() }

// PausesChanged implements service.Effects.
func (d *Daemon) PausesChanged() { d.dispatcher.PausesChanged() }

// keepFitting reconciles stored plans with the settings after these changed.
func (d *Daemon) keepFitting(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.refit:
		}
		if err := d.syncer.Reconcile(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("plan again", "err", err)
		}
	}
}
