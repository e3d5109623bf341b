package daemon

import (
	"context"
	"reflect"
	"slices"

	"calbell"
)

// WebhooksChanged implements service.Effects.
func (d *Daemon) WebhooksChanged(ctx context.Context) error {
	d.reloading.Lock() // of two at once, the later one is not to go by what the earlier one read
	defer d.reloading.Unlock()
	return d.renew(ctx)
}

// AccountsChanged implements service.Effects. Nobody waits for a server, nor for what others have.
func (d *Daemon) AccountsChanged(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	before := d.Accounts().All()
	if err := d.renew(ctx); err != nil {
		return err
	}
	changed := otherThan(before, d.Accounts().All())
	if len(changed) == 0 {
		return nil // what is planned follows by itself; see keepFitting
	}
	d.syncer.Forget(changed...)
	d.dispatcher.Kick()
	signal(d.recount)
	return nil
}

// otherThan are the keys of the accounts that are not the same in both lists.
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

// renew makes what is stored take effect. The caller holds reloading.
func (d *Daemon) renew(ctx context.Context) error {
	if err := d.settings.read(ctx); err != nil {
		return err
	}
	d.dispatcher.Forget()
	signal(d.refit) // a name that events say may mean something else now
	return nil
}

// QueueChanged implements service.Effects.
func (d *Daemon) QueueChanged() { d.dispatcher.Kick() }

// PausesChanged implements service.Effects.
func (d *Daemon) PausesChanged() { d.dispatcher.PausesChanged() }

// keepFitting has what is stored agree with the settings, after they changed.
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
