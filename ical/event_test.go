package ical

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"

	"github.com/google/go-cmp/cmp"
)

// parse reads the lines of a calendar's content.
func parse(t testing.TB, o Options, content ...string) *File {
	t.Helper()
	text := "BEGIN:VCALENDAR\r\n" + strings.Join(content, "\r\n") + "\r\nEND:VCALENDAR\r\n"
	f, err := Parse([]byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// event reads a calendar that holds one event.
func event(t testing.TB, content ...string) *Event {
	t.Helper()
	f := parse(t, Options{}, content...)
	if len(f.Events) != 1 {
		t.Fatalf("%d events, want 1; problems %v", len(f.Events), f.Problems)
	}
	return f.Events[0]
}

func utc(t testing.TB, s string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	t.Fatalf("%q is no time", s)
	return time.Time{}
}

// TestQuestionsAgree asks every vector's events the same thing in different ways.
func TestQuestionsAgree(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := readVector(t, path)
			for _, file := range v.names {
				f, err := Parse([]byte(v.files[file]), v.options(t))
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range f.Events {
					questions(t, e, v.date(t, "from"), v.date(t, "to"))
				}
			}
		})
	}
}

// questions compares windows, limits, the next alarm and single instances of one event.
func questions(t *testing.T, e *Event, from, to time.Time) {
	t.Helper()
	all, more := e.Alarms(from, to, 1_000_000)
	if more {
		t.Fatalf("%s: more than a million alarms", e.UID())
	}
	if !slices.IsSortedFunc(all, func(a, b calbell.AlarmInstant) int { return a.Trigger.Compare(b.Trigger) }) {
		t.Errorf("%s: alarms are not in order", e.UID())
	}
	var parts []calbell.AlarmInstant
	for at := from; at.Before(to); at = at.Add(61 * time.Hour) {
		end := at.Add(61 * time.Hour)
		if end.After(to) {
			end = to
		}
		part, _ := e.Alarms(at, end, 1_000_000)
		parts = append(parts, part...)
	}
	if diff := cmp.Diff(all, parts); diff != "" {
		t.Errorf("%s: one window and many (-one +many):\n%s", e.UID(), diff)
	}
	next, ok := e.NextAlarm(from)
	for i, want := range all {
		if i > 0 && want.Trigger.Equal(all[i-1].Trigger) {
			continue
		}
		if !ok || !next.Trigger.Equal(want.Trigger) {
			t.Fatalf("%s: NextAlarm gives %v %t, want %v", e.UID(), next.Trigger, ok, want.Trigger)
		}
		next, ok = e.NextAlarm(want.Trigger.Add(time.Nanosecond))
	}
	if ok && next.Trigger.Before(to) {
		t.Errorf("%s: NextAlarm goes on to %v", e.UID(), next.Trigger)
	}
	for limit := 1; limit <= len(all); limit += 1 + len(all)/7 {
		some, more := e.Alarms(from, to, limit)
		if diff := cmp.Diff(all[:limit], some); diff != "" || more != (limit < len(all)) {
			t.Errorf("%s: limit %d, more %t:\n%s", e.UID(), limit, more, diff)
		}
	}
	named(t, e, all)
}

// named says that each instance is found by its name, and in a listing.
func named(t *testing.T, e *Event, all []calbell.AlarmInstant) {
	t.Helper()
	for _, a := range all {
		got, ok := e.Instance(a.Instance.RecurrenceID)
		if diff := cmp.Diff(a.Instance, got); !ok || diff != "" {
			t.Fatalf("%s: Instance(%q) %t:\n%s", e.UID(), a.Instance.RecurrenceID, ok, diff)
		}
		if a.Instance.RecurrenceID == "" && e.Recurring() {
			continue // an absolute trigger: its instance may be overridden
		}
		if e.master != nil && e.master.start.form == formNone {
			continue
		}
		list, _ := e.Instances(a.Instance.Start, a.Instance.Start.Add(time.Second), 1000)
		if !slices.ContainsFunc(list, func(in *calbell.Instance) bool { return cmp.Equal(in, a.Instance) }) {
			t.Errorf("%s: %q is not among the instances at its start", e.UID(), a.Instance.RecurrenceID)
		}
	}
}

