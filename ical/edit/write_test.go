package edit_test

import (
	"strings"
	"testing"
	"time"

	"calbell/ical"
	"calbell/ical/edit"
)

// written returns the text of a draft.
func written(t *testing.T, d edit.Draft, now time.Time) []byte {
	t.Helper()
	text, err := d.Write(now)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A new event holds its properties once each, in the form that RFC 5545 demands, whatever
// their order: go-ical's encoder makes it.
func TestDraftHoldsWhatAnEventNeeds(t *testing.T) {
	z, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	d := edit.Draft{
		UID: "one@example.org", Title: "Lunch; with Zoë, Åse", Location: `C:\Rooms`, Description: "Bring\r\nfood\x07",
		Start: time.Date(2027, 7, 5, 12, 0, 0, 0, z), End: time.Date(2027, 7, 5, 13, 0, 0, 0, time.FixedZone("", 7200)),
	}
	text := string(written(t, d, time.Date(2027, 6, 1, 8, 0, 0, 0, z)))
	for _, line := range []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Calbell//EN", "BEGIN:VTIMEZONE", "TZID:Europe/Zurich", "BEGIN:VEVENT", "UID:one@example.org",
		"DTSTAMP:20270601T060000Z", "DTSTART;TZID=Europe/Zurich:20270705T120000", "DTEND;TZID=Europe/Zurich:20270705T130000",
		`SUMMARY:Lunch\; with Zoë\, Åse`, `LOCATION:C:\\Rooms`, `DESCRIPTION:Bring\nfood`, "END:VEVENT", "END:VCALENDAR",
	} {
		if n := strings.Count("\r\n"+text, "\r\n"+line+"\r\n"); n != 1 {
			t.Errorf("%d times %q in\n%s", n, line, text)
		}
	}
	if strings.Index(text, "BEGIN:VTIMEZONE") > strings.Index(text, "BEGIN:VEVENT") {
		t.Errorf("the zone stands behind its event:\n%s", text)
	}
}

// A zone whose name cannot be written is an error, not a broken text.
func TestDraftInAZoneThatCannotBeWritten(t *testing.T) {
	z := time.FixedZone("Odd/\"Zone\"", 3600)
	d := edit.Draft{UID: "x", Title: "x", Start: time.Date(2027, 5, 1, 9, 0, 0, 0, z), End: time.Date(2027, 5, 1, 10, 0, 0, 0, z)}
	if text, err := d.Write(d.Start); err == nil {
		t.Errorf("written:\n%s", text)
	}
}

// What is written is read back as it was meant, whatever its texts hold.
func TestDraftIsReadBack(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, name := range []string{"Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, month := range []time.Month{time.January, time.July} {
			want := edit.Draft{
				UID: "a,b;c", Title: "Line\nEND:VEVENT\r\nBEGIN:VALARM; \\, \u202e\"<script>" + strings.Repeat("é", 100),
				Start: time.Date(2027, month, 5, 14, 0, 0, 0, z), End: time.Date(2027, month, 5, 15, 30, 0, 0, z), Location: "Room, 1",
			}
			text := written(t, want, now)
			for _, line := range strings.Split(string(text), "\r\n") {
				if len(line) > 75 {
					t.Errorf("a line of %d bytes", len(line))
				}
			}
			f, err := ical.Parse(text, ical.Options{Fallback: time.UTC})
			if err != nil || len(f.Events) != 1 || len(f.Problems) != 0 {
				t.Fatalf("%s: %v, %+v\n%s", name, err, f, text)
			}
			got, _ := f.Events[0].Instances(now, now.AddDate(2, 0, 0), 2)
			if len(got) != 1 || !got[0].Start.Equal(want.Start) || !got[0].End.Equal(want.End) || got[0].Location != want.Location ||
				got[0].Summary != strings.ReplaceAll(want.Title, "\r\n", "\n") {
				t.Errorf("%s: %+v\n%s", name, got, text)
			}
		}
	}
}

// The zone's own text says the same as its name: to those who know no names.
func TestDraftZoneByItsText(t *testing.T) {
	z, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, month := range []time.Month{time.February, time.August, time.December} {
		d := edit.Draft{UID: "x", Title: "x", Start: time.Date(2027, month, 1, 9, 0, 0, 0, z), End: time.Date(2027, month, 1, 10, 0, 0, 0, z)}
		text := strings.ReplaceAll(string(written(t, d, d.Start)), "Europe/Zurich", "Somewhere/Else")
		f, err := ical.Parse([]byte(text), ical.Options{Fallback: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := f.Events[0].Instances(d.Start.AddDate(0, 0, -1), d.End.AddDate(0, 0, 1), 1)
		if len(got) != 1 || !got[0].Start.Equal(d.Start) {
			t.Errorf("%v: %+v\n%s", d.Start, got, text)
		}
	}
}

// An event may be in any year, and far ones cost no more than near ones.
func TestDraftInAnyYear(t *testing.T) {
	for _, name := range []string{"Europe/Zurich", "America/New_York", "Australia/Sydney", "Africa/Casablanca"} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, year := range []int{1900, 2036, 2037, 2038, 2039, 2040, 2041, 2100, 9998} {
			d := edit.Draft{UID: "x", Title: "x", Start: time.Date(year, 12, 31, 9, 0, 0, 0, z), End: time.Date(year, 12, 31, 10, 0, 0, 0, z)}
			text := string(written(t, d, d.Start))
			if n := strings.Count(text, "TZOFFSETTO"); n < 1 || n > 10 {
				t.Errorf("%s in %d: %d changes of the clock\n%s", name, year, n, text)
			}
		}
	}
}

func TestDraftAllDay(t *testing.T) {
	d := edit.Draft{UID: "x", Title: "Off", Start: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 5, 3, 0, 0, 0, 0, time.UTC), AllDay: true}
	text := string(written(t, d, d.Start))
	for _, want := range []string{"DTSTART;VALUE=DATE:20270501\r\n", "DTEND;VALUE=DATE:20270503\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
