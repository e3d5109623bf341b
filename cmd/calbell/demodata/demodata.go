package demodata

import (
	"time"

	"calbell/caldav/caldavtest"
	"calbell/ical/edit"

	"github.com/emersion/go-ical"
)

// How long after the start the first reminders are due: soon enough to wait for, and far enough
// apart to see one after the other.
const (
	firstReminder  = 8 * time.Second
	secondReminder = 20 * time.Second
	thirdReminder  = 45 * time.Second
)

// The credentials of the demo's only user.
const (
	User     = "anna"
	Password = "demo"
)

// Fill adds the demo's user with three calendars to the server. Events begin minutes after
// now; the recurring and the distant ones show how zones, exceptions and all-day events are
// handled.
func Fill(s *caldavtest.Server, now time.Time) {
	now = now.Truncate(time.Second)
	s.AddUser(User, Password)
	for _, c := range []caldavtest.Calendar{
		{Path: "team", Name: "Team", Color: "#1e88e5", TimeZone: "Europe/Zurich"},
		{Path: "product", Name: "Product", Color: "#43a047", TimeZone: "Europe/Zurich"},
		{Path: "travel", Name: "Travel", Color: "#fb8c00", TimeZone: "Europe/Zurich"},
	} {
		s.AddCalendar(User, c)
	}
	put := func(calendar, uid string, events ...event) {
		s.Put(User, calendar, uid+".ics", write(uid, events))
	}
	put("team", "coffee", soon(now, 5*time.Minute, firstReminder, event{
		summary: "Coffee with the new colleague", where: "Kitchen, 2nd floor", what: "Bring a cup.\nCake is provided.",
	}))
	put("product", "review", soon(now, 15*time.Minute, secondReminder, event{
		summary: "Release review", where: "https://meet.example.org/review", what: "Go through the open list and the changelog.",
	}))
	put("team", "handover", soon(now, 30*time.Minute, thirdReminder, event{
		summary: "Hand-over to *night shift* @channel", where: "Desk 4", what: "Hostile text stays text: [click](https://example.org) <!channel>",
	}))
	put("team", "standup", standup(now)...)
	put("travel", "offsite", offsite(now))
	put("travel", "call", newYorkCall(now))
}

// event is an event of the demo.
type event struct {
	summary, where, what string
	start                time.Time // in the zone in which it is written
	lasts                time.Duration
	allDay               bool
	rule                 string
	replaces             time.Time // the occurrence of the series that it overrides
	cancelled            bool
	before               time.Duration // how long before its start the alarm rings; 0: it has none
}

// write encodes events with one UID as an iCalendar object.
func write(uid string, events []event) []byte {
	object := ical.NewCalendar()
	object.Props.SetText(ical.PropVersion, "2.0")
	object.Props.SetText(ical.PropProductID, "-//Calbell//Demo//EN")
	for _, e := range events {
		object.Children = append(object.Children, e.component(uid))
	}
	text, err := edit.Encode(object)
	if err != nil {
		panic(err) // only the times of the demo's events vary
	}
	return text
}

// component returns the event as a VEVENT.
func (e event) component(uid string) *ical.Component {
	c := ical.NewComponent(ical.CompEvent)
	set := func(name, text string) {
		if text != "" {
			c.Props.SetText(name, text)
		}
	}
	set(ical.PropUID, uid+"@example.org")
	c.Props.SetDateTime(ical.PropDateTimeStamp, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	set(ical.PropSummary, e.summary)
	set(ical.PropLocation, e.where)
	set(ical.PropDescription, e.what)
	if e.allDay {
		c.Props.SetDate(ical.PropDateTimeStart, e.start)
		c.Props.SetDate(ical.PropDateTimeEnd, e.start.Add(e.lasts))
	} else {
		c.Props.SetDateTime(ical.PropDateTimeStart, e.start)
		c.Props.SetDateTime(ical.PropDateTimeEnd, e.start.Add(e.lasts))
	}
	if e.rule != "" {
		c.Props.Set(&ical.Prop{Name: ical.PropRecurrenceRule, Value: e.rule})
	}
	if !e.replaces.IsZero() {
		c.Props.SetDateTime(ical.PropRecurrenceID, e.replaces)
	}
	if e.cancelled {
		set(ical.PropStatus, "CANCELLED")
	}
	if e.before > 0 {
		c.Children = append(c.Children, alarm(e.before))
	}
	return c
}

// alarm returns a VALARM that is due this long before the start.
func alarm(before time.Duration) *ical.Component {
	c := ical.NewComponent(ical.CompAlarm)
	c.Props.SetText(ical.PropAction, "DISPLAY")
	c.Props.SetText(ical.PropDescription, "Reminder")
	trigger := ical.NewProp(ical.PropTrigger)
	trigger.SetDuration(-before)
	c.Props.Set(trigger)
	return c
}

// soon returns the event with a start in the given time and an alarm that is due after
// reminder, which must be shorter.
func soon(now time.Time, in, reminder time.Duration, e event) event {
	e.start, e.lasts, e.before = now.Add(in).UTC(), 45*time.Minute, in-reminder
	return e
}

// at returns a time of day on a zone's clock.
func at(day time.Time, hour, minute int, zone string) time.Time {
	z, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // the program carries the zones
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, z)
}

// standup meets on every day at 09:15 in Zurich. Tomorrow's is moved to 10:00, and the
// day after's is cancelled.
func standup(now time.Time) []event {
	const zone = "Europe/Zurich"
	series := event{summary: "Stand-up", where: "kMeet", start: at(now.AddDate(0, 0, -30), 9, 15, zone), lasts: 15 * time.Minute, rule: "FREQ=DAILY", before: 5 * time.Minute}
	moved, cancelled := series, series
	moved.rule, cancelled.rule = "", ""
	tomorrow, dayAfter := now.AddDate(0, 0, 1), now.AddDate(0, 0, 2)
	moved.summary, moved.where = "Stand-up (later today)", ""
	moved.start, moved.replaces = at(tomorrow, 10, 0, zone), at(tomorrow, 9, 15, zone)
	cancelled.where, cancelled.before, cancelled.cancelled = "", 0, true
	cancelled.start, cancelled.replaces = at(dayAfter, 9, 15, zone), at(dayAfter, 9, 15, zone)
	return []event{series, moved, cancelled}
}

// offsite takes two whole days next week; the reminder is the day before at 18:00.
func offsite(now time.Time) event {
	first := now.AddDate(0, 0, 7)
	day := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	return event{summary: "Team off-site", where: "Lausanne", start: day, lasts: 48 * time.Hour, allDay: true, before: 6 * time.Hour}
}

// newYorkCall is written in another zone than the readers'.
func newYorkCall(now time.Time) event {
	return event{summary: "Call with New York", start: at(now.AddDate(0, 0, 1), 11, 0, "America/New_York"), lasts: time.Hour, before: 10 * time.Minute}
}
