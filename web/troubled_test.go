//go:build !race

package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
	"calbell/web/i18n"
)

// troubled is a house of people who have everything, and everything is wrong with it.
func troubled(t *testing.T, words i18n.Catalogue, locale string) *house {
	t.Helper()
	h := inhabit(t)
	h.Program.Locale, h.Program.Say = locale, func(locale string, text calbell.Text) string { return words.In(locale).Say(text, nil) }
	h.Program.Troubles = []calbell.Text{calbell.Chain(calbell.T("daemon:database", "the database"), calbell.T("daemon:cannot-written", "it cannot be written: %s", calbell.T("system.disk-full", "no space left on device")))}
	h.troubledCalendars()
	h.troubledWebhooks()
	h.everyDelivery()
	ctx, bob := t.Context(), h.callers["Bob"]
	until := time.Now().Add(3 * time.Hour)
	for _, p := range []types.PauseRequest{{Until: until}, {Webhook: "bob.mine", Until: until}, {Calendar: string(h.calendar.ID), Until: until}} {
		who := bob
		if p.Webhook+p.Calendar == "" {
			who = h.callers["Anna"]
		}
		_, err := h.Pauses.Set(ctx, who, "", p)
		h.OK(err)
	}
	h.Program.Found = types.Discovered{
		Error: calbell.T("caldav:answers-web-page-instead", "%s answers with a web page instead of calendar data (a sign-in page, or the wrong address)", "cal.example.org"),
		Hint:  calbell.T("provider:posteo", "Posteo takes the mail address and its password."),
		Probes: []types.Probe{
			{Method: "PROPFIND", URL: "https://cal.example.org/", Status: 401, Answer: calbell.T("caldav:sign-refused-401", "sign-in refused (401) by %s as %q", "cal.example.org", "xq")},
			{Method: "GET", URL: "https://cal.example.org/", OK: true, Answer: calbell.T("caldav:signed", "signed in as %s", "xq")},
		},
	}
	return h
}

// troubledCalendars are of every state that a calendar can be in.
func (h *house) troubledCalendars() {
	h.t.Helper()
	now := time.Now()
	ago := now.Add(-2 * time.Hour)
	refused := calbell.Chain(calbell.T("plan:account", "account %q", "xq"), calbell.Chain(calbell.T("caldav:sign-refused-401", "sign-in refused (401) by %s as %q", "cal.example.org", "xq"), calbell.T("transport:answered", "%s was answered %s", "PROPFIND", "401 Unauthorized")))
	for name, change := range map[string]func(*calbell.Calendar){
		"Qx1": func(c *calbell.Calendar) { c.FailingSince, c.LastError = ago, refused },
		"Qx2": func(c *calbell.Calendar) { c.Brake = calbell.Brake{Absent: 4, Known: 5, Since: ago, Seen: 2} },
		"Qx3": func(c *calbell.Calendar) { c.Unlisted = true },
		"Qx4": func(c *calbell.Calendar) {
			c.Unlisted, c.Gone = true, calbell.Gone{Since: ago, Seen: 4, SilentAt: ago, Reason: calbell.T("syncer:calendar-gone-server", "the calendar is gone at the server"), Hint: calbell.T("syncer:if-stay-away-calbell", "if it is to stay away: calbell calendar apply %s; if it comes back, it reminds again", "xq")}
		},
		"Qx5": func(c *calbell.Calendar) { c.ReadOnly, c.Ownership = true, calbell.OwnershipOther },
		"Qx6": func(c *calbell.Calendar) { c.SyncedAt = time.Time{} },
	} {
		c := h.Calendar("bob.work", name)
		c.SyncedAt = ago
		h.Event(c, "Zw "+name, now.Add(30*time.Hour), "FREQ=WEEKLY")
		change(&c)
		h.calendars = append(h.calendars, c)
		h.OK(h.Store.Apply(h.t.Context(), store.Change{Calendar: c}, now))
	}
	c := h.Calendar("bob.work", "Qx7")
	broken := servicetest.Object(c, "Zw broken", now.Add(20*time.Hour), "FREQ=NEVER")
	h.Put(c, broken)
	odd := servicetest.Object(c, "Zw odd", now.Add(20*time.Hour), "")
	odd.Raw = []byte(strings.Replace(string(odd.Raw), "DTSTART:", "DTSTART;TZID=Mars/Base:", 1))
	h.Put(c, odd)
	lines := servicetest.Object(c, "Zw lines", now.Add(20*time.Hour), "")
	lines.Raw = []byte(strings.Replace(string(lines.Raw), "DURATION:PT45M", "DURATION:PT45M\r\nDESCRIPTION:#remind nowhere 10m\\n#remind mine soon", 1))
	h.Put(c, lines)
	h.calendars = append(h.calendars, c)
}

// troubledWebhooks are of every state that a webhook can be in.
func (h *house) troubledWebhooks() {
	h.t.Helper()
	now := time.Now()
	reason := calbell.T("webhook:answered-page-titled", "answered %s with the web page %q", "404 Not Found", "xq")
	hint := calbell.T("dialect:webhook-does-not-exist", "the webhook does not exist (any more): make a new one in the chat and change its URL")
	failed := calbell.WebhookTry{At: now, Verdict: calbell.HookRefused, Status: 404}
	for name, state := range map[string]calbell.WebhookState{
		"qw1": {SuspendedAt: now, RefusedSince: now, Reason: reason, Hint: hint, Last: failed},
		"qw2": {RefusedAt: now, RefusedSince: now, Reason: reason, Hint: hint, Last: failed},
		"qw3": {OutageSince: now, OutageSeen: now, Reason: reason, Last: failed},
		"qw4": {LostSince: now, Reason: reason},
		"qw5": {PausedUntil: now.Add(time.Hour)},
		"qw6": {Last: failed},
		"qw7": {Last: calbell.WebhookTry{At: now, Verdict: calbell.Accepted, Status: 200}},
		"qw8": {Last: calbell.WebhookTry{At: now, Verdict: calbell.Unknown}},
	} {
		id := h.Webhook("Bob", name, true)
		h.OK(h.Store.WebhookStates().Put(h.t.Context(), store.WebhookState{ID: id, WebhookState: state}))
	}
}

