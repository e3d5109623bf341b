package notices

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/store"
)

// trouble identifies something that has begun and may end.
type trouble struct {
	kind    calbell.NoticeKind
	subject string
}

// troubles compares current troubles with reported ones. A trouble counts as reported only when
// its notice is in the queue: a store that refuses a write must not lose the news.
type troubles struct {
	begun map[trouble]time.Time // reported troubles, and since when
	news  []calbell.Notice
}

// is adds a trouble to the news, unless it was reported.
func (t *troubles) is(n calbell.Notice) {
	key := trouble{n.Kind, n.Subject}
	if since, told := t.begun[key]; !told || !since.Equal(n.Since) {
		t.begun[key] = n.Since
		t.news = append(t.news, n)
	}
}

// over reports the end of a trouble, with a notice of a kind.
func (t *troubles) over(key trouble, kind calbell.NoticeKind) {
	t.news = append(t.news, calbell.Notice{Kind: kind, Subject: key.subject, Since: t.begun[key]})
	delete(t.begun, key)
}

// told reports whether a trouble was reported.
func (t *troubles) told(kind calbell.NoticeKind, subject string) bool {
	_, told := t.begun[trouble{kind, subject}]
	return told
}

// of returns the reported troubles of a kind.
func (t *troubles) of(kind calbell.NoticeKind) (keys []trouble) {
	for key := range t.begun {
		if key.kind == kind {
			keys = append(keys, key)
		}
	}
	return keys
}

// suspended reports webhooks that began to refuse, and those that work again. It does not
// report the error webhook to itself, nor the end of a removed one.
func (h *Notifier) suspended(ctx context.Context, t *troubles, states map[calbell.WebhookID]calbell.WebhookState, to calbell.WebhookID) error {
	for id, s := range states {
		if !s.SuspendedAt.IsZero() && id != to {
			since := s.RefusedSince
			if since.IsZero() { // suspended by an earlier version
				since = s.SuspendedAt
			}
			t.is(calbell.Notice{Kind: calbell.NoticeSuspended, Subject: string(id), Reason: s.Reason, Hint: s.Hint, Since: since.UTC()})
		}
	}
	for _, key := range t.of(calbell.NoticeSuspended) {
		id := calbell.WebhookID(key.subject)
		if !states[id].SuspendedAt.IsZero() {
			continue
		}
		switch _, err := h.store.Webhooks().Get(ctx, id); {
		case calbell.IsNotFound(err) || err == nil && id == to:
			delete(t.begun, key)
		case err != nil:
			return err
		case states[id].Last.Verdict == calbell.Accepted: // a changed definition also lifts a suspension
			t.over(key, calbell.NoticeRestored)
		}
	}
	return nil
}

// failingAccount summarises the calendars of an account.
type failingAccount struct {
	calendars map[string]calbell.Calendar // by name; of equal names the one that has failed longer
	bad       []calbell.Calendar          // those that fail
	whole     bool                        // it fails as a whole, with:
	reason    calbell.Text
	hint      calbell.Text
	since     time.Time
	good      time.Time // when one of its calendars was last synced
}

// accountsOf returns the accounts with the state of their calendars. An account fails as a whole when its
// own sync says so, or when all its calendars fail for one reason, as known right after a
// start.
func accountsOf(calendars []calbell.Calendar, failing []calbell.AccountFailure) map[string]*failingAccount {
	all := map[string]*failingAccount{}
	get := func(name string) *failingAccount {
		if all[name] == nil {
			all[name] = &failingAccount{calendars: map[string]calbell.Calendar{}}
		}
		return all[name]
	}
	for _, c := range calendars {
		a := get(c.Account)
		if old, twice := a.calendars[c.Name]; !twice || old.FailingSince.IsZero() || !c.FailingSince.IsZero() && c.FailingSince.Before(old.FailingSince) {
			a.calendars[c.Name] = c
		}
	}
	for _, a := range all {
		a.gather()
	}
	for _, f := range failing {
		a := get(f.Account)
		if !a.whole || f.Since.Before(a.since) { // the failure may have begun before a restart
			a.since = f.Since
		}
		a.whole, a.reason, a.hint = true, calbell.TextOfError(f.Err), calbell.HintOf(f.Err)
	}
	return all
}

// gather finds the failing calendars. When all fail for one reason, the account fails as a
// whole since the last one began to fail.
func (a *failingAccount) gather() {
	reasons := map[string]bool{}
	for name, c := range a.calendars {
		if c.SyncedAt.After(a.good) {
			a.good = c.SyncedAt
		}
		if c.FailingSince.IsZero() {
			continue
		}
		a.bad = append(a.bad, c)
		reasons[strings.ReplaceAll(c.LastError.English, strconv.Quote(name), "")] = true
		if c.FailingSince.After(a.since) {
			a.since = c.FailingSince
		}
		a.reason = c.LastError
	}
	one := len(a.bad) == 1 && a.reason != calbell.OverdueReason // it may be only the calendar
	a.whole = len(a.bad) == len(a.calendars) && len(reasons) == 1 && !one
}

