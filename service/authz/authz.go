package authz

import (
	"calbell"
	"calbell/store"
)

// SamePerson reports whether two names belong to the same person.
func SamePerson(a, b string) bool { return a != "" && calbell.Slug(a) == calbell.Slug(b) }

// CanAccess reports whether the caller may see and change something of this owner. Things without an
// owner belong to the admins.
func CanAccess(who calbell.Caller, owner string) bool {
	switch {
	case who.Local:
		return true
	case owner == "":
		return who.Admin
	}
	return SamePerson(who.Name, owner)
}

// CanUse reports whether the caller may send reminders through a webhook.
func CanUse(who calbell.Caller, w calbell.Webhook) bool {
	return CanAccess(who, w.Owner) || w.Share && who.Name != ""
}

// KeysOf returns the keys of accounts.
func KeysOf(accounts []calbell.Account) []string {
	keys := make([]string, 0, len(accounts))
	for _, a := range accounts {
		keys = append(keys, a.Key())
	}
	return keys
}

// CanEdit reports whether the caller may change a definition. What the configuration file defines is
// changed there.
func CanEdit(who calbell.Caller, owner string, origin calbell.Origin) bool {
	return origin == calbell.OriginStored && CanAccess(who, owner)
}

// OwnGroups returns the groups of what belongs to the caller.
func OwnGroups(who calbell.Caller) []store.Group {
	groups := []store.Group{}
	if calbell.Slug(who.Name) != "" {
		groups = append(groups, store.OwnedBy(who.Name))
	}
	if who.Admin {
		groups = append(groups, store.OwnedBy(""))
	}
	return groups
}
