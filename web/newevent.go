package web

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

func (w *site) newEventRoutes() {
	w.page("GET /events/new", on(eventPages.newEventPage))
	w.page("POST /events/new", on(eventPages.newEvent))
}

// newEventPage is the form of a new event.
type newEventPage struct {
	eventPages
	// UID prevents a second event when the form is sent again.
	UID           string
	Day, From, To string // as the fields hold them
	AllDay        bool
	Calendars     []form.Choice
	Webhooks      []form.Choice
	Leads, Units  []form.Choice
}

func (v eventPages) newEventPage() error {
	p := newEventPage{eventPages: v, Calendars: v.writableCalendars(), AllDay: v.Trimmed("all_day") != ""}
	soon := v.Now.Add(time.Hour).Truncate(time.Hour)
	p.Day, p.From, p.To = soon.Format(time.DateOnly), v.Clock(soon), v.Clock(soon.Add(time.Hour))
	if v.IsSent("day") {
		p.Day, p.From, p.To = v.Trimmed("day"), v.Trimmed("from"), v.Trimmed("to")
	}
	p.UID = cmp.Or(v.Trimmed("uid"), rand.Text())
	var err error
	if p.Webhooks, err = v.webhooksFor(v.Trimmed("webhook"), v.T("new.no-reminder"), v.accountsOf(p.Calendars)...); err != nil {
		return err
	}
	morning := calbell.Lead{AtClock: true, Clock: 9 * time.Hour} // default for all-day events
	p.Leads, p.Units = v.LeadChoices(false, false, morning, v.Trimmed("before")), v.UnitChoices(v.Trimmed("unit"))
	return v.show("newevent", v.T("new.title"), p)
}

// writableCalendars returns the calendars that accept new events, the viewer's own before
// those of other people.
func (v eventPages) writableCalendars() []form.Choice {
	var list, others []form.Choice
	for _, c := range as[agendaPages](v.view).calendarChoices(v.Trimmed("calendar"), "") {
		for _, row := range v.Status.Calendars {
			switch {
			case string(row.ID) != c.Value || row.ReadOnly || row.Unlisted || row.Level == calbell.LevelFile:
			case row.Ownership == calbell.OwnershipOther:
				others = append(others, c)
			default:
				list = append(list, c)
			}
		}
	}
	return append(list, others...)
}

// accountsOf returns the accounts of the calendars to choose from. A webhook that not all
// of them may send to is offered only on the event's own page.
func (v eventPages) accountsOf(calendars []form.Choice) (names []string) {
	for _, row := range v.Status.Calendars {
		chosen := slices.ContainsFunc(calendars, func(c form.Choice) bool { return c.Value == string(row.ID) })
		if chosen && !slices.Contains(names, row.Account) {
			names = append(names, row.Account)
		}
	}
	return names
}

func (v eventPages) newEvent() error {
	n, err := v.wantedEvent()
	if err != nil {
		return v.again(err, v.newEventPage)
	}
	d, err := v.site.s.Events.Create(v.ctx(), v.Who, n, time.Now())
	if err != nil {
		return v.again(err, v.newEventPage)
	}
	return v.done(eventPath(d.EventRow), "event-made")
}

// wantedEvent reads the form.
func (v eventPages) wantedEvent() (types.NewEvent, error) {
	n := types.NewEvent{
		Calendar: v.Trimmed("calendar"), Title: v.Trimmed("title"), TimeZone: v.Zone.String(), UID: calbell.UID(v.Trimmed("uid")),
		Location: v.Trimmed("location"), Description: strings.ReplaceAll(v.Trimmed("description"), "\r\n", "\n"), Webhook: v.Trimmed("webhook"),
	}
	n.Start, n.End = v.Trimmed("day"), v.Trimmed("until")
	if v.Trimmed("all_day") == "" {
		n.Start, n.End = v.Trimmed("day")+"T"+v.Trimmed("from"), v.timedEnd()
	}
	if err := v.badTimes(); err != nil || n.Webhook == "" {
		return n, err
	}
	lead, _, err := v.ReadLead()
	n.Before = []calbell.Lead{lead}
	return n, err
}

// badTimes returns an error for invalid days and times in the form. Most browsers prevent
// them.
func (v eventPages) badTimes() error {
	e := &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain(v.T("new.times.wrong"))}
	for _, field := range []struct {
		name, form string
		needed     bool
	}{
		{"day", time.DateOnly, true},
		{"from", "15:04", v.Trimmed("all_day") == ""},
		{"until", time.DateOnly, false},
		{"to", "15:04", false},
	} {
		text := v.Trimmed(field.name)
		_, err := time.Parse(field.form, text)
		if text == "" && !field.needed || err == nil {
			continue
		}
		what := v.T("new.day.wrong")
		if field.form != time.DateOnly {
			what = v.T("new.time.wrong")
		}
		e.Fields = append(e.Fields, calbell.FieldError{Name: field.name, What: calbell.Plain(what)})
	}
	if e.Fields == nil {
		return nil
	}
	return e
}

// timedEnd returns the end of an event with a time of day: on the given day, else on the
// day of the start, or on the next day if it would be before the start. It returns "" when
// no end is given.
func (v eventPages) timedEnd() string {
	to, day := v.Trimmed("to"), v.Trimmed("until")
	if to == "" {
		return ""
	}
	if day == "" {
		day = v.Trimmed("day")
		if start, err := time.Parse(time.DateOnly, day); err == nil && to < v.Trimmed("from") {
			day = start.AddDate(0, 0, 1).Format(time.DateOnly)
		}
	}
	return day + "T" + to
}
