//go:build !race

package ical

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/zone"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// alarmsHere marks in a made-up calendar where VALARMs may stand.
const alarmsHere = "X-ALARMS-HERE"

// pick returns one of several.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// invention is a made-up series: how its times are written, and when it begins.
type invention struct {
	*rand.Rand
	kind, end string // VEVENT and DTEND, or VTODO and DUE
	allDay    bool
	tzid      string // "UTC"; "" = floating
	start     time.Time
	step      time.Duration // about so long from one instance to the next
}

// stamp writes a time.
func (v *invention) stamp(name string, at time.Time) string {
	switch {
	case v.allDay:
		return name + ";VALUE=DATE:" + at.Format("20060102")
	case v.tzid == "UTC":
		return name + ":" + at.Format("20060102T150405Z")
	case v.tzid == "":
		return name + ":" + at.Format("20060102T150405")
	}
	return name + ";TZID=" + v.tzid + ":" + at.Format("20060102T150405")
}

// invent returns the components of one UID as lines: a master, timed or all-day, perhaps
// a to-do, recurring or not, and overrides of all kinds. Wherever VALARMs may stand, a line
// says alarmsHere.
func invent(r *rand.Rand) []string {
	v := invention{Rand: r, kind: "VEVENT", end: "DTEND", allDay: r.IntN(4) == 0, step: 24 * time.Hour}
	if r.IntN(4) == 0 {
		v.kind, v.end = "VTODO", "DUE"
	}
	v.tzid = pick(r, "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "UTC", "")
	v.start = time.Date(2018+r.IntN(9), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), pick(r, 0, 0, 30, 59), 0, 0, time.UTC)
	lines := v.master()
	for range r.IntN(4) {
		lines = append(lines, v.override()...)
	}
	return lines
}

// rule returns an RRULE, "" now and then.
func (v *invention) rule() string {
	rule := ""
	switch v.IntN(7) {
	case 0, 1:
		rule = "FREQ=DAILY"
	case 2:
		rule, v.step = "FREQ=WEEKLY", 7*24*time.Hour
	case 3:
		rule = "FREQ=MONTHLY;BYDAY=-1SU"
	case 4:
		rule = "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU"
	case 5:
		if !v.allDay {
			rule, v.step = "FREQ=HOURLY;INTERVAL=5", 5*time.Hour
		}
	}
	if rule != "" && v.IntN(4) == 0 {
		rule += fmt.Sprintf(";COUNT=%d", 1+v.IntN(300))
	}
	return rule
}

// master returns the component without a RECURRENCE-ID.
func (v *invention) master() []string {
	lines := []string{"BEGIN:" + v.kind, "UID:a", v.stamp("DTSTART", v.start)}
	if v.IntN(3) > 0 {
		lines = append(lines, v.stamp(v.end, v.start.Add(pick(v.Rand, time.Hour, 25*time.Hour, 72*time.Hour))))
	}
	if rule := v.rule(); rule != "" {
		lines = append(lines, "RRULE:"+rule)
		if v.IntN(3) == 0 {
			lines = append(lines, v.stamp("EXDATE", v.start.Add(v.step*time.Duration(v.IntN(20)))))
		}
	}
	if v.IntN(4) == 0 {
		lines = append(lines, v.stamp("RDATE", v.start.Add(v.step*time.Duration(v.IntN(90))+pick(v.Rand, 0, time.Hour))))
	}
	if !v.allDay && v.tzid != "" && v.IntN(4) == 0 {
		from := v.start.Add(v.step*time.Duration(v.IntN(90)) + 7*time.Hour).Format("20060102T150405")
		lines = append(lines, "RDATE;VALUE=PERIOD;TZID="+v.tzid+":"+from+"/PT3H")
	}
	return append(append(lines, v.status()...), alarmsHere, "END:"+v.kind)
}

