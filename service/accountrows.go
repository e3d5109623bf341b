package service

import (
	"context"
	"maps"
	"net/url"
	"slices"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
)

// accountRow returns an account as the caller may see it, with the state of its syncs.
func (s *Accounts) accountRow(who calbell.Caller, a calbell.Account, calendars []calbell.Calendar) types.AccountRow {
	r := types.AccountRow{Account: a, Editable: authz.CanEdit(who, a.Owner, a.Origin)}
	if a.Username == "" && a.Token == "" {
		r.URL = shownURL(a.URL)
	}
	if r.Editable {
		r.ETag = s.accountTag(a)
	}
	r.ID = a.Key()
	own := calendarsOf(calendars, r.ID)
	for _, c := range own {
		r.Found = append(r.Found, c.Name)
	}
	r.Sync = s.syncs.Health(r.ID, own)
	return r
}

// countReminders counts the reminders that are attached in each of some accounts.
func (s *Accounts) countReminders(ctx context.Context, accounts []calbell.Account) (map[string]int, error) {
	bindings, err := s.store.BindingsOf(ctx, authz.KeysOf(accounts)...)
	return countAttached(bindings), err
}

func countAttached(bindings []calbell.Binding) map[string]int {
	counts := map[string]int{}
	for _, b := range bindings {
		if !b.Removed && !b.Mute {
			counts[b.Account]++
		}
	}
	return counts
}

// orphans appends to lines the accounts that are no longer in force and have attached
// reminders, and the missing webhooks that attached reminders refer to.
func (s *Accounts) orphans(ctx context.Context, lines []calbell.Text) ([]calbell.Text, error) {
	bindings, err := s.store.AllBindings(ctx)
	attached := countAttached(bindings)
	for _, account := range slices.Sorted(maps.Keys(attached)) {
		if _, known := s.ownerOf(account); !known {
			lines = append(lines, calbell.T("service:reminders-attached-account-which", "reminders attached in account %q, which is no longer in the configuration file: %d", account, attached[account]))
		}
	}
	astray := s.config.Policy().Astray(bindings)
	for _, id := range slices.Sorted(maps.Keys(astray)) {
		lines = append(lines, calbell.T("service:attached-reminders-go-webhook", "attached reminders that go to webhook %q, which does not exist, or is not shared: %d", id, astray[id]))
	}
	return lines, err
}

// calendarsOf returns the calendars that belong to an account.
func calendarsOf(calendars []calbell.Calendar, account string) (own []calbell.Calendar) {
	for _, c := range calendars {
		if c.Account == account {
			own = append(own, c)
		}
	}
	return own
}

// accountStates returns the sync states of the accounts that the caller may see, including
// accounts without known calendars.
func (s *Accounts) accountStates(who calbell.Caller, seen []types.CalendarRow) []calbell.AccountState {
	by := map[string][]calbell.Calendar{}
	for _, c := range seen {
		by[c.Account] = append(by[c.Account], c.Calendar)
	}
	states := []calbell.AccountState{}
	for _, a := range s.accountsOf(who) {
		key := a.Key()
		states = append(states, calbell.AccountState{Account: key, Name: a.Name, AccountHealth: s.syncs.Health(key, by[key])})
	}
	return states
}

// shownURL masks a URL that grants access to whoever has it.
func shownURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/…"
}

func (s *Accounts) accountTag(a calbell.Account) string {
	return s.etag(a, a.Password, a.Token, a.ClientKeyPEM)
}