func TestNextAlarmFarAway(t *testing.T) {
	leap := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART:19720229T120000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
		"BEGIN:VALARM", "TRIGGER:-P52W", "END:VALARM", "END:VEVENT")
	got, ok := leap.NextAlarm(utc(t, "2096-06-01"))
	if want := utc(t, "2103-03-02 12:00"); !ok || !got.Trigger.Equal(want) { // 2100 is no leap year; 364 days before 2104-02-29
		t.Errorf("got %v %t, want %v", got.Trigger, ok, want)
	}
	if got, ok := leap.NextAlarm(utc(t, "9999-12-31")); ok {
		t.Errorf("got %v after the last year", got.Trigger)
	}
	late := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART:20260101T120000Z",
		"BEGIN:VALARM", "TRIGGER:P400D", "END:VALARM", "END:VEVENT")
	if got, ok := late.NextAlarm(utc(t, "2026-06-01")); !ok || !got.Trigger.Equal(utc(t, "2027-02-05 12:00")) {
		t.Errorf("got %v %t", got.Trigger, ok)
	}
}

func TestInstancesOverlap(t *testing.T) {
	e := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART:20260701T220000Z", "DTEND:20260702T020000Z", "RRULE:FREQ=DAILY;COUNT=4", "END:VEVENT",
		"BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20260703T220000Z", "DTSTART:20260701T230000Z", "SUMMARY:moved", "END:VEVENT",
		"BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20260704T220000Z", "DTSTART:20260704T220000Z", "STATUS:CANCELLED", "END:VEVENT")
	list, more := e.Instances(utc(t, "2026-07-02"), utc(t, "2026-07-02 22:00"), 10)
	if len(list) != 1 || more || list[0].RecurrenceID != "2026-07-01T22:00:00Z" {
		t.Errorf("got %v %t", list, more)
	}
	list, more = e.Instances(utc(t, "2026-07-01"), utc(t, "2027-01-01"), 2)
	if len(list) != 2 || !more || list[1].Summary != "moved" || list[1].RecurrenceID != "2026-07-03T22:00:00Z" {
		t.Errorf("got %v %t", list, more)
	}
	list, more = e.Instances(utc(t, "2026-07-01"), utc(t, "2027-01-01"), 3)
	if len(list) != 3 || more {
		t.Errorf("got %v %t", list, more)
	}
	if in, ok := e.Instance("2026-07-04T22:00:00Z"); !ok || in.Status != "CANCELLED" {
		t.Errorf("cancelled instance: %v %t", in, ok)
	}
	for _, id := range []calbell.RecurrenceID{"2026-07-01", "2026-07-05T22:00:00Z", "2026-07-01T22:00:01Z", "tomorrow"} {
		if in, ok := e.Instance(id); ok {
			t.Errorf("Instance(%q) = %v", id, in)
		}
	}
}

