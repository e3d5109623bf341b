package plan

import (
	"maps"
	"slices"
	"sync"

	"calbell"
)

// roster knows the accounts and webhooks: who owns what, and may send where. What one owner has is
// found without a look at what others have.
type roster struct {
	set         Settings
	accounts    map[string]calbell.Account
	hooks       map[calbell.WebhookID]*calbell.Webhook
	webhooks    map[string]calbell.WebhookID // the admins' by slug, as the file may call them
	admins      map[string]bool              // by slug
	owned       map[string]*owned            // by slug of the owner; "" is the admins'
	shared      []*calbell.Webhook
	filed       []calbell.Account          // of the file
	corrections map[calbell.WebhookID]bool // want corrections
	usable      sync.Map                   // owner → map[string]calbell.WebhookID, made when asked; see usableBy
}

// owned is what one owner has.
type owned struct {
	accounts []string // keys
	webhooks []*calbell.Webhook
	rules    []calbell.StoredRule
}

// newRoster returns the roster of settings whose owners are slugs.
func newRoster(s Settings) *roster {
	r := &roster{
		set: s, accounts: make(map[string]calbell.Account, len(s.Accounts)), hooks: make(map[calbell.WebhookID]*calbell.Webhook, len(s.Webhooks)),
		webhooks: map[string]calbell.WebhookID{}, admins: map[string]bool{}, owned: map[string]*owned{}, corrections: map[calbell.WebhookID]bool{},
	}
	for _, name := range s.Admins {
		r.admins[calbell.Slug(name)] = true
	}
	for i := range s.Webhooks {
		r.addWebhook(&s.Webhooks[i])
	}
	for _, a := range s.Accounts {
		r.accounts[a.Key()] = a
		of := r.of(a.Owner)
		of.accounts = append(of.accounts, a.Key())
		if a.Origin != calbell.OriginStored {
			r.filed = append(r.filed, a)
		}
	}
	for _, rule := range s.Stored {
		of := r.of(rule.Owner)
		of.rules = append(of.rules, rule)
	}
	return r
}

func (r *roster) addWebhook(w *calbell.Webhook) {
	r.hooks[w.ID] = w
	of := r.of(w.Owner)
	of.webhooks = append(of.webhooks, w)
	if w.Owner == "" {
		r.webhooks[calbell.Slug(w.Name)] = w.ID
	}
	if w.Share {
		r.shared = append(r.shared, w)
	}
	if w.Corrections {
		r.corrections[w.ID] = true
	}
}

// of returns what an owner has, to be added to.
func (r *roster) of(owner string) *owned {
	of := r.owned[owner]
	if of == nil {
		of = &owned{}
		r.owned[owner] = of
	}
	return of
}

// Account returns the account of a key, and whether it exists; the zero Account when not.
func (r *roster) Account(key string) (a calbell.Account, known bool) {
	a, known = r.accounts[key]
	return a, known
}

// Accounts returns a copy of the accounts, by key.
func (r *roster) Accounts() map[string]calbell.Account { return maps.Clone(r.accounts) }

// AccountsOf returns the keys of the accounts in force that belong to an owner. The list must not be
// changed.
func (r *roster) AccountsOf(owner string) []string {
	if of := r.owned[calbell.Slug(owner)]; of != nil {
		return of.accounts
	}
	return nil
}

// OwnerOf returns the owner of an account; "" when it has none, or does not exist.
func (r *roster) OwnerOf(account string) string { return r.accounts[account].Owner }

// UsableBy returns the webhooks that an owner may use, by slug of the name and by ID. For equal
// names the owner's own webhook wins, then the admins' one, if the owner may use it, then a webhook that
// others share. The map must not be changed.
func (r *roster) UsableBy(owner string) map[string]calbell.WebhookID {
	owner = calbell.Slug(owner)
	if known, ok := r.usable.Load(owner); ok {
		return known.(map[string]calbell.WebhookID)
	}
	known, _ := r.usable.LoadOrStore(owner, r.usableBy(owner)) // as many as there are owners
	return known.(map[string]calbell.WebhookID)
}

func (r *roster) usableBy(owner string) map[string]calbell.WebhookID {
	var own, admins, others []*calbell.Webhook
	if of := r.owned[owner]; of != nil {
		own = of.webhooks
	}
	if of := r.owned[""]; of != nil && owner != "" && r.admins[owner] {
		admins = of.webhooks
	}
	for _, w := range r.shared {
		switch {
		case w.Owner == owner || w.Owner == "" && r.admins[owner]: // counted already
		case w.Owner == "":
			admins = append(admins, w)
		default:
			others = append(others, w)
		}
	}
	all := slices.Concat(others, admins, own)
	names := make(map[string]calbell.WebhookID, 2*len(all))
	for _, w := range all {
		names[calbell.Slug(w.Name)] = w.ID
	}
	for _, w := range all { // an ID means this one and no other
		names[string(w.ID)] = w.ID
	}
	return names
}

// Webhook returns the ID of the webhook that the file names. For an unknown name it returns the
// ID that such a webhook would have, so that its reminders are shown as failing instead of
// being lost.
func (r *roster) Webhook(name string) calbell.WebhookID {
	slug := calbell.Slug(name)
	if id := r.webhooks[slug]; id != "" {
		return id
	}
	for _, id := range []string{slug, name} {
		if w := r.hooks[calbell.WebhookID(id)]; w != nil {
			return w.ID
		}
	}
	return calbell.WebhookID(slug)
}

// Usable returns the webhooks that events and bindings of the account may name, by slug of the
// name and by ID. The map must not be changed.
func (r *roster) Usable(account string) map[string]calbell.WebhookID {
	return r.UsableBy(r.accounts[account].Owner)
}

// CorrectionWebhooks returns the webhooks that get corrections of announced events. The map must not be
// changed.
func (r *roster) CorrectionWebhooks() map[calbell.WebhookID]bool { return r.corrections }

// MissedPolicy returns a webhook's policy for missed reminders.
func (r *roster) MissedPolicy(id calbell.WebhookID) string {
	if w := r.hooks[id]; w != nil {
		return w.Missed
	}
	return ""
}
