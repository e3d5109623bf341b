package calbell

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine may have none
)

func TestQuietEnds(t *testing.T) {
	night := Quiet{From: 22 * time.Hour, To: 7 * time.Hour}
	noon := Quiet{From: 12 * time.Hour, To: 13*time.Hour + 30*time.Minute}
	office := Quiet{From: 22 * time.Hour, To: 7 * time.Hour, WorkingDays: true}
	weekends := Quiet{WorkingDays: true}
	sundays := Quiet{From: 20 * time.Hour, To: 6 * time.Hour, WorkingDays: true, Working: []time.Weekday{time.Sunday}}
	for _, tt := range []struct {
		name     string
		q        Quiet
		at, want string // "" = it is not quiet
	}{
		{"before the night", night, "2026-11-24T21:59:59+01:00", ""},
		{"as it begins", night, "2026-11-24T22:00:00+01:00", "2026-11-25T07:00:00+01:00"},
		{"after midnight", night, "2026-11-25T03:00:00+01:00", "2026-11-25T07:00:00+01:00"},
		{"as it ends", night, "2026-11-25T07:00:00+01:00", ""},
		{"lunch", noon, "2026-11-25T12:59:59+01:00", "2026-11-25T13:30:00+01:00"},
		{"after lunch", noon, "2026-11-25T13:30:00+01:00", ""},
		{"midnight after lunch", noon, "2026-11-26T00:00:00+01:00", ""},
		{"Friday night, the weekend, Sunday night", office, "2026-11-27T23:00:00+01:00", "2026-11-30T07:00:00+01:00"},
		{"Saturday noon", office, "2026-11-28T12:00:00+01:00", "2026-11-30T07:00:00+01:00"},
		{"a working night", office, "2026-11-25T23:00:00+01:00", "2026-11-26T07:00:00+01:00"},
		{"Friday evening", weekends, "2026-11-27T23:59:59+01:00", ""},
		{"Saturday", weekends, "2026-11-28T00:00:00+01:00", "2026-11-30T00:00:00+01:00"},
		{"Monday", weekends, "2026-11-30T00:00:00+01:00", ""},
		{"a week of them", sundays, "2026-11-29T21:00:00+01:00", "2026-12-06T06:00:00+01:00"},
		{"no hours at all", Quiet{}, "2026-11-28T12:00:00+01:00", ""},
		{"never anything else", Quiet{WorkingDays: true, Working: []time.Weekday{8}}, "2026-11-25T12:00:00+01:00", "2026-12-04T00:00:00+01:00"},

		// The clocks go from 02:00 to 03:00: a night is an hour shorter.
		{"the short night", night, "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"},
		{"an end that is skipped", Quiet{From: 22 * time.Hour, To: 2*time.Hour + 30*time.Minute}, "2026-03-28T23:00:00+01:00", "2026-03-29T03:30:00+02:00"},
		{"a beginning that is skipped", Quiet{From: 2*time.Hour + 30*time.Minute, To: 5 * time.Hour}, "2026-03-29T03:29:59+02:00", ""},
		{"and comes an hour later", Quiet{From: 2*time.Hour + 30*time.Minute, To: 5 * time.Hour}, "2026-03-29T03:30:00+02:00", "2026-03-29T05:00:00+02:00"},
		// From 03:00 back to 02:00: the first 02:30 is the one.
		{"the long night", night, "2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"},
		{"an end that comes twice", Quiet{From: 22 * time.Hour, To: 2*time.Hour + 30*time.Minute}, "2026-10-25T01:00:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"the second time", Quiet{From: 22 * time.Hour, To: 2*time.Hour + 30*time.Minute}, "2026-10-25T02:15:00+01:00", ""},
		{"a beginning that comes twice", Quiet{From: 2*time.Hour + 30*time.Minute, To: 5 * time.Hour}, "2026-10-25T02:15:00+01:00", "2026-10-25T05:00:00+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			end, quiet := tt.q.End(zurich(t, tt.at))
			if quiet != (tt.want != "") {
				t.Fatalf("quiet: %v until %v", quiet, end)
			}
			if want := tt.want; quiet && end.Format(time.RFC3339) != want {
				t.Errorf("until %s, want %s", end.Format(time.RFC3339), want)
			}
		})
	}
}

func zurich(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.In(zone)
}

// Every instant of a year of quiet hours ends at one that is not quiet, in zones that change
// at midnight, by half an hour, and skip a day.
func TestQuietEndsAreNotQuiet(t *testing.T) {
	for _, name := range []string{"Europe/Zurich", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []Quiet{{From: 22 * time.Hour, To: 7 * time.Hour}, {From: 0, To: 30 * time.Minute, WorkingDays: true}, {From: 23*time.Hour + 30*time.Minute, To: time.Hour}} {
			for at := time.Date(2011, 1, 1, 0, 0, 0, 0, zone); at.Year() < 2012; at = at.Add(37 * time.Minute) {
				end, quiet := q.End(at)
				if !quiet {
					continue
				}
				if again, still := q.End(end); still {
					t.Fatalf("%s: at %v it is quiet until %v, and then until %v", name, at, end, again)
				}
				if before, was := q.End(end.Add(-time.Second)); !was || !before.Equal(end) {
					t.Fatalf("%s: at %v it is quiet until %v, a second before it is not", name, at, end)
				}
			}
		}
	}
}
