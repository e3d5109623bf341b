package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calbell/service/authz"

	"calbell"
)

// Names of accounts are unique per owner. The key of an account is unique among all; see
// [calbell.Account.Key].

// accountOf returns the account with this owner and name; nil when there is none.
func (s *Accounts) accountOf(owner, name string) *calbell.Account {
	return s.oneAccount(func(a calbell.Account) bool {
		return authz.SamePerson(a.Name, name) && calbell.Slug(a.Owner) == calbell.Slug(owner)
	})
}

// checkAccountName rejects a name that another account of the owner has.
func (s *Accounts) checkAccountName(owner, name string) error {
	if s.accountOf(owner, name) == nil {
		return nil
	}
	return field("name", calbell.T("service:account-name-taken", "the account name %q is taken", name), calbell.T("service:choose-another-name", "choose another name"))
}

// freeAccountName returns a name that no account of the owner has: the given one, or that
// with a number. A slash is replaced, because it separates account and calendar.
func (s *Accounts) freeAccountName(owner, name string) string {
	name = strings.ReplaceAll(name, "/", "-")
	free := name
	for n := 2; s.accountOf(owner, free) != nil; n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return free
}

// newKey sets the ID of a new account. An ID of a user's account begins with the user's
// name. An account without an owner is known by its name, like those of the file, unless
// that is the key of another account.
func (s *Accounts) newKey(ctx context.Context, a *calbell.Account) error {
	stored, err := s.store.Accounts().All(ctx) // including accounts that are not in force
	if err != nil {
		return err
	}
	all := slices.Concat(stored, s.config.Accounts().All())
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
