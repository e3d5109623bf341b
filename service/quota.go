package service

import (
	"context"
	"encoding/json"

	"calbell"
	"calbell/service/authz"
	"calbell/store"
)

// storage is what a user stores, in bytes of JSON, and the cost of the regular expressions
// in their rules.
type storage struct {
	webhooks, rules, accounts int // accounts with the settings of their calendars
	steps                     int
}

func (k storage) bytes() int { return k.webhooks + k.rules + k.accounts }

// except names the things that a change replaces, which are not counted.
type except struct {
	webhook  calbell.WebhookID
	rule     calbell.RuleID
	account  string
	calendar calbell.CalendarID
}

// storageOf returns what an owner stores. Webhooks and rules of others are read but not
// counted.
func (s *core) storageOf(ctx context.Context, owner string, skip except) (k storage, err error) {
	webhooks, err := s.store.Webhooks().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return k, err
	}
	for _, w := range webhooks {
		if w.Origin == calbell.OriginStored && w.ID != skip.webhook {
			k.webhooks += webhookSize(w)
		}
	}
	rules, err := s.store.Rules().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return k, err
	}
	for _, r := range rules {
		if r.ID != skip.rule {
			k.rules, k.steps = k.rules+jsonSize(r), k.steps+stepsOf(r.Rule)
		}
	}
	own := s.config.Accounts().Of(owner)
	for _, a := range own {
		if a.Origin == calbell.OriginStored && a.Key() != skip.account {
			k.accounts += accountSize(a)
		}
	}
	return k, s.addSettings(ctx, &k, authz.KeysOf(own), skip.calendar)
}

// addSettings counts what is set for the calendars of some accounts.
func (s *core) addSettings(ctx context.Context, k *storage, accounts []string, skip calbell.CalendarID) error {
	calendars, err := s.store.CalendarsOf(ctx, accounts...)
	if err != nil {
		return err
	}
	var ids []calbell.CalendarID
	for _, c := range calendars {
		if c.ID != skip {
			ids = append(ids, c.ID)
		}
	}
	settings, err := s.store.CalendarSettings().Some(ctx, ids...)
	for _, set := range settings {
		k.accounts += jsonSize(set.CalendarSettings)
	}
	return err
}

// jsonSize returns the size of a value as JSON, in bytes.
func jsonSize(v any) int {
	text, err := json.Marshal(v)
	if err != nil { // impossible for these types; a size of 0 would hide a mistake
		panic(err)
	}
	return len(text)
}

// webhookSize and accountSize include the secrets, which are not part of the JSON.
func webhookSize(w calbell.Webhook) int { return jsonSize(w) + len(w.URL.Reveal()) }

func accountSize(a calbell.Account) int {
	return jsonSize(a) + len(a.Password.Reveal()) + len(a.Token.Reveal()) + len(a.ClientKeyPEM.Reveal())
}

// stepsOf returns the cost of the regular expressions of a rule.
func stepsOf(r calbell.Rule) (steps int) {
	for _, text := range []string{r.Subject, r.Location, r.Category, r.Organizer} {
		if m, err := calbell.NewMatcher(text); err == nil {
			steps += m.Steps()
		}
	}
	return steps
}

// change is a stored thing and the old one that it replaces.
type change struct {
	owner string
	skip  except
	now   storage // of the new one alone
	was   storage // of the old one alone; zero: there is none, or it belonged to another owner
}

// checkQuota rejects a change by which its owner would store more than the limits allow. A
// change that reduces the total is always accepted, also above the limit. Things of the
// admins are not limited.
func (s *core) checkQuota(ctx context.Context, c change) error {
	if c.owner == "" {
		return nil
	}
	k, err := s.storageOf(ctx, c.owner, c.skip)
	if err != nil {
		return err
	}
	k.webhooks, k.rules, k.accounts, k.steps = k.webhooks+c.now.webhooks, k.rules+c.now.rules, k.accounts+c.now.accounts, k.steps+c.now.steps
	switch {
	case k.bytes() > calbell.MaxOwnBytes && c.now.bytes() > c.was.bytes():
		return &calbell.Error{
			Kind: calbell.KindUsage,
			What: calbell.T("service:would-store-kb-one", "with this, %q would store %d kB, and one user may store %d kB", c.owner, k.bytes()>>10, calbell.MaxOwnBytes>>10),
			Hint: calbell.T("service:remove-or-shorten-something", "remove or shorten something first: webhooks have %d kB, rules %d kB, accounts and calendars %d kB", k.webhooks>>10, k.rules>>10, k.accounts>>10),
		}
	case k.steps > calbell.MaxOwnPatternSteps && c.now.steps > c.was.steps:
		return &calbell.Error{
			Kind: calbell.KindUsage,
			What: calbell.T("service:regular-expressions-all-rules", "the regular expressions of all rules of %q would come to %d steps, and %d are possible", c.owner, k.steps, calbell.MaxOwnPatternSteps),
			Hint: calbell.T("service:use-fewer-repetitions-or", "use fewer repetitions, or look for plain texts"),
		}
	}
	return nil
}
