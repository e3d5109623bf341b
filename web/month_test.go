package web

import (
	"net/http/httptest"
	"testing"
	"time"

	"calbell/api/types"
	"calbell/web/form"
	"calbell/web/i18n"
	"calbell/web/words"
)

// viewOf is the view of a reader.
func viewOf(r words.Reader) *view { return &view{Form: form.Form{Reader: r}} }

func monthView(t *testing.T, zone string) *view {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	v := viewOf(words.Reader{Words: must(i18n.Load()).In("en"), Zone: z, Now: time.Now().In(z)})
	v.site, v.r = &site{}, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	return v
}

// A month is whole weeks from Monday on, each day once, also where a day has no midnight.
func TestWeeksOfAMonth(t *testing.T) {
	for _, zone := range []string{"Europe/Zurich", "UTC", "America/Sao_Paulo", "Asia/Beirut"} {
		v := monthView(t, zone)
		for n := range 12 * 40 {
			first, next := monthOf(time.Date(2000, time.Month(1+n), 15, 12, 0, 0, 0, v.Zone))
			weeks := as[agendaPages](v).weeksOf(first, next)
			last, inside := "", 0
			for _, week := range weeks {
				if len(week) != weekDays || week[0].Day.Weekday() != time.Monday {
					t.Fatalf("%s in %s: a week of %d days begins on a %s", first.Format("2006-01"), zone, len(week), week[0].Day.Weekday())
				}
				for _, d := range week {
					day := d.Day.Format(time.DateOnly)
					if day <= last {
						t.Fatalf("%s after %s in %s", day, last, zone)
					}
					if last = day; !d.Outside {
						inside++
					}
				}
			}
			days := next.AddDate(0, 0, -1).Day()
			if inside != days {
				t.Fatalf("%s in %s has %d days, want %d", first.Format("2006-01"), zone, inside, days)
			}
		}
	}
}

// An event is on each day on which it takes place; its end is not part of it.
func TestEventsOfAMonth(t *testing.T) {
	v := monthView(t, "Europe/Zurich")
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, v.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	event := func(title, from, to string, allDay bool) types.RemindedEvent {
		e := types.RemindedEvent{}
		e.Subject, e.Start, e.End, e.AllDay = title, at(from), at(to), allDay
		return e
	}
	first, next := monthOf(at("2026-11-01 00:00"))
	weeks := as[agendaPages](v).weeksOf(first, next)
	rows := []types.RemindedEvent{
		event("to midnight", "2026-11-03 22:00", "2026-11-04 00:00", false),
		event("over midnight", "2026-11-05 22:00", "2026-11-06 00:30", false),
		event("two days", "2026-11-09 00:00", "2026-11-11 00:00", true),
		event("no time", "2026-11-12 10:00", "2026-11-12 10:00", false),
		event("all along", "2026-10-01 10:00", "2027-01-01 10:00", false),
	}
	for range dayRows + 3 {
		rows = append(rows, event("many", "2026-11-20 10:00", "2026-11-20 11:00", false))
	}
	as[agendaPages](v).fill(weeks, rows)
	got := map[string][]string{}
	for _, week := range weeks {
		for _, d := range week {
			for _, e := range d.Events {
				got[e.Subject] = append(got[e.Subject], d.Day.Format("01-02"))
			}
			if d.Day.Equal(at("2026-11-20 00:00")) && d.More != 4 {
				t.Errorf("%d more, want 4: all but %d", d.More, dayRows)
			}
		}
	}
	for title, want := range map[string]int{"to midnight": 1, "over midnight": 2, "two days": 2, "no time": 1, "all along": 42, "many": dayRows - 1} {
		if len(got[title]) != want {
			t.Errorf("%q is on %v, want %d days", title, got[title], want)
		}
	}
	if days := got["two days"]; len(days) != 2 || days[0] != "11-09" {
		t.Errorf("two days from the 9th on are %v", days)
	}
}
