package web

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// calendarRoutes registers the pages of calendars. IDs of calendars contain no underscore,
// so "/_account" is unambiguous.
func (w *site) calendarRoutes() {
	w.page("GET /calendars", on(calendarPages.calendarList))
	w.page("POST /calendars/_sync", on(calendarPages.syncNow))
	w.page("GET /calendars/_new", on(connectPages.connectPage))
	w.page("POST /calendars/_new", on(connectPages.connect))
	w.page("GET /calendars/_account/{name}", on(connectPages.accountPage))
	w.page("POST /calendars/_account/{name}", on(connectPages.saveAccount))
	w.page("POST /calendars/_account/{name}/remove", on(connectPages.removeAccount))
	w.page("GET /calendars/{id}", on(calendarPages.calendarPage))
	w.page("POST /calendars/{id}", on(calendarPages.saveCalendar))
	w.page("POST /calendars/_apply", on(calendarPages.applyNow))
}

// calendarRow is a calendar with its state.
type calendarRow struct {
	types.CalendarRow
	Sync  state
	Path  string
	Goes  string // where its reminders go, in words; "" = nowhere
	Brake bool   // deletions are held back
	From  string // the owner, in words; "": the viewer
	// Unread is the number of events that were not read as they are written, in words; "": none.
	Unread string
}

func calendarPath(id calbell.CalendarID) string { return "/calendars/" + url.PathEscape(string(id)) }

func (v calendarPages) calendarRow(c types.CalendarRow) calendarRow {
	r := calendarRow{CalendarRow: c, Path: calendarPath(c.ID), Brake: c.Brake.Seen > 0 || c.Unlisted}
	var names []string
	for _, id := range c.Webhooks {
		names = append(names, v.WebhookName(calbell.WebhookID(id)))
	}
	r.Goes, r.From, names = strings.Join(names, ", "), v.sharedBy(c.Calendar), nil
	if n := c.Problems.Bad; n > 0 {
		names = append(names, v.N("calendar.bad", n))
	}
	if n := c.Problems.Mended; n > 0 {
		names = append(names, v.N("calendar.mended", n))
	}
	r.Unread = strings.Join(names, ", ")
	switch {
	case c.Silent():
		r.Sync = state{Class: "bad", Sign: "▲", Text: v.T("calendar.gone", v.Moment(c.Gone.SilentAt.In(v.Zone), v.Now))}
	case c.Unlisted:
		r.Sync = state{Class: "bad", Sign: "▲", Text: v.T("calendar.unlisted")}
	case !c.FailingSince.IsZero():
		r.Sync = state{Class: "bad", Sign: "▲", Text: v.T("calendar.failing", v.Moment(c.FailingSince.In(v.Zone), v.Now))}
	case c.Brake.Seen > 0:
		r.Sync = state{Class: "warn", Sign: "‖", Text: v.N("calendar.brake", c.Brake.Seen)}
	case c.State == calbell.SyncOverdue:
		r.Sync = v.overdue(c.SyncedAt)
	case c.SyncedAt.IsZero():
		r.Sync = state{Sign: "↻", Text: v.T("calendar.never")}
	default:
		r.Sync = state{Class: "ok", Sign: "●", Text: v.T("calendar.synced", v.From(c.SyncedAt, v.Now))}
	}
	return r
}

// sharedBy names the owner of a calendar; "" when it is the viewer's own.
func (v calendarPages) sharedBy(c calbell.Calendar) string {
	switch {
	case c.Ownership != calbell.OwnershipOther:
		return ""
	case c.Owner() == "":
		return v.T("calendar.shared")
	}
	return v.T("calendar.shared-by", v.Subject(c.Owner()))
}

// overdue returns the chip of something overdue that was last synced at synced; zero:
// never.
func (v calendarPages) overdue(synced time.Time) state {
	text := v.T("calendar.never")
	if !synced.IsZero() {
		text = v.T("calendar.synced", v.From(synced, v.Now))
	}
	return state{Class: "bad", Sign: "▲", Text: v.T("calendar.overdue", text)}
}

// accountState returns the chip of an account without known calendars.
func (v calendarPages) accountState(h calbell.AccountHealth) state {
	switch h.State {
	case calbell.SyncFailing:
		return state{Class: "bad", Sign: "▲", Text: v.T("calendar.failing", v.Moment(h.FailingSince.In(v.Zone), v.Now))}
	case calbell.SyncOverdue:
		return v.overdue(h.SyncedAt)
	case calbell.SyncNew:
		return state{Sign: "↻", Text: v.T("calendar.never")}
	}
	return state{Class: "ok", Sign: "●", Text: v.T("calendar.synced", v.From(h.SyncedAt, v.Now))}
}

// AccountName returns the name of an account with this key.
func (v *view) AccountName(key string) string {
	for _, a := range v.Status.Accounts {
		if a.Account == key {
			return a.Name
		}
	}
	return key
}

// accountRow is an account with its calendars.
type accountRow struct {
	types.AccountRow
	Path  string
	Rows  []calendarRow
	State state // when Rows is empty
}

// accountPath returns the address of the page of an account, by its key.
func accountPath(key string) string { return "/calendars/_account/" + url.PathEscape(key) }

// calendarList is the list of calendars, by account.
type calendarList struct {
	calendarPages
	Accounts []accountRow
}