func TestDetails(t *testing.T) {
	e := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Europe/Zurich:20260701T100000", "DURATION:PT1H", `SUMMARY:Hello\, world\; \\ \n\x`,
		`DESCRIPTION:one\Ntwo`, "LOCATION:Room 3", "URL:https://example.org/a;b,c", "CATEGORIES:Work,Home\\, sweet", "CATEGORIES:webhook:ops", "STATUS:tentative",
		"CLASS:private", "TRANSP:transparent", "RRULE:FREQ=DAILY", "CONFERENCE;VALUE=URI;LABEL=\"a: b\":https://meet.example.org/x",
		`ORGANIZER;CN="Doe, Jane ^'JD^' ^^":MAILTO:jane@example.org`,
		"ATTENDEE;CN=John;PARTSTAT=accepted;X-ODD=:mailto:john@example.org", `ATTENDEE;CN=a"b:mailto:odd@example.org`,
		"BEGIN:VALARM", "ACTION:EMAIL", "SUMMARY:Subject", "DESCRIPTION:Body", "ATTENDEE:mailto:ops@example.org", "TRIGGER:-PT5M",
		"ACKNOWLEDGED:20260701T075600Z", "END:VALARM", "X-MOZ-LASTACK:20260701T075700Z", "END:VEVENT")
	next, ok := e.NextAlarm(utc(t, "2026-01-01"))
	if !ok {
		t.Fatal("no alarm")
	}
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 7, 1, 10, 0, 0, 0, zurich)
	want := calbell.AlarmInstant{
		Trigger: start.Add(-5 * time.Minute).UTC(),
		Alarm: calbell.Alarm{
			Action: "EMAIL", Summary: "Subject", Description: "Body",
			Attendees: []string{"ops@example.org"}, Acknowledged: utc(t, "2026-07-01T07:57:00Z"),
		},
		Instance: &calbell.Instance{
			UID: "a", RecurrenceID: "2026-07-01T08:00:00Z", Kind: calbell.KindEvent, Start: start, End: start.Add(time.Hour),
			Summary: "Hello, world; \\ \n\\x", Description: "one\ntwo", Location: "Room 3", URL: "https://example.org/a;b,c",
			Conferences: []string{"https://meet.example.org/x"}, Categories: []string{"Work", "Home, sweet", "webhook:ops"},
			Organizer: calbell.Person{Name: `Doe, Jane "JD" ^`, Address: "jane@example.org"},
			Attendees: []calbell.Person{{Name: "John", Address: "john@example.org", Status: "ACCEPTED"}, {Name: `a"b`, Address: "odd@example.org"}},
			Status:    "TENTATIVE", Class: "PRIVATE", Transparency: "TRANSPARENT", Recurrence: "FREQ=DAILY", Alarms: 1,
		},
	}
	if diff := cmp.Diff(want, next); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if next.Instance.Start.Location().String() != "Europe/Zurich" {
		t.Errorf("start in %v", next.Instance.Start.Location())
	}
}

// TestHalfSeconds says that a time between two seconds lies behind the first.
func TestHalfSeconds(t *testing.T) {
	e := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART:20260701T100000Z", "BEGIN:VALARM", "TRIGGER:PT0S", "END:VALARM", "END:VEVENT")
	at := utc(t, "2026-07-01 10:00")
	if _, ok := e.NextAlarm(at); !ok {
		t.Error("the alarm at that instant is not found")
	}
	if _, ok := e.NextAlarm(at.Add(time.Nanosecond)); ok {
		t.Error("the alarm is found after its instant")
	}
	if list, _ := e.Alarms(at.Add(-time.Hour), at, 10); len(list) != 0 {
		t.Error("the end of the window belongs to it")
	}
	if list, _ := e.Alarms(at.Add(-time.Hour), at.Add(time.Nanosecond), 10); len(list) != 1 {
		t.Error("a window that ends just after the alarm does not hold it")
	}
}

// TestExpandSaysWhatIsCut says that a list that is not whole is never taken for one.
func TestExpandSaysWhatIsCut(t *testing.T) {
	f := parse(t, Options{}, "BEGIN:VEVENT", "UID:dense", "DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY",
		"BEGIN:VALARM", "TRIGGER:PT0S", "END:VALARM", "END:VEVENT",
		"BEGIN:VEVENT", "UID:sparse", "DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY",
		"BEGIN:VALARM", "TRIGGER:PT0S", "END:VALARM", "END:VEVENT")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		seconds int
		cut     bool
	}{{maxExpanded, false}, {maxExpanded + 1, true}} {
		_, cut := Expand([]*File{f}, from, from.Add(time.Duration(tt.seconds)*time.Second))
		if said := len(cut) == 1 && cut[0].UID == "dense" && cut[0].Bad; said != tt.cut || !said && len(cut) > 0 {
			t.Errorf("%d alarms: problems %v", tt.seconds, cut)
		}
	}
}
