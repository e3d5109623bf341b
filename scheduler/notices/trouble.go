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

// trouble is something that has begun and may end.
type trouble struct {
	kind    calbell.NoticeKind
	subject string
}

// troubles compares what is wrong with what was told to be. What it finds counts as told when
// its notices are in the queue, and not before: a store that refuses a write must not swallow
// the news.
type troubles struct {
	begun map[trouble]time.Time // what was told to have begun, and since when
	news  []calbell.Notice
}

// is notes that something is wrong: news, unless it was told.
func (t *troubles) is(n calbell.Notice) {
	key := trouble{n.Kind, n.Subject}
	if since, told := t.begun[key]; !told || !since.Equal(n.Since) {
		t.begun[key] = n.Since
		t.news = append(t.news, n)
	}
}

// over tells that something works again, as a notice of that kind.
func (t *troubles) over(key trouble, kind calbell.NoticeKind) {
	t.news = append(t.news, calbell.Notice{Kind: kind, Subject: key.subject, Since: t.begun[key]})
	delete(t.begun, key)
}

// told reports whether something was told to be wrong.
func (t *troubles) told(kind calbell.NoticeKind, subject string) bool {
	_, told := t.begun[trouble{kind, subject}]
	return told
}

// of returns the troubles of a kind that were told.
func (t *troubles) of(kind calbell.NoticeKind) (keys []trouble) {
	for key := range t.begun {
		if key.kind == kind {
			keys = append(keys, key)
		}
	}
	return keys
}

// suspended notes the webhooks that began to refuse, and those that work again. The error
// webhook is not told of itself, and nobody of the end of one that was removed.
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
		case states[id].Last.Verdict == calbell.Accepted: // a changed definition lifts a suspension, too
			t.over(key, calbell.NoticeRestored)
		}
	}
	return nil
}

// failingAccount is what is known of an account's calendars.
type failingAccount struct {
	calendars map[string]calbell.Calendar // by name; of two of one name the one that has failed longer
	bad       []calbell.Calendar          // those that fail
	whole     bool                        // it fails as one, and so:
	reason    calbell.Text
	hint      calbell.Text
	since     time.Time
	good      time.Time // when one of its calendars was last synced
}

// accountsOf sorts out which accounts fail as a whole: those that say so, and those all of whose
// calendars fail for one reason, as is known right after a start.
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
		if !a.whole || f.Since.Before(a.since) { // it may have begun before a restart
			a.since = f.Since
		}
		a.whole, a.reason, a.hint = true, calbell.TextOfError(f.Err), calbell.HintOf(f.Err)
	}
	return all
}

// gather finds the calendars that fail, and whether all do for one reason: since the last
// one does.
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
	one := len(a.bad) == 1 && a.reason != calbell.OverdueReason // it may be the calendar alone
	a.whole = len(a.bad) == len(a.calendars) && len(reasons) == 1 && !one
}

// failing notes the accounts and calendars that have failed for long, and those that work
// again. An account that fails as a whole is told of as one, until none of its calendars fails
// but those that were told of by themselves.
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

// goesOn reports whether it was told that something fails, and it was not synced since: one that was
// overdue first, and is refused then, is told of once.
func (t *troubles) goesOn(subject string, synced time.Time) bool {
	since, told := t.begun[trouble{calbell.NoticeFailing, subject}]
	return told && !synced.After(since)
}

// recovered notes when an account or calendar that was told of works again. Of one that is gone
// nobody is told; and while its account fails, nothing is known of a calendar.
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

// hidden reports whether a calendar fails that was told of with its account only.
func (t *troubles) hidden(account string, bad []calbell.Calendar) bool {
	for _, c := range bad {
		if !t.told(calbell.NoticeFailing, account+"/"+c.Name) {
			return true
		}
	}
	return false
}

// needsHelp notes the names in lists of calendars that stand for none, and the calendars that are
// gone at their server. That a name stands for one again is news; of another end whoever made it
// knows.
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
			Reason: calbell.English("calendar %q is silent: %s", c.Account+"/"+c.Name, c.Gone.Reason),
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
			Reason: calbell.English("listed calendar %q: %s", subject, n.Trouble),
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

// compare returns what is new about webhooks, accounts and calendars.
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

// asFailing has calendars that are overdue fail, for the news: since they were last synced.
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
