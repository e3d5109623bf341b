package plan

import (
	"cmp"
	"maps"
	"slices"

	"calbell"
)

// roster knows the accounts and webhooks: who owns what, and may send where.
type roster struct {
	set      Settings
	accounts map[string]calbell.Account
	webhooks map[string]calbell.WebhookID            // as the file may call them: all by ID, the admin's by slug too
	usable   map[string]map[string]calbell.WebhookID // by owner of an account: see UsableBy
	admins   map[string]bool                         // by slug
	owned    map[string][]string                     // keys of accounts by owner
}

// Account returns the account of a key, and whether it is in force; the zero account when not.
func (r *roster) Account(key string) (a calbell.Account, known bool) {
	a, known = r.accounts[key]
	return a, known
}

// Accounts returns the accounts in force, by key; the map is the caller's own.
func (r *roster) Accounts() map[string]calbell.Account { return maps.Clone(r.accounts) }

// AccountsOf returns the keys of the accounts in force that belong to an owner, in no order.
func (r *roster) AccountsOf(owner string) []string { return r.owned[calbell.Slug(owner)] }

// OwnerOf returns the owner of an account; "" when it has none, or is not in force.
func (r *roster) OwnerOf(account string) string { return r.accounts[account].Owner }

// UsableBy are the webhooks that what an owner has may send to, by slug of the name and by ID.
// Of one name the owner's own comes first, then what is the admins' for those who are one of
// them, then what others share.
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
	for _, w := range all { // an ID means this one and no other
		names[string(w.ID)] = w.ID
	}
	return names
}

// Webhook returns the ID of the webhook that the file calls by that name; one that does not
// exist has the ID that it would have, so that its reminders are shown as failing and not
// lost.
func (r *roster) Webhook(name string) calbell.WebhookID {
	slug := calbell.Slug(name)
	return cmp.Or(r.webhooks[slug], r.webhooks[name], calbell.WebhookID(slug))
}

// Usable returns the webhooks that events of the account, and bindings, may name, by slug of
// the name and by ID. It must not be changed.
func (r *roster) Usable(account string) map[string]calbell.WebhookID {
	return r.usable[r.accounts[account].Owner]
}

// CorrectionWebhooks are the webhooks that are told when what was announced is no longer so.
func (r *roster) CorrectionWebhooks() map[calbell.WebhookID]bool {
	hooks := map[calbell.WebhookID]bool{}
	for _, w := range r.set.Webhooks {
		if w.Corrections {
			hooks[w.ID] = true
		}
	}
	return hooks
}

// MissedPolicy returns what a webhook says about reminders that could not be sent in time.
func (r *roster) MissedPolicy(id calbell.WebhookID) string {
	for i := range r.set.Webhooks {
		if r.set.Webhooks[i].ID == id {
			return r.set.Webhooks[i].Missed
		}
	}
	return ""
}
