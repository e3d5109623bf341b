package daemon

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"

	"calbell"
)

// WebhooksChanged implements service.Effects.
func (d *Daemon) WebhooksChanged(ctx context.Context, owners ...string) error {
	d.reloading.Lock() // of two at once, the later one is not to go by what the earlier one read
	defer d.reloading.Unlock()
	return d.renew(ctx, owners...)
}

// AccountsChanged implements service.Effects. Nobody waits for a server, nor for what others have.
func (d *Daemon) AccountsChanged(ctx context.Context, owners ...string) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	before := d.Accounts().All()
	if err := d.renew(ctx, owners...); err != nil {
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

// renew makes what is stored take effect. The caller holds reloading.
func (d *Daemon) renew(ctx context.Context, owners ...string) error {
	before := d.Accounts()
	if err := d.settings.read(ctx); err != nil {
		return err
	}
	d.dispatcher.Forget()
	var accounts []string // those that are gone, too: a sync under way may store for them still
	for _, owner := range owners {
		for _, a := range slices.Concat(before.Of(owner), d.Accounts().Of(owner)) {
			accounts = append(accounts, a.Key())
		}
	}
	switch {
	case len(owners) == 0:
		d.refit.addAll()
	case len(accounts) > 0:
		d.refit.add(accounts...)
	}
	return nil
}

// QueueChanged implements service.Effects.
func (d *Daemon) QueueChanged() { d.dispatcher.Kick() }

// PausesChanged implements service.Effects.
func (d *Daemon) PausesChanged() { d.dispatcher.PausesChanged() }

// refits are the accounts whose plans no longer agree with the settings. Safe for concurrent use.
type refits struct {
	mu       sync.Mutex
	all      bool
	accounts map[string]bool // by key
	signal   chan struct{}
}

func newRefits() *refits {
	return &refits{accounts: map[string]bool{}, signal: make(chan struct{}, 1)}
}

// add notes accounts, by their keys.
func (r *refits) add(accounts ...string) {
	r.mu.Lock()
	for _, a := range accounts {
		r.accounts[a] = true
	}
	r.mu.Unlock()
	signal(r.signal)
}

// addAll notes all accounts.
func (r *refits) addAll() {
	r.mu.Lock()
	r.all = true
	r.mu.Unlock()
	signal(r.signal)
}

// take returns what was noted since the last call. all: every account.
func (r *refits) take() (all bool, accounts []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, accounts = r.all, slices.Sorted(maps.Keys(r.accounts))
	r.all, r.accounts = false, map[string]bool{}
	return all, accounts
}

// keepFitting has what is stored agree with the settings, after they changed.
func (d *Daemon) keepFitting(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.refit.signal:
		}
		all, accounts := d.refit.take()
		var err error
		if all {
			err = d.syncer.Reconcile(ctx)
		} else {
			err = d.syncer.ReconcileOf(ctx, accounts...)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Error("plan again", "err", err)
		}
	}
}
