package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/cmd/calbell/times"
	"calbell/ical"
)

// calendar is a file with one event, its lines given, and an alarm ten minutes before.
func calendar(t *testing.T, lines ...string) *ical.File {
	t.Helper()
	text := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:e@example.org\n" + strings.Join(lines, "\n") +
		"\nBEGIN:VALARM\nTRIGGER:-PT10M\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
	f, err := ical.Parse([]byte(text), ical.Options{Zone: zurich()})
	if err != nil || len(f.Problems) > 0 {
		t.Fatal(err, f.Problems)
	}
	return f
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zurich())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func dues(list []reminder) string {
	var all []string
	for _, r := range list {
		all = append(all, r.due.In(zurich()).Format("2006-01-02 15:04"))
	}
	return strings.Join(all, ", ")
}

func TestDueBetween(t *testing.T) {
	single := []string{"DTSTART;TZID=Europe/Zurich:20261201T090000"}
	daily := append(single, "RRULE:FREQ=DAILY")
	cases := []struct {
		name     string
		lines    []string
		leads    string
		from, to string
		want     string
		next     string
	}{
		{"its alarm", single, "", "2026-12-01 00:00", "2026-12-02 00:00", "2026-12-01 08:50", "2026-12-01 08:50"},
		{"end is exclusive", single, "", "2026-12-01 00:00", "2026-12-01 08:50", "", "2026-12-01 08:50"},
		{"begin is inclusive", single, "", "2026-12-01 08:50", "2026-12-01 08:51", "2026-12-01 08:50", "2026-12-01 08:50"},
		{"passed", single, "", "2026-12-01 08:51", "2026-12-02 00:00", "", ""},
		{"a lead beside it", single, "1h", "2026-12-01 00:00", "2026-12-02 00:00", "2026-12-01 08:00, 2026-12-01 08:50", "2026-12-01 08:00"},
		{"one post for one instant", single, "10m", "2026-12-01 00:00", "2026-12-02 00:00", "2026-12-01 08:50", "2026-12-01 08:50"},
		{"the day before", single, "1d@18:00", "2026-11-30 17:00", "2026-12-01 00:00", "2026-11-30 18:00", "2026-11-30 18:00"},
		{"after its start", single, "0d@09:30", "2026-12-01 09:10", "2026-12-01 10:00", "2026-12-01 09:30", "2026-12-01 09:30"},
		{"years ahead", single, "1000d", "2024-03-06 00:00", "2024-03-07 00:00", "2024-03-06 09:00", "2024-03-06 09:00"},
		{"a lead on a series", daily, "2d", "2026-12-01 00:00", "2026-12-02 00:00", "2026-12-01 08:50, 2026-12-01 09:00", "2026-12-01 08:50"},
		{"across the change of clocks", []string{"DTSTART;TZID=Europe/Zurich:20270328T090000"}, "1d", "2027-03-27 00:00", "2027-03-28 00:00", "2027-03-27 09:00", "2027-03-27 09:00"},
		{"cancelled", append(single, "STATUS:CANCELLED"), "1h", "2026-12-01 00:00", "2026-12-02 00:00", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var leads []calbell.Lead
			if c.leads != "" {
				var err error
				if leads, err = calbell.ParseLeads(c.leads); err != nil {
					t.Fatal(err)
				}
			}
			f, from := calendar(t, c.lines...), instant(t, c.from)
			if got := dues(dueBetween(f, leads, from, instant(t, c.to))); got != c.want {
				t.Errorf("due are %q, want %q", got, c.want)
			}
			if got := dues(nextDue(f, leads, from)); got != c.next {
				t.Errorf("the next is %q, want %q", got, c.next)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, zurich())
	cases := []struct {
		end    time.Time
		allDay bool
		want   string
	}{
		{day, true, "Tue 2026-12-01"},
		{day.AddDate(0, 0, 1), true, "Tue 2026-12-01"},
		{day.AddDate(0, 0, 3), true, "Tue 2026-12-01 – Thu 2026-12-03"},
		{day.AddDate(0, 0, 1), false, day.Local().Format("Mon 2006-01-02 15:04 MST")},
	}
	for _, c := range cases {
		if got := times.Span(day, c.end, c.allDay); got != c.want {
			t.Errorf("span to %v, all-day %v: %q, want %q", c.end, c.allDay, got, c.want)
		}
	}
}

// What strangers write cannot move the cursor, colour the terminal or turn text around.
func TestPrintable(t *testing.T) {
	cases := []struct {
		in    string
		lines bool
		want  string
	}{
		{"Réunion ⏰ 会议", false, "Réunion ⏰ 会议"},
		{"a\x1b[31mb\x07", false, "a[31mb"},
		{"a\r\nb\tc", false, "a b c"},
		{"a\nb", true, "a\nb"},
		{"\u202egnp.exe\u2066", false, "gnp.exe"},
		{"a\u009bb\x7f", false, "ab"},
		{"\xff\xfe", false, ""},
	}
	for _, c := range cases {
		if got := printable(c.in, c.lines); got != c.want {
			t.Errorf("printable(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	long := strings.Repeat("é", 2*maxCell)
	if got := cell(long); got != strings.Repeat("é", maxCell-1)+"…" {
		t.Errorf("a long cell is %q", got)
	}
	if got := cell("\x00"); got != "-" {
		t.Errorf("an empty cell is %q", got)
	}
}

func TestParseTime(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", "0001-01-01T00:00:00Z"},
		{"2026-12-01", "2026-11-30T23:00:00Z"},
		{"2026-12-01T09:00", "2026-12-01T08:00:00Z"},
		{"2026-12-01 09:00", "2026-12-01T08:00:00Z"},
		{"2026-12-01T09:00:00-05:00", "2026-12-01T14:00:00Z"},
		{"2026-02-30", ""},
		{"tomorrow", ""},
		{"09:00", ""},
	}
	for _, c := range cases {
		got, err := times.Parse("--from", c.text, zurich())
		if c.want == "" {
			if calbell.KindOf(err) != calbell.KindUsage || calbell.HintOf(err).IsZero() {
				t.Errorf("parseTime(%q) = %v, %v, want a usage error with a hint", c.text, got, err)
			}
			continue
		}
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("parseTime(%q) = %v, %v, want %s", c.text, got, err, c.want)
		}
	}
}

// "synced" alone is said only when nothing is left over that the server has otherwise.
func TestSyncResult(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]types.SyncRow{
		"synced": {},
		"failed": {Error: calbell.Plain("cannot reach dav.example.org"), Unlisted: []string{"Choir"}},
		"synced, but for what the server does not list: Choir, Chess": {Unlisted: []string{"Choir", "Chess"}},
		"synced, but for 1 deletion held back":                        {HeldBack: 1},
		"synced, but for 2 listed calendars; what the server does not list: Choir; 40 deletions held back": {
			Troubles: make([]calbell.ListedName, 2), Unlisted: []string{"Choir"}, HeldBack: 40,
		},
	} {
		if got := syncResult(r); got != want {
			t.Errorf("%+v is %q, want %q", r, got, want)
		}
	}
}

// How accounts fared decides the exit code, and each failure is told with its hint.
func TestSyncFailures(t *testing.T) {
	ok := types.SyncRow{Account: "home"}
	refused := types.SyncRow{Account: "work", Error: calbell.Plain(`account "work": sign-in refused (401)`), Hint: calbell.Plain("needs an app password"), Kind: calbell.KindRefused}
	gone := types.SyncRow{Account: "club", Error: calbell.Plain("cannot reach club.example.org"), Kind: calbell.KindUnreachable}
	cases := []struct {
		rows []types.SyncRow
		kind calbell.ErrorKind
		want string
	}{
		{nil, 0, ""},
		{[]types.SyncRow{ok}, 0, ""},
		{[]types.SyncRow{refused}, calbell.KindRefused, `account "work": sign-in refused (401)` + "\n  needs an app password"},
		{[]types.SyncRow{ok, gone}, calbell.KindPartly, `account "club": cannot reach club.example.org`},
		{[]types.SyncRow{refused, gone}, calbell.KindRefused, `account "work": sign-in refused (401)` + "\n  needs an app password\n" + `account "club": cannot reach club.example.org`},
	}
	for _, c := range cases {
		err := syncFailures(c.rows)
		got := ""
		if err != nil {
			var out strings.Builder
			(&app{err: &out}).complain(err)
			got = strings.TrimSuffix(out.String(), "\n")
		}
		if calbell.KindOf(err) != c.kind || got != c.want {
			t.Errorf("%v: kind %d, %q; want %d, %q", c.rows, calbell.KindOf(err), got, c.kind, c.want)
		}
	}
}

func TestAgoAndCount(t *testing.T) {
	for length, want := range map[time.Duration]string{
		-time.Minute: "0 s ago", 30 * time.Second: "30 s ago", 90 * time.Second: "1 min ago",
		3 * time.Hour: "3 h ago", 47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago",
	} {
		if got := ago(time.Now().Add(-length - 100*time.Millisecond)); got != want {
			t.Errorf("ago(%v) = %q, want %q", length, got, want)
		}
	}
	if got := fmt.Sprint(count(0, "account"), " ", count(1, "account"), " ", count(2, "account")); got != "0 accounts 1 account 2 accounts" {
		t.Error(got)
	}
	if got := counts(map[calbell.Status]int{"sent": 2, "in_flight": 1, "dead": 2, "missed": 0}); got != "2 dead, 2 sent, 1 in flight" {
		t.Error(got)
	}
	if got := counts(nil); got != "none yet" {
		t.Error(got)
	}
}
