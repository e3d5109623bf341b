package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

const (
	// agendaDays is how many days an agenda shows, searchDays how many it looks through when
	// it searches.
	agendaDays, searchDays = 14, 366
	// agendaRows is how many events it shows at once.
	agendaRows = 200
	// besideRows is how many next reminders stand beside it.
	besideRows = 6
	// healthRows bounds the deliveries of a day that are counted.
	healthRows = 500
)

func (w *site) agendaRoutes() {
	w.page("GET /{$}", on(agendaPages.agendaPage))
}

// agendaPage is the agenda by day, or by month.
type agendaPage struct {
	agendaPages
	From, To  time.Time // midnights of the viewer's zone
	Days      []agendaDay
	Weeks     [][]monthDay // of the month; nil: it is by day
	Other     string       // address of the other view
	More      string       // address of what follows; "": nothing does
	Earlier   string
	Later     string
	Calendars []form.Choice
	Search    string
	Silent    bool // only those without a reminder
	Filtered  bool
	Next      []deliveryLine
	Health    health
}

// agendaDay is a day with its events.
type agendaDay struct {
	Label  string
	Events []agendaEvent
}

// agendaEvent is an event as the agenda shows it.
type agendaEvent struct {
	types.RemindedEvent
	Time, Until, Path, Color string
	Chips                    []string
	Why                      string // it is silent, when that is not for want of a webhook
}

func (v agendaPages) agendaPage() error {
	p := &agendaPage{agendaPages: v, Search: v.Trimmed("q"), Silent: v.Trimmed("silent") != ""}
	p.From = midnight(v.Now)
	if day, err := time.ParseInLocation(time.DateOnly, v.Trimmed("from"), v.Zone); err == nil {
		p.From = day
	}
	p.Calendars = v.calendarChoices(v.Trimmed("calendar"), v.T("agenda.all-calendars"))
	p.Filtered = p.Search != "" || p.Silent || v.Trimmed("calendar") != ""
	show := p.byDay
	if v.Trimmed("view") == "month" {
		show = p.byMonth
	}
	err := show()
	if err != nil {
		return err
	}
	if p.Next, _, err = as[deliveryPages](v.view).upcoming(besideRows); err != nil {
		return err
	}
	if p.Health, err = v.lastDay(); err != nil {
		return err
	}
	return v.show("agenda", v.T("nav.agenda"), p)
}

// byDay shows the days from a day on.
func (p *agendaPage) byDay() error {
	days := agendaDays
	if p.Search != "" {
		days = searchDays
	}
	p.To = p.From.AddDate(0, 0, days)
	p.Earlier, p.Later = p.goTo(p.From.AddDate(0, 0, -days)), p.goTo(p.To)
	p.Other = as[agendaPages](p.view).with("view", "month", "after", "")
	rows, next, err := p.events(p.From, p.To, agendaRows)
	if err != nil {
		return err
	}
	p.Days = as[agendaPages](p.view).byDay(rows, p.From)
	if next != "" {
		p.More = as[agendaPages](p.view).with("after", next)
	}
	return nil
}

// byMonth shows the month of a day. What is too much for it is found by day.
func (p *agendaPage) byMonth() error {
	first, following := monthOf(p.From)
	p.Earlier, p.Later = p.goTo(first.AddDate(0, -1, 0)), p.goTo(following)
	p.Other = as[agendaPages](p.view).with("view", "", "after", "")
	p.Weeks = as[agendaPages](p.view).weeksOf(first, following)
	to := p.Weeks[len(p.Weeks)-1][weekDays-1].Day.AddDate(0, 0, 1)
	rows, next, err := p.events(p.Weeks[0][0].Day, to, monthRows)
	if err != nil {
		return err
	}
	as[agendaPages](p.view).fill(p.Weeks, rows)
	if next != "" {
		p.More = p.Other
	}
	return nil
}

// goTo is the address of the agenda from another day on.
func (p *agendaPage) goTo(day time.Time) string {
	return as[agendaPages](p.view).with("from", day.Format(time.DateOnly), "after", "")
}

// events asks for the events of a time, as the form narrows them.
func (p *agendaPage) events(from, to time.Time, limit int) ([]types.RemindedEvent, string, error) {
	return p.site.s.Events.Agenda(p.ctx(), p.Who, types.EventQuery{
		From: from, To: to, Calendar: p.Trimmed("calendar"), Search: p.Search, Unreminded: p.Silent,
		Limit: limit, Cursor: p.Trimmed("after"),
	})
}

// midnight is the first instant of a time's day.
func midnight(t time.Time) time.Time { return dayStart(t.Year(), t.Month(), t.Day(), t.Location()) }

// dayStart is the first instant of a day, which may be more or less than one of the month's.
// Some zones put their clocks forward at midnight: there it is one o'clock.
func dayStart(y int, m time.Month, d int, in *time.Location) time.Time {
	start := time.Date(y, m, d, 0, 0, 0, 0, in)
	if start.Hour() != 0 {
		if _, change := start.ZoneBounds(); !change.IsZero() && start.Hour() > 12 { // the evening before
			return change
		}
	}
	return start
}

// with is the address of this page with other parameters: pairs of a name and a value, ""
// for none.
func (v agendaPages) with(pairs ...string) string {
	q := v.r.URL.Query()
	q.Del("done")
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Del(pairs[i])
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	u := url.URL{Path: v.r.URL.Path, RawQuery: q.Encode()}
	return u.String()
}

// calendarChoices are the calendars as a drop-down list, with an entry for none.
func (v agendaPages) calendarChoices(chosen, none string) []form.Choice {
	var list []form.Choice
	if none != "" {
		list = append(list, form.Choice{Text: none})
	}
	for _, c := range v.Status.Calendars {
		text := c.Name
		if c.Account != "" && v.sameNamed(c.Name) > 1 {
			text += " – " + v.AccountName(c.Account)
		}
		list = append(list, form.Choice{Value: string(c.ID), Text: text})
	}
	return form.Choose(list, chosen)
}

