package bolt

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

func accounts() shelf[calbell.Account, record.Account] {
	return shelf[calbell.Account, record.Account]{
		bAccounts,
		func(a *calbell.Account) string { return a.Key() },
		func(a calbell.Account) record.Account {
			return record.Account{Account: a, Password: a.Password.Reveal(), Token: a.Token.Reveal(), ClientKeyPEM: a.ClientKeyPEM.Reveal()}
		},
		func(r record.Account) calbell.Account {
			r.Account.Password, r.Account.Token, r.Account.ClientKeyPEM = calbell.Secret(r.Password), calbell.Secret(r.Token), calbell.Secret(r.ClientKeyPEM)
			r.Account.Origin = calbell.OriginStored
			return r.Account
		},
	}
}

func rules() shelf[calbell.StoredRule, calbell.StoredRule] {
	return plain(bRules, func(r *calbell.StoredRule) string { return string(r.ID) })
}

func settings() shelf[record.CalendarSettings, record.CalendarSettings] {
	return plain(bSettings, func(r *record.CalendarSettings) string { return string(r.ID) })
}

// StoredAccounts implements store.Settings.
func (s *Store) StoredAccounts(ctx context.Context) (as []calbell.Account, err error) {
	err = s.view(ctx, func(t *tx) error {
		as = accounts().all(t)
		return nil
	})
	slices.SortFunc(as, func(a, b calbell.Account) int { return cmp.Compare(a.Key(), b.Key()) })
	return as, err
}

// PutAccount implements store.Settings.
func (s *Store) PutAccount(ctx context.Context, a calbell.Account) error {
	if a.Name == "" {
		return &calbell.Error{Kind: calbell.KindUsage, What: "store account: it has no name"}
	}
	return s.update(ctx, failpoint.Settings, func(t *tx) error { return accounts().put(t, a) })
}

// RemoveAccount implements store.Settings.
func (s *Store) RemoveAccount(ctx context.Context, key string) error {
	return s.update(ctx, failpoint.Settings, func(t *tx) error {
		was, err := accounts().remove(t, key)
		if err == nil && !was {
			err = notFound("stored account %q", key)
		}
		return err
	})
}

// StoredRules implements store.Settings.
func (s *Store) StoredRules(ctx context.Context) (rs []calbell.StoredRule, err error) {
	err = s.view(ctx, func(t *tx) error {
		rs = rules().all(t)
		return nil
	})
	slices.SortFunc(rs, func(a, b calbell.StoredRule) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return rs, err
}

// ChangeRules implements store.Settings.
func (s *Store) ChangeRules(ctx context.Context, put []calbell.StoredRule, remove []calbell.RuleID) error {
	for i := range put {
		if put[i].ID == "" {
			return &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("store rule %q: it has no ID", put[i].Name)}
		}
	}
	return s.update(ctx, failpoint.Settings, func(t *tx) error {
		for _, id := range remove {
			if _, err := rules().remove(t, string(id)); err != nil {
				return err
			}
		}
		for _, r := range put {
			if err := rules().put(t, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// StoredCalendars implements store.Settings.
func (s *Store) StoredCalendars(ctx context.Context) (map[calbell.CalendarID]calbell.CalendarSettings, error) {
	all := make(map[calbell.CalendarID]calbell.CalendarSettings)
	err := s.view(ctx, func(t *tx) error {
		for _, r := range settings().all(t) {
			all[r.ID] = r.CalendarSettings
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// SetCalendar implements store.Settings.
func (s *Store) SetCalendar(ctx context.Context, id calbell.CalendarID, set *calbell.CalendarSettings) error {
	return s.update(ctx, failpoint.Settings, func(t *tx) error {
		if set != nil {
			return settings().put(t, record.CalendarSettings{ID: id, CalendarSettings: *set})
		}
		_, err := settings().remove(t, string(id))
		return err
	})
}
