package syncer

import (
	"slices"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// Forget resets the state of the named accounts (back-off, discovery), or of all, because the
// configuration changed. Running syncs continue, and the start of a failure is kept.
func (s *states) Forget(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	policy := s.policy()
	s.rename(policy)
	if len(names) == 0 {
		s.orphans, s.astray = nil, nil // logged again after a reload
	}
	for name, a := range s.accounts {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		fresh := newAccountState()
		fresh.busy, fresh.since, fresh.failure, fresh.good = a.busy, a.since, a.failure, a.good
		now, known := policy.Account(name)
		if !known {
			fresh.since, fresh.failure, fresh.good = time.Time{}, nil, time.Time{}
		}
		if known && sameSignIn(a.account, now) {
			fresh.met = a.met
		}
		if known && a.account.URL == now.URL {
			fresh.reach, fresh.unanswered, fresh.hosts = a.reach, a.unanswered, a.hosts
		}
		if known && a.refused != nil && sameSignIn(a.account, now) { // reloads must not bypass the wait
			fresh.rest, fresh.refused, fresh.account = a.rest, a.refused, now
		}
		s.accounts[name] = fresh
	}
}

// sameSignIn reports whether two accounts sign in alike.
func sameSignIn(a, b calbell.Account) bool {
	return a.URL == b.URL && a.Username == b.Username && a.Password == b.Password && a.Token == b.Token &&
		a.ClientCertificate == b.ClientCertificate && a.ClientKey == b.ClientKey &&
		a.ClientCertificatePEM == b.ClientCertificatePEM && a.ClientKeyPEM == b.ClientKeyPEM
}

// rename moves the failures and back-off of a removed account to the new account with the same
// login. The caller holds mu.
func (s *states) rename(policy *plan.Policy) {
	gone, fresh := map[calbell.Login][]string{}, map[calbell.Login][]string{}
	for name, a := range s.accounts {
		if _, known := policy.Account(name); !known {
			gone[a.account.Login()] = append(gone[a.account.Login()], name)
		}
	}
	for name, a := range policy.Accounts() {
		if s.accounts[name] == nil && a.Origin != calbell.OriginStored {
			fresh[a.Login()] = append(fresh[a.Login()], name)
		}
	}
	for login, names := range gone {
		if len(names) != 1 || len(fresh[login]) != 1 {
			continue
		}
		was, is := s.accounts[names[0]], newAccountState()
		is.account, is.since, is.failure, is.good, is.met = was.account, was.since, was.failure, was.good, was.met
		is.reach, is.unanswered, is.hosts, is.rest, is.refused = was.reach, was.unanswered, was.hosts, was.rest, was.refused
		s.accounts[fresh[login][0]] = is
	}
}
