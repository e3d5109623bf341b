package plan

import (
	"calbell"
)

// AuthorizedFor reports whether the reminders of an account may go to a webhook. It must be one
// that the account's owner may use or, for accounts of the configuration file, one that the
// file assigns to the account.
func (r *roster) AuthorizedFor(account string, id calbell.WebhookID) bool {
	a, known := r.accounts[account]
	switch {
	case !known: // its calendars are about to be removed
		return true
	case r.UsableBy(a.Owner)[string(id)] == id:
		return true
	}
	return a.Origin != calbell.OriginStored && r.filedFor(a)[id]
}

// Authorized reports whether an owner may send to a webhook.
func (r *roster) Authorized(owner string, id calbell.WebhookID) bool {
	return r.UsableBy(owner)[string(id)] == id
}

// filedFor returns the webhooks that the configuration file assigns to one of its accounts,
// whoever owns them.
func (r *roster) filedFor(a calbell.Account) map[calbell.WebhookID]bool {
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

// Astray counts, by webhook, the reminders attached in accounts of the file that reach no
// webhook: the file has renamed it, the account has another owner, or it is no longer shared.
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
