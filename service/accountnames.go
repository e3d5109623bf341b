package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calbell"
)

// Names of accounts are unique among those of one owner. What names an account everywhere is its
// key; see [calbell.Account.Key].

// account finds one that the caller sees, and suggests when there is none. A key comes first, then
// one's own. Over the socket all accounts are seen: of others' that share a name, none is taken.
func (s *core) account(who calbell.Caller, name string) (calbell.Account, error) {
	if err := known(who); err != nil {
		return calbell.Account{}, err
	}
	var names []string
	var found []calbell.Account
	best := 0
	for _, a := range s.config.Accounts() {
		if !sees(who, a.Owner) {
			continue
		}
		names = append(names, a.Name)
		switch r := accountRank(who, a, name); {
		case r > best:
			best, found = r, []calbell.Account{a}
		case r > 0 && r == best:
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return calbell.Account{}, notFound("account", name, names, "calbell account list")
	case 1:
		return found[0], nil
	}
	return calbell.Account{}, severalAccounts(name, found)
}

// accountRank returns how well a name means an account; 0: not at all.
func accountRank(who calbell.Caller, a calbell.Account, name string) int {
	switch {
	case a.ID != "" && strings.EqualFold(a.ID, name):
		return 4
	case a.Owner != "" && strings.EqualFold(ownedName(a), name):
		return 3
	case !same(a.Name, name):
		return 0
	case a.Owner == "": // its name is its key
		return 4
	case same(a.Owner, who.Name) && !who.Local:
		return 2
	}
	return 1
}

// ownedName is the name of a user's account as nobody else's can be: with its owner.
func ownedName(a calbell.Account) string { return calbell.Slug(a.Owner) + "." + calbell.Slug(a.Name) }

// severalAccounts is the error for a name that accounts of several users have.
func severalAccounts(name string, found []calbell.Account) error {
	var choices []string
	for _, a := range found {
		text := a.ID
		if text == "" {
			text = ownedName(a)
		}
		choices = append(choices, text)
	}
	slices.Sort(choices)
	return &calbell.Error{
		Kind: calbell.KindUsage, What: fmt.Sprintf("%d users have an account called %q", len(found), name),
		Hint: "name one with its owner: " + strings.Join(choices, ", "),
	}
}

// accountByKey returns the account with a key, whoever's it is; nil when none has it.
func (s *core) accountByKey(key string) *calbell.Account {
	return s.oneAccount(func(a calbell.Account) bool { return a.Key() == key })
}

// accountOf returns the account of an owner that has a name; nil when none has.
func (s *Accounts) accountOf(owner, name string) *calbell.Account {
	return s.oneAccount(func(a calbell.Account) bool {
		return same(a.Name, name) && calbell.Slug(a.Owner) == calbell.Slug(owner)
	})
}

func (s *core) oneAccount(is func(calbell.Account) bool) *calbell.Account {
	all := s.config.Accounts()
	if i := slices.IndexFunc(all, is); i >= 0 {
		return &all[i]
	}
	return nil
}

// checkAccountName rejects a name that another account of the owner has.
func (s *Accounts) checkAccountName(owner, name string) error {
	if s.accountOf(owner, name) == nil {
		return nil
	}
	return field("name", fmt.Sprintf("the account name %q is taken", name), "choose another name")
}

// freeAccountName returns a name that no account of an owner has: the one given, or with a number.
// A slash would stand between an account and a calendar.
func (s *Accounts) freeAccountName(owner, name string) string {
	name = strings.ReplaceAll(name, "/", "-")
	free := name
	for n := 2; s.accountOf(owner, free) != nil; n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return free
}

// newKey gives a new account its ID. That of a user's begins with the user. One without an owner is
// known by its name, like those of the file, unless that is the key of another.
func (s *Accounts) newKey(ctx context.Context, a *calbell.Account) error {
	stored, err := s.store.StoredAccounts(ctx) // some may not be in force
	if err != nil {
		return err
	}
	all := slices.Concat(stored, s.config.Accounts())
	taken := func(key string) bool {
		return slices.ContainsFunc(all, func(o calbell.Account) bool { return strings.EqualFold(o.Key(), key) })
	}
	if a.Owner == "" && !taken(a.Name) {
		return nil
	}
	id := calbell.Slug(a.Name)
	if a.Owner != "" {
		id = ownedName(*a)
	}
	a.ID = id
	for n := 2; taken(a.ID); n++ {
		a.ID = fmt.Sprintf("%s-%d", id, n)
	}
	return nil
}