// override returns a component for one instance, or for it and all after it, which need
// not be one of the series.
func (v *invention) override() []string {
	at := v.start.Add(v.step * time.Duration(v.IntN(60)))
	rid := v.stamp("RECURRENCE-ID", at)
	if v.IntN(3) == 0 {
		rid = strings.Replace(rid, "RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE", 1)
	}
	moved := at.Add(pick(v.Rand, 0, time.Hour, -30*time.Minute, 49*time.Hour, -500*time.Hour))
	start := v.stamp("DTSTART", moved)
	switch v.IntN(5) {
	case 0:
		start = "DTSTART;TZID=America/New_York:" + moved.Format("20060102T150405")
	case 1:
		start = "DTSTART:" + moved.Format("20060102T150405Z")
	}
	lines := []string{"BEGIN:" + v.kind, "UID:a", rid, start}
	return append(append(lines, v.status()...), alarmsHere, "END:"+v.kind)
}

// status returns a line that silences a component now and then.
func (v *invention) status() []string {
	switch {
	case v.IntN(8) > 0:
		return nil
	case v.kind == "VTODO" && v.IntN(2) == 0:
		return []string{"STATUS:COMPLETED"}
	}
	return []string{"STATUS:CANCELLED"}
}

// written puts VALARMs where lines say that they may stand.
func written(lines []string, alarms ...string) []string {
	var out []string
	for _, l := range lines {
		if l == alarmsHere {
			out = append(out, alarms...)
		} else {
			out = append(out, l)
		}
	}
	return out
}

// invented returns the event that the lines are.
func invented(t *testing.T, lines []string) *Event {
	t.Helper()
	sydney, err := time.LoadLocation("Australia/Sydney")
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, Options{Zone: sydney}, lines...)
	if len(f.Events) != 1 {
		t.Fatalf("%d events of\n%s\n%v", len(f.Events), strings.Join(lines, "\n"), f.Problems)
	}
	return f.Events[0]
}

// someLeads returns leads of all kinds.
func someLeads(r *rand.Rand) []calbell.Lead {
	leads := make([]calbell.Lead, 1+r.IntN(4))
	for i := range leads {
		l := &leads[i]
		l.Days = pick(r, 0, 0, 1, 2, 7, 40, 400)
		if l.AtClock = r.IntN(2) == 0; l.AtClock {
			l.Clock = time.Duration(r.IntN(24))*time.Hour + pick(r, 0, 30*time.Minute, 59*time.Minute)
		} else {
			l.Exact = pick(r, 0, 0, 15*time.Minute, 90*time.Minute, 30*time.Hour)
		}
	}
	return leads
}

// steady reports whether no change of offset is near an instant.
func steady(at time.Time) bool {
	const near = 4 * 3600
	return zone.Variation(at.Unix()-near, at.Unix()+near, at.Location(), 1<<30) == 0
}

// counted returns the instant of a lead for a start as it is to be: as Lead.Before says,
// and beside changes of offset by the rule of RFC 5545 §3.3.5.
func counted(t *testing.T, l calbell.Lead, start time.Time) time.Time {
	t.Helper()
	wall := zone.Wall(start)
	if l.AtClock {
		wall = day(wall) + recur.Wall(l.Clock/time.Second)
	}
	at := start
	if l.AtClock || l.Days > 0 {
		at = zone.Instant(wall-recur.Wall(l.Days)*daySeconds, start.Location())
	}
	sure := steady(at)
	if !l.AtClock {
		at = at.Add(-l.Exact)
	}
	if before := l.Before(start); sure && !before.Equal(at) {
		t.Errorf("%v before %v: %v, and by Lead.Before %v", l, start, at, before)
	}
	return at
}

// rung is an instant of a lead.
type rung struct {
	at    time.Time
	id    calbell.RecurrenceID
	index int
}