// failing reports the accounts and calendars that have failed for long, and those that work
// again. An account that fails as a whole is reported once, until only calendars fail that were
// reported by themselves.
func (t *troubles) failing(accounts map[string]*failingAccount, now time.Time) {
	for name, a := range accounts {
		switch {
		case a.whole && t.goesOn(name, a.good):
		case a.whole && now.Sub(a.since) >= failingFor:
			t.is(calbell.Notice{Kind: calbell.NoticeFailing, Subject: name, Reason: a.reason, Hint: a.hint, Since: a.since.UTC()})
		case !a.whole && !t.told(calbell.NoticeFailing, name):
			for _, c := range a.bad {
				if subject := name + "/" + c.Name; now.Sub(c.FailingSince) >= failingFor && !t.goesOn(subject, c.SyncedAt) {
					t.is(calbell.Notice{Kind: calbell.NoticeFailing, Subject: subject, Reason: c.LastError, Since: c.FailingSince.UTC()})
				}
			}
		}
	}
	for _, key := range t.of(calbell.NoticeFailing) {
		t.recovered(key, accounts)
	}
}

// goesOn reports whether a reported failure continues: there was no sync since. A calendar that
// was overdue first, and is refused then, is reported once.
func (t *troubles) goesOn(subject string, synced time.Time) bool {
	since, told := t.begun[trouble{calbell.NoticeFailing, subject}]
	return told && !synced.After(since)
}

// recovered reports when a reported account or calendar works again. It ignores removed ones,
// and calendars whose account still fails: nothing is known about those.
func (t *troubles) recovered(key trouble, accounts map[string]*failingAccount) {
	if a := accounts[key.subject]; a != nil {
		if !a.whole && !t.hidden(key.subject, a.bad) {
			t.over(key, calbell.NoticeRecovered)
		}
		return
	}
	for name, a := range accounts {
		calendar, its := strings.CutPrefix(key.subject, name+"/")
		c, exists := a.calendars[calendar]
		switch {
		case !its || !exists:
			continue
		case !a.whole && c.FailingSince.IsZero():
			t.over(key, calbell.NoticeRecovered)
		}
		return
	}
	delete(t.begun, key)
}

// hidden reports whether a calendar fails that was reported only through its account.
func (t *troubles) hidden(account string, bad []calbell.Calendar) bool {
	for _, c := range bad {
		if !t.told(calbell.NoticeFailing, account+"/"+c.Name) {
			return true
		}
	}
	return false
}

// needsHelp reports names in lists of calendars that match none, and calendars that are gone at
// their server. It reports when a name matches again; other ends are known to the person who
// caused them.
func (t *troubles) needsHelp(names []calbell.ListedName, calendars []calbell.Calendar) {
	wrong, used := map[string]bool{}, map[string]bool{}
	for _, c := range calendars {
		if !c.Silent() {
			used[c.Account+"/"+c.Listed] = c.Listed != "" && !c.Unlisted
			continue
		}
		subject := c.Account + "/" + c.Name + " " + string(c.ID)
		wrong[subject] = true
		t.is(calbell.Notice{
			Kind: calbell.NoticeTrouble, Subject: subject, Since: c.Gone.SilentAt, Hint: c.Gone.Hint,
			Reason: calbell.T("notices:calendar-silent", "calendar %q is silent: %s", c.Account+"/"+c.Name, c.Gone.Reason),
		})
	}
	for _, n := range names {
		if n.Trouble.IsZero() {
			continue
		}
		subject := n.Account + "/" + n.Name
		wrong[subject] = true
		t.is(calbell.Notice{
			Kind: calbell.NoticeTrouble, Subject: subject, Since: n.Since, Hint: n.Hint,
			Reason: calbell.T("notices:listed-calendar", "listed calendar %q: %s", subject, n.Trouble),
		})
	}
	for _, key := range t.of(calbell.NoticeTrouble) {
		switch {
		case wrong[key.subject]:
		case used[key.subject]:
			t.over(key, calbell.NoticeRecovered)
		default:
			delete(t.begun, key)
		}
	}
}

// compare returns the news about webhooks, accounts and calendars.
func (h *Notifier) compare(ctx context.Context, states map[calbell.WebhookID]calbell.WebhookState, to calbell.WebhookID, now time.Time) (*troubles, error) {
	calendars, err := h.store.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	names, err := store.AllListedNames(ctx, h.store.ListedNames())
	if err != nil {
		return nil, err
	}
	t := &troubles{begun: maps.Clone(h.begun)}
	t.needsHelp(names, calendars)
	calendars = slices.DeleteFunc(calendars, calbell.Calendar.Silent)
	t.failing(accountsOf(asFailing(calendars, h.o.Overdue), h.o.Failing()), now)
	return t, h.suspended(ctx, t, states, to)
}

// asFailing marks overdue calendars as failing since their last sync, for the news.
func asFailing(calendars []calbell.Calendar, overdue func(calbell.Calendar) time.Time) []calbell.Calendar {
	for i, c := range calendars {
		if due := overdue(c); c.FailingSince.IsZero() && !due.IsZero() {
			calendars[i].FailingSince, calendars[i].LastError = c.SyncedAt, calbell.OverdueReason
			if c.SyncedAt.IsZero() {
				calendars[i].FailingSince = due
			}
		}
	}
	return calendars
}
