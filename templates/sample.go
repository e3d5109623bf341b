package templates

import (
	"time"

	"calbell"
)

// Samples lists the names that [Sample] knows.
func Samples() []string { return []string{"timed", "all-day", "empty", "hostile"} }

// Sample returns a made-up reminder in English; see [SampleIn].
func Sample(name string, now time.Time, loc *time.Location) (d Data, ok bool) {
	return SampleIn("en", name, now, loc)
}

// SampleIn returns a made-up reminder to show a template with, in the language of a locale:
// "timed", "all-day", "empty" (an event without any text) or "hostile" (text that tries to break
// out). It falls due at now; loc is the reader's zone, nil = UTC. ok is false for other names.
func SampleIn(locale, name string, now time.Time, loc *time.Location) (d Data, ok bool) {
	if loc == nil {
		loc = time.UTC
	}
	now = now.In(loc).Truncate(time.Minute)
	var in *calbell.Instance
	words := sampleWordsOf(findLocale(locale).Lang)
	switch name {
	case "timed":
		in = words.timed(now.Add(15 * time.Minute))
	case "all-day":
		in = words.allDay(time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, loc))
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

// sampleWords are those of the made-up events in one language.
type sampleWords struct {
	review, room, notes, category string
	fair, hall, opens             string
}

// sampleWordsOf returns a language's words; English for others.
func sampleWordsOf(lang string) sampleWords {
	switch lang {
	case "fr":
		return sampleWords{
			"Point hebdomadaire", "Salle 4", "Apportez les chiffres.\nL’ordre du jour est dans le dossier partagé.", "Finances",
			"Salon du printemps", "Halle 2", "Le stand ouvre à neuf heures.",
		}
	case "de":
		return sampleWords{
			"Wochenbesprechung", "Raum 4", "Bitte die Zahlen mitbringen.\nDie Tagesordnung liegt im gemeinsamen Ordner.", "Finanzen",
			"Frühlingsmesse", "Halle 2", "Der Stand öffnet um neun Uhr.",
		}
	case "it":
		return sampleWords{
			"Riunione settimanale", "Sala 4", "Portare le cifre.\nL’ordine del giorno è nella cartella condivisa.", "Finanze",
			"Fiera di primavera", "Padiglione 2", "Lo stand apre alle nove.",
		}
	}
	return sampleWords{
		"Weekly review", "Room 4", "Bring the figures.\nThe agenda is in the shared folder.", "Finance",
		"Spring fair", "Hall 2", "The stand opens at nine.",
	}
}

func (w sampleWords) timed(start time.Time) *calbell.Instance {
	return &calbell.Instance{
		UID: "review@example.org", Kind: calbell.KindEvent, Start: start, End: start.Add(90 * time.Minute),
		Summary: w.review, Location: w.room, URL: "https://example.org/review",
		Description: w.notes,
		Conferences: []string{"https://meet.example.org/review"}, Categories: []string{w.category},
		Organizer: calbell.Person{Name: "Anna Rossi", Address: "anna@example.org"},
		Attendees: []calbell.Person{
			{Name: "Anna Rossi", Address: "anna@example.org", Status: "ACCEPTED"},
			{Name: "Ben Muller", Address: "ben@example.org", Status: "NEEDS-ACTION"},
		},
		Status: "CONFIRMED", Recurrence: "FREQ=WEEKLY",
	}
}

func (w sampleWords) allDay(day time.Time) *calbell.Instance {
	return &calbell.Instance{
		UID: "fair@example.org", Kind: calbell.KindEvent, Start: day, End: day.AddDate(0, 0, 2), AllDay: true,
		Summary: w.fair, Location: w.hall, Description: w.opens,
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