// TestLeadsOfInstances compares the instants of leads with those counted from every instance.
func TestLeadsOfInstances(t *testing.T) {
	total := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		lines := written(invent(r))
		leads := someLeads(r)
		e := invented(t, lines)
		from := time.Date(2018+r.IntN(10), time.Month(r.IntN(12)), r.IntN(28), r.IntN(24), 0, 0, 0, time.UTC)
		to := from.Add(pick(r, 2*time.Hour, 48*time.Hour, 90*24*time.Hour))
		var want []rung
		list, more := e.Instances(from.AddDate(0, 0, -3), to.AddDate(0, 0, 405), 1_000_000)
		if more {
			t.Fatalf("seed %d: more than a million instances", seed)
		}
		for _, in := range list {
			for i, l := range leads {
				start := in.Start
				if l.AtClock && start.Location() == time.UTC {
					start = start.In(e.local)
				}
				at := counted(t, l, start)
				if in.Status == "" && steady(start) && !at.Before(from) && at.Before(to) {
					want = append(want, rung{at.UTC(), in.RecurrenceID, i})
				}
			}
		}
		alarms, more := e.With(leads).Alarms(from, to, 1_000_000)
		var got []rung
		for _, a := range alarms {
			if a.Alarm.Lead == nil || *a.Alarm.Lead != leads[a.Alarm.Index] || a.Alarm.Action != "DISPLAY" {
				t.Errorf("seed %d: alarm %+v", seed, a.Alarm)
			}
			if steady(a.Instance.Start) {
				got = append(got, rung{a.Trigger, a.Instance.RecurrenceID, a.Alarm.Index})
			}
		}
		order(want)
		order(got)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(rung{})); diff != "" || more {
			t.Errorf("seed %d, leads %v, %v to %v, more %t:\n%s\n(-want +got):\n%s", seed, leads, from, to, more, strings.Join(lines, "\n"), diff)
		}
		total += len(got)
	}
	if total < 2000 {
		t.Errorf("only %d instants were compared", total)
	}
}

// order sorts instants of leads.
func order(list []rung) {
	key := func(r rung) string { return fmt.Sprintf("%s %s %03d", r.at.Format(time.RFC3339), r.id, r.index) }
	slices.SortFunc(list, func(a, b rung) int { return strings.Compare(key(a), key(b)) })
}

// TestLeadsAreAlarms says that a lead by days and exact time rings when a VALARM with the
// same TRIGGER in each component does, beside changes of offset too.
func TestLeadsAreAlarms(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		lines := invent(r)
		var leads []calbell.Lead
		var valarms []string
		for _, l := range someLeads(r) {
			l.AtClock, l.Clock = false, 0
			leads = append(leads, l)
			valarms = append(valarms, "BEGIN:VALARM", fmt.Sprintf("TRIGGER:-P%dDT%dM", l.Days, l.Exact/time.Minute), "END:VALARM")
		}
		e, written := invented(t, written(lines)).With(leads), invented(t, written(lines, valarms...))
		from := time.Date(2018+r.IntN(10), time.Month(r.IntN(12)), r.IntN(28), 0, 0, 0, 0, time.UTC)
		to := from.AddDate(0, 0, 100)
		got, _ := e.Alarms(from, to, 1_000_000)
		want, _ := written.Alarms(from, to, 1_000_000)
		for i := range got {
			got[i].Alarm.Lead = nil
		}
		for i := range want {
			want[i].Instance.Alarms = 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d, leads %v:\n%s\n(-want +got):\n%s", seed, leads, strings.Join(lines, "\n"), diff)
		}
		next, ok := e.NextAlarm(to)
		nextWritten, okWritten := written.NextAlarm(to)
		if ok != okWritten || !next.Trigger.Equal(nextWritten.Trigger) {
			t.Errorf("seed %d: next %v %t, want %v %t", seed, next.Trigger, ok, nextWritten.Trigger, okWritten)
		}
	}
}