func (v calendarPages) calendarList() error {
	accounts, err := v.site.s.Accounts.List(v.ctx(), v.Who)
	if err != nil {
		return err
	}
	calendars, err := v.site.s.Calendars.List(v.ctx(), v.Who)
	if err != nil {
		return err
	}
	p := calendarList{calendarPages: v}
	for _, a := range accounts {
		row := accountRow{AccountRow: a, Path: accountPath(a.ID), State: v.accountState(a.Sync)}
		for _, c := range calendars {
			if c.Account == a.ID {
				row.Rows = append(row.Rows, v.calendarRow(c))
			}
		}
		p.Accounts = append(p.Accounts, row)
	}
	return v.show("calendars", v.T("nav.calendars"), p)
}

// syncWait is how long a page waits for a sync. A longer sync continues in the background.
const syncWait = 8 * time.Second

// syncNow syncs a calendar, or all, and reports the result, or that the sync continues.
func (v calendarPages) syncNow() error {
	back := local(cmp.Or(v.Trimmed("back"), "/calendars"))
	ends, accounts, err := v.site.s.Calendars.SyncSoon(v.ctx(), v.Who, v.Trimmed("calendar"))
	if err != nil {
		return err
	}
	late := time.NewTimer(syncWait)
	defer late.Stop()
	said := "synced"
	for range accounts {
		select {
		case end := <-ends:
			if !end.Error.IsZero() || len(end.Unlisted) > 0 {
				said = "sync-failed"
			}
		case <-late.C:
			return v.done(back, "syncing")
		case <-v.ctx().Done():
			return v.ctx().Err()
		}
	}
	return v.done(back, said)
}

// wait polls until so returns true or syncWait is over. It reports whether so returned
// true.
func (v calendarPages) wait(so func() bool) bool {
	ctx, cancel := context.WithTimeout(v.ctx(), syncWait)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

func (v calendarPages) applyNow() error {
	if _, err := v.site.s.Calendars.ApplyNow(v.ctx(), v.Who, v.Trimmed("calendar")); err != nil {
		return err
	}
	return v.done("/calendars", "applied")
}

// calendarForm is the page of a calendar's settings.
type calendarForm struct {
	calendarPages
	C        calendarRow
	E        types.CalendarEdit
	Tag      string
	Leads    []form.LeadField
	ReadOnly bool // the file defines its settings
	Webhooks []form.Choice
	Modes    []form.Choice
	Privacy  []form.Choice
}

func (v calendarPages) calendarPage() error {
	id := v.r.PathValue("id")
	c, err := v.site.s.Calendars.Get(v.ctx(), v.Who, id)
	if err != nil {
		return err
	}
	p := calendarForm{calendarPages: v, C: v.calendarRow(c)}
	if p.E, p.Tag, err = v.site.s.Calendars.Settings(v.ctx(), v.Who, id); err != nil {
		return err
	}
	if a, err := v.site.s.Accounts.Get(v.ctx(), v.Who, c.Account); err == nil {
		p.ReadOnly = c.Listed != "" && a.Origin == calbell.OriginFile
		if p.ReadOnly {
			p.E = editOf(a.Account, c.Listed)
		}
	}
	if v.r.Method == "POST" {
		p.E, _ = v.calendarAsked()
		p.Tag = v.ETag(p.Tag)
	}
	p.Leads = v.LeadFields(p.E.Remind, p.E.RemindAllDay)
	p.Webhooks = v.webhookChoices(p.E.Webhook, v.T("calendar.webhook.none"))
	if !p.ReadOnly { // the file may name any webhook
		if p.Webhooks, err = v.webhooksFor(p.E.Webhook, v.T("calendar.webhook.none"), c.Account); err != nil {
			return err
		}
		p.Webhooks = form.Keep(p.Webhooks, p.E.Webhook)
	}
	p.Modes = v.ModeChoices(p.E.Mode)
	p.Privacy = form.Choose([]form.Choice{
		{Value: "", Text: v.T("private.skip")}, {Value: "busy", Text: v.T("private.busy")}, {Value: "full", Text: v.T("private.full")},
	}, strings.TrimPrefix(p.E.Private, "skip"))
	return v.show("calendar", c.Name, p)
}

// editOf returns the settings of a calendar in the file.
func editOf(a calbell.Account, listed string) types.CalendarEdit {
	for _, c := range a.Calendars {
		if c.Name == listed {
			return types.CalendarEdit{
				Webhook: c.Webhook, Remind: c.Remind, RemindAllDay: c.RemindAllDay, Mode: c.Mode, Private: c.Private, TimeZone: c.TimeZone,
			}
		}
	}
	return types.CalendarEdit{}
}

func (v calendarPages) calendarAsked() (types.CalendarEdit, error) {
	e := types.CalendarEdit{
		Webhook: v.Trimmed("webhook"), Mode: calbell.Mode(v.Trimmed("mode")), Private: v.Trimmed("private"), TimeZone: v.Trimmed("time_zone"),
		SwitchedOn: v.Checked("switched_on"),
	}
	var err error
	if e.Remind, err = v.ReadLeads("remind"); err != nil {
		return e, err
	}
	e.RemindAllDay, err = v.ReadLeads("remind_all_day")
	return e, err
}

func (v calendarPages) saveCalendar() error {
	e, err := v.calendarAsked()
	if err == nil {
		_, err = v.site.s.Calendars.Set(v.ctx(), v.Who, v.r.PathValue("id"), v.Trimmed("etag"), e)
	}
	if err != nil {
		return v.again(err, v.calendarPage)
	}
	return v.done("/calendars", "calendar-saved")
}
