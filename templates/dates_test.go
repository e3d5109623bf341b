package templates

import (
	"strings"
	"testing"
	"time"

	"calbell"
)

// at reads a time in a zone.
func at(t testing.TB, zone *time.Location, s string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// jsonText renders without escapes.
func jsonText(t testing.TB, src string, d Data) string {
	t.Helper()
	tmpl, err := Compile(src)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl.Render(calbell.KindJSON, d)
}

func TestDateOfTimed(t *testing.T) {
	zurich := mustZone("Europe/Zurich")
	for _, c := range []struct{ zone, start, reader, want string }{
		{"Europe/Zurich", "2026-11-23 14:00:00", "Europe/Zurich", "Monday 23 November 2026, 14:00"},
		{"UTC", "2026-11-23 13:00:00", "Europe/Zurich", "Monday 23 November 2026, 14:00"},
		{"Europe/Paris", "2026-11-23 14:00:00", "Europe/Zurich", "Monday 23 November 2026, 14:00"},
		{"America/New_York", "2026-11-23 08:00:00", "Europe/Zurich", "Monday 23 November 2026, 14:00 (08:00 America/New_York)"},
		{"Asia/Tokyo", "2026-11-24 00:30:00", "Europe/Zurich", "Monday 23 November 2026, 16:30 (Tue 00:30 Asia/Tokyo)"},
		// One hour apart in winter, together in summer: what counts is the offset that day.
		{"Africa/Lagos", "2026-07-01 10:00:00", "Europe/Zurich", "Wednesday 1 July 2026, 11:00 (10:00 Africa/Lagos)"},
		{"Africa/Lagos", "2026-12-01 10:00:00", "Europe/Zurich", "Tuesday 1 December 2026, 10:00"},
		{"Europe/Zurich", "2026-11-23 14:00:00", "", "Monday 23 November 2026, 13:00 (14:00 Europe/Zurich)"},
	} {
		start := at(t, mustZone(c.zone), c.start)
		d := Data{Instance: &calbell.Instance{Start: start, End: start}}
		if c.reader != "" {
			d.Zone = mustZone(c.reader)
		}
		if got := jsonText(t, "%date%", d); got != c.want {
			t.Errorf("%s in %s for %s: %q, want %q", c.start, c.zone, c.reader, got, c.want)
		}
	}
	custom := time.FixedZone("", 2*3600+1800)
	d := Data{Zone: zurich, Instance: &calbell.Instance{Start: time.Date(2026, 11, 23, 15, 30, 0, 0, custom)}}
	if got, want := jsonText(t, "%date%, %time_zone%", d), "Monday 23 November 2026, 14:00 (15:30 UTC+02:30), UTC+02:30"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDateOfAllDay(t *testing.T) {
	tokyo := mustZone("Asia/Tokyo")
	for _, c := range []struct{ from, to, locale, want string }{
		{"2026-11-23", "2026-11-24", "en", "Monday 23 November 2026"},
		{"2026-11-23", "2026-11-23", "en", "Monday 23 November 2026"}, // DTEND before its time
		{"2026-11-23", "2026-11-25", "en", "Monday 23 November – Tuesday 24 November 2026"},
		{"2026-12-31", "2027-01-02", "en", "Thursday 31 December 2026 – Friday 1 January 2027"},
		{"2026-11-23", "2026-11-25", "fr-CH", "lundi, 23 novembre – mardi, 24 novembre 2026"},
		{"2026-11-23", "2026-11-25", "de-CH", "Montag, 23. November – Dienstag, 24. November 2026"},
		{"2026-11-23", "2026-11-25", "it", "lunedì 23 novembre – martedì 24 novembre 2026"},
	} {
		// The days stay the days that were written, wherever the reader is.
		for _, reader := range []string{"Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"} {
			d := Data{Locale: c.locale, Zone: mustZone(reader), Instance: &calbell.Instance{
				AllDay: true, Start: at(t, tokyo, c.from+" 00:00:00"), End: at(t, tokyo, c.to+" 00:00:00"),
			}}
			if got := jsonText(t, "%date%", d); got != c.want {
				t.Errorf("%s to %s in %s: %q, want %q", c.from, c.to, reader, got, c.want)
			}
			if got := jsonText(t, "x[[%time%]][[%end_time%]][[%time_zone%]]", d); got != "x" {
				t.Errorf("an all-day event has %q", got)
			}
		}
	}
}

func TestWhen(t *testing.T) {
	zurich := mustZone("Europe/Zurich")
	for _, c := range []struct{ now, start, locale, want string }{
		{"2026-11-23 13:45:00", "2026-11-23 14:00:00", "en", "in 15 minutes"},
		{"2026-11-23 13:45:20", "2026-11-23 14:00:00", "en", "in 15 minutes"},
		{"2026-11-23 13:59:00", "2026-11-23 14:00:00", "en", "in 1 minute"},
		{"2026-11-23 14:00:10", "2026-11-23 14:00:00", "en", "now"},
		{"2026-11-23 14:12:00", "2026-11-23 14:00:00", "en", "12 minutes ago"},
		{"2026-11-23 15:00:00", "2026-11-23 14:00:00", "en", "1 hour ago"},
		{"2026-11-23 13:00:00", "2026-11-23 14:00:00", "en", "in 1 hour"},
		{"2026-11-23 23:30:00", "2026-11-24 00:30:00", "en", "in 1 hour"},
		{"2026-11-23 12:30:00", "2026-11-23 14:00:00", "en", "in 90 minutes"},
		{"2026-11-23 09:00:00", "2026-11-23 14:00:00", "en", "in 5 hours"},
		{"2026-11-23 09:10:00", "2026-11-23 14:00:00", "en", "today at 14:00"},
		{"2026-11-23 18:00:00", "2026-11-24 09:00:00", "en", "tomorrow at 09:00"},
		{"2026-11-25 18:00:00", "2026-11-24 09:00:00", "en", "yesterday at 09:00"},
		{"2026-11-23 09:00:00", "2026-11-26 09:00:00", "en", "Thursday at 09:00"},
		{"2026-11-23 09:00:00", "2026-11-30 09:00:00", "en", "Monday 30 November 2026 at 09:00"},
		// A day has 23 hours when the clocks change, and is still a day.
		{"2026-03-28 09:00:00", "2026-03-29 09:00:00", "en", "tomorrow at 09:00"},
		{"2026-10-24 09:00:00", "2026-10-25 09:00:00", "en", "tomorrow at 09:00"},
		{"2026-11-23 13:45:00", "2026-11-23 14:00:00", "fr-CH", "dans 15 minutes"},
		{"2026-11-23 18:00:00", "2026-11-24 09:00:00", "fr", "demain à 09:00"},
		{"2026-11-23 13:45:00", "2026-11-23 14:00:00", "de", "in 15 Minuten"},
		{"2026-11-23 18:00:00", "2026-11-24 09:00:00", "de-CH", "morgen um 09:00"},
		{"2026-11-23 13:59:00", "2026-11-23 14:00:00", "it-CH", "tra 1 minuto"},
		{"2026-11-23 18:00:00", "2026-11-24 09:00:00", "it", "domani alle ore 09:00"},
	} {
		start := at(t, zurich, c.start)
		now := at(t, zurich, c.now)
		d := Data{Zone: zurich, Locale: c.locale, Due: now, Now: now.UTC(), Instance: &calbell.Instance{Start: start, End: start}}
		if got := jsonText(t, "%when%", d); got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.start, c.now, got, c.want)
		}
	}
}