// everyDelivery stores reminders and messages of Calbell's own in every state, with what was answered.
func (h *house) everyDelivery() {
	h.t.Helper()
	ctx, now := h.t.Context(), time.Now()
	h.OK(store.SetCalendar(ctx, h.Store, h.calendar.ID, &calbell.CalendarSettings{Name: "bob.work/Private", Webhook: "bob.mine"}))
	h.OK(h.Program.AccountsChanged(ctx))
	answered := calbell.T("webhook:answered-words", "answered %s: %s", "404 Not Found", "xq")
	try := calbell.Try{Verdict: calbell.HookRefused, Status: 404, Error: answered, Answer: "xq", RetryAfter: time.Minute, Hint: calbell.T("dialect:webhook-does-not-exist", "the webhook does not exist (any more): make a new one in the chat and change its URL")}
	var outcomes []calbell.Outcome
	begin := func(title string) calbell.ReminderID {
		h.Event(h.calendar, title, now.Add(10*time.Minute-time.Second), "")
		claims, err := h.Store.Claim(ctx, store.ClaimRequest{Worker: "test", Lease: time.Minute, Now: now, Limit: 100})
		h.OK(err)
		if len(claims) == 0 {
			h.t.Fatalf("%s is not due", title)
		}
		return claims[0].ID
	}
	for i, v := range []calbell.Verdict{calbell.NotSent, calbell.Unknown, calbell.Unrecognised, calbell.Outage, calbell.RefusedForNow, calbell.MessageRefused, calbell.HookRefused} {
		bare := calbell.Try{At: now, Verdict: v}
		outcomes = append(outcomes, calbell.Outcome{ID: begin(fmt.Sprint("Zv", i)), Status: calbell.StatusWaiting, NextAt: now.Add(time.Hour), Try: &bare})
	}
	try.At = now
	dead := calbell.T("dispatch:given-up-once", "given up after 1 try: %s", answered)
	for status, reason := range map[calbell.Status]calbell.Text{
		calbell.StatusWaiting: {}, calbell.StatusHeld: {}, calbell.StatusSent: {}, calbell.StatusDead: dead,
		calbell.StatusMissed:  calbell.T("dispatch:paused-until", "paused until %s", now.Format(time.RFC3339)),
		calbell.StatusDropped: calbell.T("dispatch:answer-lost-webhook-drops", "the answer was lost, and the webhook drops what may have arrived"),
	} {
		o := calbell.Outcome{ID: begin("Zs " + string(status)), Status: status, Reason: reason, Try: &try, PossibleRepeat: true}
		if !status.Final() {
			o.NextAt, o.HeldUntil = now.Add(time.Hour), now.Add(time.Hour)
		}
		outcomes = append(outcomes, o)
	}
	h.OK(h.Store.Finish(ctx, "test", outcomes, nil, now))
	h.Event(h.calendar, "Zs gone", now.Add(time.Hour), "")
	h.OK(h.Store.Apply(ctx, store.Change{Calendar: h.calendar, Delete: []calbell.Href{"/zs-gone.ics"}}, now))
	begin("Zs flying")
	h.everyNotice(now)
}

// everyNotice stores a message of Calbell's own of each kind.
func (h *house) everyNotice(now time.Time) {
	h.t.Helper()
	reason, hint := calbell.T("caldav:fault-server-whose-log", "That is a fault of the server, whose log says more. It is tried again by itself."), calbell.T("daemon:look-at-disk", "look at the disk that holds data.path")
	span := calbell.Span{Start: now, End: now.Add(time.Hour)}
	var list []calbell.Reminder
	for _, n := range []calbell.Notice{
		{Kind: calbell.NoticeMissed, Items: []calbell.NoticeItem{{Subject: "Zn", Due: now, Start: now, Status: calbell.StatusMissed, Reason: reason}}, More: 3},
		{Kind: calbell.NoticeSuspended, Subject: "qw1", Reason: reason, Hint: hint},
		{Kind: calbell.NoticeRestored, Subject: "qw1"},
		{Kind: calbell.NoticeFailing, Subject: "Qx1", Reason: reason, Hint: hint},
		{Kind: calbell.NoticeRecovered, Subject: "Qx1"},
		{Kind: calbell.NoticeTrouble, Subject: "the database", Reason: calbell.Chain(calbell.T("daemon:database", "the database"), reason), Hint: hint},
		{Kind: calbell.NoticeAgenda, Subject: "Zn", Agenda: &calbell.Agenda{From: now, Days: 2}},
		{Kind: calbell.NoticeMoved, Subject: "Zn", Change: &calbell.Change{UID: "zn", Was: span, Now: calbell.Span{Start: now.Add(time.Hour), End: now.Add(2 * time.Hour)}}},
		{Kind: calbell.NoticeCancelled, Subject: "Zn", Change: &calbell.Change{UID: "zn", Was: span}},
	} {
		n.Since = now.UTC()
		list = append(list, calbell.NewNotice("bob.qw7", n, now))
	}
	h.OK(h.Store.Notify(h.t.Context(), list, now))
}
