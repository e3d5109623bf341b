package record

import (
	"cmp"
	"slices"

	"calbell"
	"calbell/store"
)

// account is an account with its secrets in the clear.
type account struct {
	calbell.Account
	Password     string `json:"password,omitempty"`
	Token        string `json:"token,omitempty"`
	ClientKeyPEM string `json:"client_key_pem,omitempty"`
}

// Accounts returns the kind of accounts that people added, by their keys.
func Accounts() Kind[calbell.Account] {
	k := newKind("accounts", "stored account", (*calbell.Account).Key,
		func(a calbell.Account) account {
			return account{a, a.Password.Reveal(), a.Token.Reveal(), a.ClientKeyPEM.Reveal()}
		},
		func(r account) calbell.Account {
			r.Account.Password, r.Account.Token, r.Account.ClientKeyPEM = calbell.Secret(r.Password), calbell.Secret(r.Token), calbell.Secret(r.ClientKeyPEM)
			r.Account.Origin = calbell.OriginStored
			return r.Account
		})
	k.Groups = func(a *calbell.Account) []store.Group { return []store.Group{store.OwnedBy(a.Owner)} }
	k.OneGroup = true
	k.Order = func(a, b calbell.Account) int { return cmp.Compare(a.Key(), b.Key()) }
	k.Check = func(a *calbell.Account) error {
		if a.Name != "" {
			return nil
		}
		return usage(calbell.English("store account: it has no name"))
	}
	return k
}

// Rules returns the kind of rules that people created.
func Rules() Kind[calbell.StoredRule] {
	k := newKind("rules", "rule", func(r *calbell.StoredRule) string { return string(r.ID) }, same[calbell.StoredRule], same[calbell.StoredRule])
	k.Groups = func(r *calbell.StoredRule) []store.Group { return []store.Group{store.OwnedBy(r.Owner)} }
	k.OneGroup = true
	k.Order = func(a, b calbell.StoredRule) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	}
	k.Check = func(r *calbell.StoredRule) error {
		if r.ID != "" {
			return nil
		}
		return usage(calbell.English("store rule %q: it has no ID", r.Name))
	}
	return k
}

// CalendarSettings returns the kind of settings that people made for calendars.
func CalendarSettings() Kind[store.CalendarSettings] {
	k := newKind("settings", "settings of calendar", func(c *store.CalendarSettings) string { return string(c.ID) }, same[store.CalendarSettings], same[store.CalendarSettings])
	k.Order = func(a, b store.CalendarSettings) int { return cmp.Compare(a.ID, b.ID) }
	return k
}

// ListedNames returns the kind of resolved names in accounts' lists of calendars, by account.
func ListedNames() Kind[store.ListedNames] {
	each := func(r store.ListedNames, change func(n *calbell.ListedName)) store.ListedNames {
		r.Names = slices.Clone(r.Names)
		for i := range r.Names {
			change(&r.Names[i])
		}
		return r
	}
	k := newKind("listed", "listed names of account", func(r *store.ListedNames) string { return r.Account },
		func(r store.ListedNames) store.ListedNames {
			return each(r, func(n *calbell.ListedName) {
				n.Account, n.Since = r.Account, n.Since.UTC()
				packTexts(&n.Trouble, &n.Hint)
			})
		},
		func(r store.ListedNames) store.ListedNames {
			return each(r, func(n *calbell.ListedName) { unpackTexts(&n.Trouble, &n.Hint) })
		})
	k.Order = func(a, b store.ListedNames) int { return cmp.Compare(a.Account, b.Account) }
	return k
}

// Pauses returns the kind of pauses. Their rows come from [Sealer.Pause], not from the kind.
func Pauses() Kind[calbell.Pause] {
	k := newKind("pause", "pause", func(p *calbell.Pause) string { return string(p.Calendar) + "/" + string(p.Webhook) },
		func(p calbell.Pause) calbell.Pause {
			p.Until, p.MadeAt = p.Until.UTC(), p.MadeAt.UTC()
			return p
		}, same[calbell.Pause])
	k.Order = func(a, b calbell.Pause) int {
		return cmp.Or(cmp.Compare(a.Calendar, b.Calendar), cmp.Compare(a.Webhook, b.Webhook))
	}
	return k
}
