package daemon

import (
	"context"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

// WebhooksChanged implements service.Effects.
func (d *Daemon) WebhooksChanged(ctx context.Context) error {
	d.reloading.Lock() // of two at once, the later one is not to go by what the earlier one read
	defer d.reloading.Unlock()
	return d.renew(ctx)
}

// renew makes what is stored take effect. The caller holds reloading.
func (d *Daemon) renew(ctx context.Context) error {
	cfg := d.config.Load()
	webhooks, err := d.store.Webhooks().All(ctx)
	if err != nil {
		return err
	}
	accounts, err := d.effective(ctx, cfg)
	if err != nil {
		return err
	}
	rules, err := d.store.Rules().All(ctx)
	if err != nil {
		return err
	}
	calendars, err := store.SettingsByCalendar(ctx, d.store)
	if err != nil {
		return err
	}
	admins, err := d.admins(ctx)
	if err != nil {
		return err
	}
	d.accounts.Store(&accounts)
	d.policy.Store(plan.NewPolicy(plan.Settings{
		Accounts: accounts, Webhooks: webhooks, Admins: admins, Rules: cfg.Rules, Stored: rules, Calendars: calendars, Skip: cfg.Scheduler.Skip,
		AllDayTime: cfg.Scheduler.AllDayTime, Zone: cfg.TimeZone, Locale: cfg.Locale, Say: d.say,
	}))
	d.dispatcher.Forget()
	signal(d.refit) // a name that events say may mean something else now
	return nil
}

// admins are the names of the users who are admins.
func (d *Daemon) admins(ctx context.Context) (names []string, err error) {
	users, err := d.store.Users().All(ctx)
	for _, u := range users {
		if u.Role == calbell.RoleAdmin {
			names = append(names, u.Name)
		}
	}
	return names, err
}

// Attach implements service.Bindings.
func (d *Daemon) Attach(ctx context.Context, account string, change calbell.BindingsChange) error {
	return d.syncer.Attach(ctx, account, change)
}

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

// say says in the language of a locale what the program says in English.
func (d *Daemon) say(locale, text string) string { return d.words.In(locale).Say(text, nil) }
