// Package demodata fills the calendar server of the demo, and configures its daemon.
//
//	config.go     the configuration
//	demodata.go   the calendars with their events
package demodata

import (
	"fmt"
	"strings"
	"time"

	"calbell/caldav/caldavtest"
)

// The first reminders of the demo fall due so long after it starts.
const (
	firstReminder  = 8 * time.Second
	secondReminder = 20 * time.Second
	thirdReminder  = 45 * time.Second
)

// The demo's one person.
const (
	User     = "anna"
	Password = "demo"
)

// Fill puts three calendars on the server, with events minutes ahead of now.
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
	put := func(calendar, uid, lines string) {
		s.Put(User, calendar, uid+".ics", []byte(demoICS(uid, lines)))
	}
	put("team", "coffee", soon(now, 5*time.Minute, firstReminder, demoEvent{"Coffee with the new colleague", "Kitchen, 2nd floor", "Bring a cup.\\nCake is provided."}))
	put("product", "review", soon(now, 15*time.Minute, secondReminder, demoEvent{"Release review", "https://meet.example.org/review", "Go through the open list and the changelog."}))
	put("team", "handover", soon(now, 30*time.Minute, thirdReminder, demoEvent{"Hand-over to *night shift* @channel", "Desk 4", "Hostile text stays text: [click](https://example.org) <!channel>"}))
	put("team", "standup", standup(now))
	put("travel", "offsite", offsite(now))
	put("travel", "call", newYorkCall(now))
}

func demoICS(uid, lines string) string {
	text := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Calbell//Demo//EN\nBEGIN:VEVENT\nUID:" + uid + "@example.org\nDTSTAMP:20260101T000000Z\n" +
		lines + "\nEND:VEVENT\nEND:VCALENDAR\n"
	return strings.ReplaceAll(text, "\n", "\r\n")
}

// demoEvent is what people read of an event.
type demoEvent struct{ summary, where, what string }

// soon is an event in a while, whose alarm rings at now+reminder.
func soon(now time.Time, in, reminder time.Duration, e demoEvent) string {
	const utc = "20060102T150405Z"
	start := now.Add(in).UTC()
	return fmt.Sprintf("DTSTART:%s\nDTEND:%s\nSUMMARY:%s\nLOCATION:%s\nDESCRIPTION:%s\n%s",
		start.Format(utc), start.Add(45*time.Minute).Format(utc), e.summary, e.where, e.what, alarm(fmt.Sprintf("-PT%dS", int((in-reminder).Seconds()))))
}

func alarm(trigger string) string {
	return "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Reminder\nTRIGGER:" + trigger + "\nEND:VALARM"
}

// standup meets on every day at 09:15 in Zurich. Tomorrow's is moved to 10:00, and the
// day after's is cancelled.
func standup(now time.Time) string {
	const day = "20060102"
	first := now.AddDate(0, 0, -30).Format(day)
	moved, cancelled := now.AddDate(0, 0, 1).Format(day), now.AddDate(0, 0, 2).Format(day)
	master := fmt.Sprintf("DTSTART;TZID=Europe/Zurich:%sT091500\nDURATION:PT15M\nRRULE:FREQ=DAILY\nSUMMARY:Stand-up\nLOCATION:kMeet\n%s", first, alarm("-PT5M"))
	override := func(d, lines string) string {
		return fmt.Sprintf("END:VEVENT\nBEGIN:VEVENT\nUID:standup@example.org\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Zurich:%sT091500\n%s", d, lines)
	}
	return strings.Join([]string{
		master,
		override(moved, fmt.Sprintf("DTSTART;TZID=Europe/Zurich:%sT100000\nDURATION:PT15M\nSUMMARY:Stand-up (later today)\n%s", moved, alarm("-PT5M"))),
		override(cancelled, fmt.Sprintf("DTSTART;TZID=Europe/Zurich:%sT091500\nSTATUS:CANCELLED\nSUMMARY:Stand-up", cancelled)),
	}, "\n")
}

// offsite takes two whole days next week; the reminder is the day before at 18:00.
func offsite(now time.Time) string {
	const day = "20060102"
	return fmt.Sprintf("DTSTART;VALUE=DATE:%s\nDTEND;VALUE=DATE:%s\nSUMMARY:Team off-site\nLOCATION:Lausanne\n%s",
		now.AddDate(0, 0, 7).Format(day), now.AddDate(0, 0, 9).Format(day), alarm("-PT6H"))
}

// newYorkCall is written in another zone than the readers'.
func newYorkCall(now time.Time) string {
	return fmt.Sprintf("DTSTART;TZID=America/New_York:%sT110000\nDURATION:PT1H\nSUMMARY:Call with New York\n%s",
		now.AddDate(0, 0, 1).Format("20060102"), alarm("-PT10M"))
}