// TestLeadsBesideAlarms asks every vector's events with leads in different ways, and says
// that their own alarms stay as they are.
func TestLeadsBesideAlarms(t *testing.T) {
	leads := []calbell.Lead{
		{AtClock: true, Clock: 9 * time.Hour},
		{Days: 1, AtClock: true, Clock: 18 * time.Hour},
		{Exact: 15 * time.Minute},
		{Days: 7, Exact: time.Hour},
	}
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := readVector(t, path)
			from, to := v.date(t, "from"), v.date(t, "to")
			for _, file := range v.names {
				f, err := Parse([]byte(v.files[file]), v.options(t))
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range f.Events {
					with := e.With(leads[:2]).With(leads[2:])
					questions(t, with, from, to)
					own, _ := e.Alarms(from, to, 1_000_000)
					all, _ := with.Alarms(from, to, 1_000_000)
					all = slices.DeleteFunc(all, func(a calbell.AlarmInstant) bool { return a.Alarm.Lead != nil })
					if diff := cmp.Diff(own, all, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s: its own alarms (-without leads +with):\n%s", e.UID(), diff)
					}
				}
			}
		})
	}
}

// TestWithNothing says that no leads change nothing, and that a lead is the caller's own.
func TestWithNothing(t *testing.T) {
	e := event(t, "BEGIN:VEVENT", "UID:a", "DTSTART:20260701T100000Z", "END:VEVENT")
	if e.With(nil) != e {
		t.Error("an event with no leads is another")
	}
	with := e.With([]calbell.Lead{{}})
	at := utc(t, "2026-07-01")
	first, _ := with.NextAlarm(at)
	first.Alarm.Lead.Days = 3
	if again, ok := with.NextAlarm(at); !ok || again.Alarm.Lead.Days != 0 || !again.Trigger.Equal(utc(t, "2026-07-01 10:00")) {
		t.Errorf("got %+v %t", again.Alarm.Lead, ok)
	}
	if _, ok := e.NextAlarm(at); ok {
		t.Error("the event itself rings")
	}
}

func TestDescriptions(t *testing.T) {
	e := event(t, "BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20260702T100000Z", "DTSTART:20260702T100000Z", "DESCRIPTION:other", "END:VEVENT",
		"BEGIN:VEVENT", "UID:a", "DTSTART:20260701T100000Z", "RRULE:FREQ=DAILY", "DESCRIPTION:", `DESCRIPTION;LANGUAGE=en:one\n#rem`, " ind ops", "DESCRIPTION:second",
		"BEGIN:VALARM", "TRIGGER:PT0S", "DESCRIPTION:of the alarm", "END:VALARM", "END:VEVENT",
		"BEGIN:VEVENT", "UID:a", "RECURRENCE-ID:20260703T100000Z", "DTSTART:20260703T100000Z", `DESCRIPTION:one\N#remind ops`, "END:VEVENT",
		"BEGIN:VEVENT", "UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260710T100000Z", "DTSTART:20260710T100000Z", "DESCRIPTION:later", "END:VEVENT")
	want := []string{"one\n#remind ops", "later", "other"}
	if diff := cmp.Diff(want, e.Descriptions()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A time of day is by the clock of the people, also when the event is written in UTC, as
// exports of several servers are.
func TestLeadOfAnEventInUTC(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ start, want string }{
		{"20261201T133000Z", "2026-11-30T17:00:00Z"},
		{"20261201T233000Z", "2026-12-01T17:00:00Z"}, // half past midnight there: the day before is the first
		{"20260715T120000Z", "2026-07-14T16:00:00Z"}, // in summer
	} {
		f, err := Parse([]byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:e\r\nDTSTART:"+tt.start+"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), Options{Fallback: zurich})
		if err != nil {
			t.Fatal(err)
		}
		lead, err := calbell.ParseLead("1d@18:00")
		if err != nil {
			t.Fatal(err)
		}
		a, ok := f.Events[0].With([]calbell.Lead{lead}).NextAlarm(time.Unix(0, 0))
		if got := a.Trigger.Format(time.RFC3339); !ok || got != tt.want {
			t.Errorf("%s rings at %s, want %s", tt.start, got, tt.want)
		}
	}
}
