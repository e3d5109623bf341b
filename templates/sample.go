package templates

import (
	"time"

	"calbell"
)

// Samples lists the names that [Sample] knows.
func Samples() []string { return []string{"timed", "all-day", "empty", "hostile"} }

// Sample returns a made-up reminder to show a template with: "timed", "all-day", "empty"
// (an event without any text) or "hostile" (text that tries to break out). It falls
// due at now; loc is the reader's zone, nil = UTC. ok is false for other names.
func Sample(name string, now time.Time, loc *time.Location) (d Data, ok bool) {
	if loc == nil {
		loc = time.UTC
	}
	now = now.In(loc).Truncate(time.Minute)
	var in *calbell.Instance
	switch name {
	case "timed":
		in = timedSample(now.Add(15 * time.Minute))
	case "all-day":
		in = allDaySample(time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, loc))
	case "empty":
		in = &calbell.Instance{UID: "empty@example.org", Kind: calbell.KindEvent, Start: now.Add(15 * time.Minute), End: now.Add(45 * time.Minute)}
	case "hostile":
		in = hostileSample(now.Add(15 * time.Minute))
	default:
		return Data{}, false
	}
	d = Data{ID: "sample-" + calbell.ReminderID(name), Instance: in, Calendar: "Team", Due: now.UTC(), Now: now, Zone: loc}
	d.Alarm = calbell.Alarm{Action: "DISPLAY", Description: in.Summary}
	return d, true
}

func timedSample(start time.Time) *calbell.Instance {
	return &calbell.Instance{
		UID: "review@example.org", Kind: calbell.KindEvent, Start: start, End: start.Add(90 * time.Minute),
		Summary: "Weekly review", Location: "Room 4", URL: "https://example.org/review",
		Description: "Bring the figures.\nThe agenda is in the shared folder.",
		Conferences: []string{"https://meet.example.org/review"}, Categories: []string{"Finance"},
		Organizer: calbell.Person{Name: "Anna Rossi", Address: "anna@example.org"},
		Attendees: []calbell.Person{
			{Name: "Anna Rossi", Address: "anna@example.org", Status: "ACCEPTED"},
			{Name: "Ben Muller", Address: "ben@example.org", Status: "NEEDS-ACTION"},
		},
		Status: "CONFIRMED", Recurrence: "FREQ=WEEKLY",
	}
}

func allDaySample(day time.Time) *calbell.Instance {
	return &calbell.Instance{
		UID: "fair@example.org", Kind: calbell.KindEvent, Start: day, End: day.AddDate(0, 0, 2), AllDay: true,
		Summary: "Spring fair", Location: "Hall 2", Description: "The stand opens at nine.",
	}
}

// hostileSample holds what someone who can send an invitation might try.
func hostileSample(start time.Time) *calbell.Instance {
	return &calbell.Instance{
		UID: "hostile@example.org", Kind: calbell.KindEvent, Start: start, End: start.Add(time.Hour),
		Summary:  "@channel <!channel> `code` **bold** %description% ```",
		Location: "[your bank](https://example.org/trap) <https://example.org/trap|your bank>",
		Description: "# Heading\n> quotation\n![image](https://example.org/x.png)\n```\nfence\n```\n" +
			"| a | b |\n|---|---|\n<script>alert(1)</script> \u202egnp.exe",
		Organizer: calbell.Person{Name: "@all", Address: "stranger@example.org"},
	}
}
