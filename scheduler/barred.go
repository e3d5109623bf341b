package scheduler

import (
	"context"
	"fmt"

	"calbell"
)

// reaches says whether the reminders of an account may go to a webhook: to those that its owner
// may use and, where the file defines it, to those that the file names for it.
func (p *Planner) reaches(account string, id calbell.WebhookID) bool {
	a, known := p.accounts[account]
	switch {
	case !known: // its calendars are about to go
		return true
	case p.usable[a.Owner][string(id)] == id:
		return true
	}
	return a.Origin != calbell.OriginStored && p.filed(a)[id]
}

// MaySend says whether what an owner has may send to a webhook.
func (p *Planner) MaySend(owner string, id calbell.WebhookID) bool {
	names := p.usable[calbell.Slug(owner)]
	if names == nil {
		names = p.UsableBy(owner)
	}
	return names[string(id)] == id
}

// filed are the webhooks that the file names for one of its accounts, be they whose they may.
func (p *Planner) filed(a calbell.Account) map[calbell.WebhookID]bool {
	ids := map[calbell.WebhookID]bool{p.Webhook(a.Default.Webhook): true}
	for _, s := range a.Calendars {
		ids[p.Webhook(s.Webhook)] = true
	}
	for _, names := range []map[string]string{a.Aliases, a.Categories} {
		for _, name := range names {
			ids[p.Webhook(name)] = true
		}
	}
	for _, r := range p.set.Rules {
		for _, name := range r.Webhooks {
			ids[p.Webhook(name)] = true
		}
	}
	return ids
}

// barred says whether nothing that a claim comes from may use its webhook. It was planned when
// something did; the plan is put right a little later, and nobody is to wait for that.
func (d *Dispatcher) barred(ctx context.Context, c *calbell.Claim) bool {
	p := d.planner()
	if len(c.Sources) == 0 || c.Object != nil && p.reaches(c.Calendar.Account, c.Webhook) {
		return false
	}
	for _, src := range c.Sources {
		from, err := d.store.Calendar(ctx, src.Calendar)
		if err != nil || p.reaches(from.Account, c.Webhook) { // what cannot be read bars nobody
			return false
		}
	}
	return true
}

// notShared is the error of a webhook that may not be used.
func notShared(id calbell.WebhookID) error {
	return &calbell.Error{Kind: calbell.KindNotFound, What: fmt.Sprintf("webhook %q is gone, or not shared (any more)", id)}
}
