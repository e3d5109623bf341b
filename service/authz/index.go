package authz

import (
	"calbell"
)

// AccountIndex is the accounts in force, found by key and by owner without a look at the others. It is
// immutable; nil has none.
type AccountIndex struct {
	all   []calbell.Account
	byKey map[string]int
	owned map[string][]int // by slug; "" is the admins'
}

// NewAccountIndex returns the index of some accounts. It keeps the list, which must not be changed.
func NewAccountIndex(accounts []calbell.Account) *AccountIndex {
	x := &AccountIndex{all: accounts, byKey: make(map[string]int, len(accounts)), owned: make(map[string][]int)}
	for i, a := range accounts {
		owner := calbell.Slug(a.Owner)
		x.byKey[a.Key()] = i
		x.owned[owner] = append(x.owned[owner], i)
	}
	return x
}

// All returns all accounts, in the order in which they were given. It must not be changed.
func (x *AccountIndex) All() []calbell.Account {
	if x == nil {
		return nil
	}
	return x.all
}

// Get returns the account of a key, and whether there is one.
func (x *AccountIndex) Get(key string) (calbell.Account, bool) {
	if x == nil {
		return calbell.Account{}, false
	}
	i, ok := x.byKey[key]
	if !ok {
		return calbell.Account{}, false
	}
	return x.all[i], true
}

// Of returns the accounts of an owner, named by any spelling; "" is the admins'. The list is the
// caller's own.
func (x *AccountIndex) Of(owner string) (accounts []calbell.Account) {
	if x == nil {
		return nil
	}
	for _, i := range x.owned[calbell.Slug(owner)] {
		accounts = append(accounts, x.all[i])
	}
	return accounts
}

// CanAccess reports whether the caller may see and change what is stored of an account, by its key.
// What is stored of an account that is gone belongs to nobody.
func (x *AccountIndex) CanAccess(who calbell.Caller, account string) bool {
	a, ok := x.Get(account)
	return who.Local || ok && CanAccess(who, a.Owner)
}
