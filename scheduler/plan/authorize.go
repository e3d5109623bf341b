package plan

import (
	"calbell"
)

// AuthorizedFor reports whether the reminders of an account may go to a webhook: to those that its owner
// may use and, where the file defines it, to those that the file names for it.
func (r *roster) AuthorizedFor(account string, id calbell.WebhookID) bool {
	a, known := r.accounts[account]
	switch {
	case !known: // its calendars are about to go
		return true
	case r.usable[a.Owner][string(id)] == id:
		return true
	}
	return a.Origin != calbell.OriginStored && r.filed(a)[id]
}

// Authorized reports whether what an owner has may send to a webhook.
func (r *roster) Authorized(owner string, id calbell.WebhookID) bool {
	names := r.usable[calbell.Slug(owner)]
	if names == nil {
		names = r.UsableBy(owner)
	}
	return names[string(id)] == id
}

// filed are the webhooks that the file names for one of its accounts, be they whose they may.
func (r *roster) filed(a calbell.Account) map[calbell.WebhookID]bool {
	ids := map[calbell.WebhookID]bool{r.Webhook(a.Default.Webhook): true}
	for _, s := range a.Calendars {
		ids[r.Webhook(s.Webhook)] = true
	}
	for _, names := range []map[string]string{a.Aliases, a.Categories} {
		for _, name := range names {
			ids[r.Webhook(name)] = true
		}
	}
	for _, rule := range r.set.Rules {
		for _, name := range rule.Webhooks {
			ids[r.Webhook(name)] = true
		}
	}
	return ids
}

// Astray counts, by webhook, the reminders that are attached in accounts of the file and go to no
// webhook: the file calls it otherwise now, the account has another owner, or it is not shared any
// more.
func (r *roster) Astray(bindings []calbell.Binding) map[calbell.WebhookID]int {
	counts := map[calbell.WebhookID]int{}
	for _, b := range bindings {
		a, known := r.accounts[b.Account]
		attached := known && a.Origin != calbell.OriginStored && !b.Removed && !b.Mute && b.GoneAt.IsZero()
		if attached && r.Usable(b.Account)[string(b.Webhook)] != b.Webhook {
			counts[b.Webhook]++
		}
	}
	return counts
}