// sameNamed counts the calendars of a name.
func (v agendaPages) sameNamed(name string) (n int) {
	for _, c := range v.Status.Calendars {
		if c.Name == name {
			n++
		}
	}
	return n
}

// byDay groups events by the day of the viewer's zone on which they start, the running ones
// with the first day.
func (v agendaPages) byDay(rows []types.RemindedEvent, from time.Time) []agendaDay {
	var days []agendaDay
	last := time.Time{}
	for _, r := range rows {
		day := v.dayOf(r.EventRow)
		if day.Before(from) {
			day = from
		}
		if len(days) == 0 || !day.Equal(last) {
			days, last = append(days, agendaDay{Label: v.dayLabel(day)}), day
		}
		d := &days[len(days)-1]
		d.Events = append(d.Events, v.agendaEvent(r))
	}
	return days
}

// dayOf is the midnight of the day on which something starts, for who looks. All-day events
// are days, wherever one is.
func (v agendaPages) dayOf(r types.EventRow) time.Time {
	if r.AllDay {
		y, m, d := r.Start.Date()
		return dayStart(y, m, d, v.Zone)
	}
	return midnight(r.Start.In(v.Zone))
}

// dayLabel is a day in full and, when it is near, as people call it.
func (v agendaPages) dayLabel(day time.Time) string {
	near := v.Near(day, v.Now)
	if near == v.ShortDay(day, v.Now) {
		return v.Day(day)
	}
	return near + " · " + v.Day(day)
}

func (v agendaPages) agendaEvent(r types.RemindedEvent) agendaEvent {
	e := agendaEvent{RemindedEvent: r, Color: color(r.Color), Path: eventPath(r.EventRow), Chips: v.chips(r.Reminders, r.AllDay)}
	if r.Silent.Key != "plan:nothing-says-which-webhook" { // that is what "no reminder" says
		e.Why = v.Say(r.Silent)
	}
	if r.AllDay {
		e.Time = v.T("agenda.all-day")
		return e
	}
	e.Time = v.Clock(r.Start.In(v.Zone))
	if r.End.After(r.Start) && r.End.Sub(r.Start) < 24*time.Hour {
		e.Until = v.Clock(r.End.In(v.Zone))
	}
	return e
}

// eventPath is the address of an instance's page.
func eventPath(r types.EventRow) string {
	path := "/events/" + url.PathEscape(r.ID)
	if r.RecurrenceID != "" {
		path += "?at=" + url.QueryEscape(string(r.RecurrenceID))
	}
	return path
}

// color is a calendar's colour; grey when it is none that a picture may have.
func color(text string) string {
	if regexp.MustCompile(`^#[0-9a-fA-F]{6}`).MatchString(text) {
		return text[:7]
	}
	return "#7a8699"
}

// chips say in a few words what reminds of an event: the times by webhook.
func (v agendaPages) chips(alarms []types.AlarmRow, allDay bool) []string {
	var order []calbell.WebhookID
	times := map[calbell.WebhookID][]string{}
	for _, a := range alarms {
		for _, r := range a.Routes {
			if times[r.Webhook] == nil {
				order = append(order, r.Webhook)
			}
			times[r.Webhook] = append(times[r.Webhook], v.ShortAlarm(a, allDay))
		}
	}
	var list []string
	for _, id := range order {
		list = append(list, strings.Join(times[id], ", ")+" → "+v.WebhookName(id))
	}
	return list
}

// WebhookName is a webhook's name; its ID when the viewer does not see it.
func (v *view) WebhookName(id calbell.WebhookID) string {
	if meant, ok := id.Wanted(); ok {
		id = meant
	}
	for _, w := range v.Status.Webhooks {
		if w.ID == id {
			return w.Name
		}
	}
	return string(id)
}

// health is how the deliveries of the last day went.
type health struct {
	Sent, Retried, Failed int
	More                  bool // than were counted
}

func (v agendaPages) lastDay() (h health, err error) {
	page, err := v.site.s.Deliveries.History(v.ctx(), v.Who, types.DeliveryQuery{Since: v.Now.Add(-24 * time.Hour), Limit: healthRows})
	if err != nil {
		return h, err
	}
	for _, d := range page.Rows {
		switch {
		case d.Notice == calbell.NoticeTest: // no reminder: somebody tried a webhook out
		case d.Status == calbell.StatusSent && d.Attempts > 1:
			h.Sent++
			h.Retried++
		case d.Status == calbell.StatusSent:
			h.Sent++
		case d.Status == calbell.StatusDead, d.Status == calbell.StatusMissed, d.Status == calbell.StatusDropped:
			h.Failed++
		}
	}
	h.More = page.Next != ""
	return h, nil
}

// count writes a number that may be more.
func (h health) count(n int) string {
	if h.More {
		return strconv.Itoa(n) + "+"
	}
	return strconv.Itoa(n)
}

// HealthText says how the deliveries of the last day went.
func (p *agendaPage) HealthText() string {
	h := p.Health
	return p.T("agenda.health", h.count(h.Sent), h.count(h.Retried), h.count(h.Failed))
}

// Broken are the webhooks that do not take what they should.
func (v agendaPages) Broken() []types.WebhookRow {
	var list []types.WebhookRow
	for _, w := range v.Status.Webhooks {
		if w.State.Refuses() {
			list = append(list, w)
		}
	}
	return list
}

// SyncBack is where "Sync now" comes back to.
func (v agendaPages) SyncBack() string {
	if v.r.Method != http.MethodGet {
		return "/"
	}
	return v.with()
}
