package plan

import (
	"cmp"
	"maps"
	"slices"

	"calbell"
)

// roster knows the accounts and webhooks: who owns them, and which webhooks each may use.
type roster struct {
	set      Settings
	accounts map[string]calbell.Account
	webhooks map[string]calbell.WebhookID            // names for the file: all by ID, the admins' by slug too
	usable   map[string]map[string]calbell.WebhookID // by owner of an account: see UsableBy
	admins   map[string]bool                         // by slug
	owned    map[string][]string                     // keys of accounts by owner
}

// Account returns the account of a key, and whether it exists; the zero Account when not.
func (r *roster) Account(key string) (a calbell.Account, known bool) {
	a, known = r.accounts[key]
	return a, known
}

// Accounts returns a copy of the accounts, by key.
func (r *roster) Accounts() map[string]calbell.Account { return maps.Clone(r.accounts) }

// AccountsOf returns the keys of the accounts that belong to an owner, in any order.
func (r *roster) AccountsOf(owner string) []string { return r.owned[calbell.Slug(owner)] }

// OwnerOf returns the owner of an account; "" when it has none, or does not exist.
func (r *roster) OwnerOf(account string) string { return r.accounts[account].Owner }

// UsableBy returns the webhooks that an owner may use, by slug of the name and by ID. For equal
// names the owner's own takes precedence, then those of the admins if the owner is an admin,
// then those that others share.
func (r *roster) UsableBy(owner string) map[string]calbell.WebhookID {
	owner = calbell.Slug(owner)
	names := map[string]calbell.WebhookID{}
	var ranked [3][]calbell.Webhook
	for _, w := range r.set.Webhooks {
		switch {
		case w.Owner == owner:
			ranked[2] = append(ranked[2], w)
		case w.Owner == "" && (r.admins[owner] || w.Share):
			ranked[1] = append(ranked[1], w)
		case w.Share:
			ranked[0] = append(ranked[0], w)
		}
	}
	all := slices.Concat(ranked[:]...)
	for _, w := range all {
		names[calbell.Slug(w.Name)] = w.ID
	}
	for _, w := range all { // IDs are unique
		names[string(w.ID)] = w.ID
	}
	return names
}

// Webhook returns the ID of the webhook that the file names. For an unknown name it returns the
// ID that such a webhook would have, so that its reminders are shown as failing instead of
// being lost.
func (r *roster) Webhook(name string) calbell.WebhookID {
	slug := calbell.Slug(name)
	return cmp.Or(r.webhooks[slug], r.webhooks[name], calbell.WebhookID(slug))
}

// Usable returns the webhooks that events and bindings of the account may name, by slug of the
// name and by ID. The map must not be changed.
func (r *roster) Usable(account string) map[string]calbell.WebhookID {
	return r.usable[r.accounts[account].Owner]
}

// CorrectionWebhooks returns the webhooks that get corrections of announced events.
func (r *roster) CorrectionWebhooks() map[calbell.WebhookID]bool {
	hooks := map[calbell.WebhookID]bool{}
	for _, w := range r.set.Webhooks {
		if w.Corrections {
			hooks[w.ID] = true
		}
	}
	return hooks
}

// MissedPolicy returns a webhook's policy for missed reminders.
func (r *roster) MissedPolicy(id calbell.WebhookID) string {
	for i := range r.set.Webhooks {
		if r.set.Webhooks[i].ID == id {
			return r.set.Webhooks[i].Missed
		}
	}
	return ""
}