func TestWhenAllDay(t *testing.T) {
	zurich := mustZone("Europe/Zurich")
	day := at(t, zurich, "2026-11-25 00:00:00")
	for now, want := range map[string]string{
		"2026-11-25 09:00:00": "today", "2026-11-24 18:00:00": "tomorrow", "2026-11-24 00:00:00": "tomorrow",
		"2026-11-26 00:00:00": "yesterday", "2026-11-22 23:59:59": "in 3 days", "2026-11-18 12:00:00": "in 7 days", "2026-11-29 12:00:00": "4 days ago",
	} {
		d := Data{Zone: zurich, Now: at(t, zurich, now), Instance: &calbell.Instance{Start: day, End: day.AddDate(0, 0, 1), AllDay: true}}
		d.Due = d.Now
		if got := jsonText(t, "%when%", d); got != want {
			t.Errorf("%s: %q, want %q", now, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	zurich := mustZone("Europe/Zurich")
	for _, c := range []struct {
		from, to string
		allDay   bool
		locale   string
		want     string
	}{
		{"2026-11-23 14:00:00", "2026-11-23 14:30:00", false, "en", "30 min"},
		{"2026-11-23 14:00:00", "2026-11-23 15:30:00", false, "en", "1 h 30 min"},
		{"2026-11-23 14:00:00", "2026-11-23 16:00:00", false, "de", "2 h"},
		{"2026-11-23 14:00:00", "2026-11-25 14:00:00", false, "fr", "2 jours"},
		{"2026-11-23 14:00:00", "2026-11-24 15:05:00", false, "it", "1 giorno 1 h 5 min"},
		// 01:00 to 04:00 on the days on which the clocks go forward and back.
		{"2026-03-29 01:00:00", "2026-03-29 04:00:00", false, "en", "2 h"},
		{"2026-10-25 01:00:00", "2026-10-25 04:00:00", false, "en", "4 h"},
		{"2026-03-28 12:00:00", "2026-03-29 12:00:00", false, "en", "23 h"},
		{"2026-03-29 00:00:00", "2026-03-30 00:00:00", true, "en", "1 day"},
		{"2026-10-25 00:00:00", "2026-10-26 00:00:00", true, "de-CH", "1 Tag"},
		{"2026-03-28 00:00:00", "2026-03-31 00:00:00", true, "fr-CH", "3 jours"},
		{"2026-11-23 14:00:00", "2026-11-23 14:00:00", false, "en", "-"},
		{"2026-11-23 14:00:00", "2026-11-23 13:00:00", false, "en", "-"},
	} {
		d := Data{Zone: zurich, Locale: c.locale, Instance: &calbell.Instance{Start: at(t, zurich, c.from), End: at(t, zurich, c.to), AllDay: c.allDay}}
		if got := jsonText(t, "%duration|default:-%", d); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestLateAndRepeatLines(t *testing.T) {
	due := time.Date(2026, 11, 23, 12, 45, 0, 0, time.UTC)
	for _, c := range []struct {
		late   time.Duration
		repeat bool
		locale string
		want   string
	}{
		{0, false, "en", ""},
		{59 * time.Second, false, "en", ""},
		{-time.Hour, false, "en", ""},
		{time.Minute, false, "en", "\n(1 min late)"},
		{12*time.Minute + 59*time.Second, false, "en", "\n(12 min late)"},
		{65 * time.Minute, false, "en-CH", "\n(1 h 5 min late)"},
		{49*time.Hour + 30*time.Minute, false, "en", "\n(2 days 1 h late)"},
		{0, true, "en", "\n(possible repeat)"},
		{12 * time.Minute, true, "en", "\n(12 min late)\n(possible repeat)"},
		{12 * time.Minute, true, "fr-CH", "\n(12 min de retard)\n(doublon possible)"},
		{12 * time.Minute, true, "de-CH", "\n(12 min Verspätung)\n(möglicherweise doppelt)"},
		{12 * time.Minute, true, "it-CH", "\n(12 min di ritardo)\n(possibile duplicato)"},
		{12 * time.Minute, true, "rm", "\n(12 min late)\n(possible repeat)"},
	} {
		d := Data{Due: due, Now: due.Add(c.late), Repeat: c.repeat, Locale: c.locale, Instance: &calbell.Instance{Summary: "Lunch"}}
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
			if got := renderText(t, kind, "%subject%", d); got != "Lunch"+c.want {
				t.Errorf("%s, %v late: %q, want %q", kind, c.late, got, "Lunch"+c.want)
			}
		}
	}
}

// A chat counts a line after a quotation, list or table to it; the late line is not part
// of what somebody wrote.
func TestLateLineStandsAlone(t *testing.T) {
	due := time.Date(2026, 11, 23, 12, 45, 0, 0, time.UTC)
	d := Data{Due: due, Now: due.Add(12 * time.Minute), Instance: &calbell.Instance{Summary: "Lunch", Description: "a\nb"}}
	for _, src := range []string{"> %subject%", "%description|quote%", "- %subject%", "1. %subject%", "| a |\n|---|\n| %subject% |"} {
		if got := renderText(t, calbell.KindKChat, src, d); !strings.HasSuffix(got, "\n\n(12 min late)") {
			t.Errorf("%q: %q", src, got)
		}
	}
	if got := renderText(t, calbell.KindKChat, "**%subject%**", d); got != "**Lunch**\n(12 min late)" {
		t.Errorf("%q", got)
	}
}

func TestLocaleFallback(t *testing.T) {
	for name, want := range map[string]string{
		"en": "en", "fr-CH": "fr-CH", "fr_CH.UTF-8": "fr-CH", "FR-ch": "fr-CH", "fr-BE": "fr", "de-AT": "de", "it": "it",
		"en-US": "en", "": "en", "pt-BR": "en", "C": "en", "deutsch": "en",
	} {
		if got := findLocale(name).Name; got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if KnownLocale("pt") || !KnownLocale("fr-BE") || len(Locales()) != 8 {
		t.Errorf("known: %v", Locales())
	}
}

func TestRecurrenceInWords(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=DAILY": "every day", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR": "every 2 weeks (Mon, Fri)", "FREQ=MONTHLY;BYDAY=2TU": "every month",
		"freq=yearly;interval=3": "every 3 years", "FREQ=WEEKLY;BYDAY=1MO": "every week", "FREQ=HOURLY": "repeats", "nonsense": "repeats",
		"FREQ=DAILY;INTERVAL=0": "every day", "FREQ=WEEKLY;BYDAY=UM": "every week", "": "",
	} {
		d := Data{Instance: &calbell.Instance{Recurrence: rule}}
		if got := jsonText(t, "x%recurrence%", d); got != "x"+want {
			t.Errorf("%q: %q, want %q", rule, got, want)
		}
	}
}

// French counts the first of a month; in figures it does not.
func TestFrenchFirst(t *testing.T) {
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	d := Data{Instance: &calbell.Instance{Start: day, End: day.AddDate(0, 0, 31), AllDay: true}, Now: day.AddDate(0, 0, -1)}
	for locale, want := range map[string]string{
		"fr":    "mardi 1er décembre – jeudi 31 décembre 2026, 1er déc. 2026, 1er décembre 2026, 01/12/2026, 1/12",
		"fr-CH": "mardi, 1er décembre – jeudi, 31 décembre 2026, 1er déc. 2026, 1er décembre 2026, 01.12.26, 1/12",
		"it":    "martedì 1 dicembre – giovedì 31 dicembre 2026, 1 dic 2026, 1 dicembre 2026, 01/12/26, 1/12",
	} {
		d.Locale = locale
		if got := jsonText(t, "%date%, %start|medium%, %start|long%, %start|short%, %start|format:d/MM%", d); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}
