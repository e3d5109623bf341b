package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/store"
)

func planOf(lines string, change func(*Input)) store.Planned {
	raw := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + lines + "\nEND:VCALENDAR\n"
	in := Input{
		Object:  calbell.Object{Calendar: "c", Href: "/a.ics", ETag: `"1"`, Raw: []byte(strings.ReplaceAll(raw, "\n", "\r\n"))},
		Options: ical.Options{Zone: time.UTC},
		Routing: to("team"),
		Now:     noon,
	}
	if change != nil {
		change(&in)
	}
	return Plan(in)
}

// to is a routing that sends every alarm to these webhooks; none: it knows nothing.
func to(webhooks ...calbell.WebhookID) *Routing {
	r := &Routing{private: "skip"}
	if len(webhooks) > 0 {
		r.fallback = &made{webhooks: webhooks, step: calbell.StepCalendar, mode: calbell.ModeFallback}
	}
	return r
}

func vevent(uid, lines string, triggers ...string) string {
	text := "BEGIN:VEVENT\nUID:" + uid + "\nDTSTAMP:20260101T000000Z\n" + lines
	for _, tr := range triggers {
		text += "\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:" + tr + "\nEND:VALARM"
	}
	return text + "\nEND:VEVENT"
}

// list shows a plan as "15:04 [keep]" relative to noon's day, with the webhook.
func list(p store.Planned) string {
	var parts []string
	for _, r := range p.Reminders {
		s := fmt.Sprintf("%v→%s", r.Due.Sub(noon), r.Webhook)
		if r.KeepOnly {
			s += " keep"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func TestPlan(t *testing.T) {
	start := func(after time.Duration) string {
		return "DTSTART:" + noon.Add(after).Format("20060102T150405Z") + "\nDURATION:PT1H\nSUMMARY:x"
	}
	quiet := func(in *Input) { in.Quiet = true }
	since := func(ago time.Duration) func(*Input) {
		return func(in *Input) { in.Since = in.Now.Add(-ago) }
	}
	for _, tt := range []struct {
		name   string
		lines  string
		change func(*Input)
		want   string
		until  time.Duration // covered, after now; 0: nothing is left
	}{
		{"one to come", vevent("a", start(time.Hour), "-PT10M"), nil, "50m0s→team", 0},
		{"far away is laid out too", vevent("a", start(1000*time.Hour), "-PT1H"), nil, "999h0m0s→team", 999*time.Hour + 1},
		{"two in the horizon, one beyond", vevent("a", start(47*time.Hour), "-PT46H", "PT0S", "PT2H"), nil, "1h0m0s→team, 47h0m0s→team, 49h0m0s→team", 49*time.Hour + 1},
		{"no alarm", vevent("a", start(time.Hour)), nil, "", 0},
		{"past, begun", vevent("a", start(-time.Hour), "-PT10M"), nil, "-1h10m0s→team keep", 0},
		{"past, not begun", vevent("a", start(5*time.Minute), "-PT10M"), nil, "-5m0s→team", 0},
		{"past, not begun, quiet", vevent("a", start(5*time.Minute), "-PT10M"), quiet, "-5m0s→team keep", 0},
		{"past, begun, since all was known", vevent("a", start(-time.Hour), "-PT10M", "PT0S"), since(65 * time.Minute), "-1h10m0s→team keep, -1h0m0s→team", 0},
		{"past, begun, days after all was known", vevent("a", start(-50*time.Hour), "PT0S"), since(60 * time.Hour), "-50h0m0s→team", 0},
		{"past, begun, to a webhook that was attached later", vevent("a", start(-time.Hour), "PT0S"), func(in *Input) {
			since(2 * time.Hour)(in)
			in.Reaches = []calbell.WebhookID{"ops"}
		}, "-1h0m0s→team keep", 0},
		{"past, begun, in a calendar that was switched on later", vevent("a", start(-time.Hour), "PT0S"), func(in *Input) {
			since(2 * time.Hour)(in)
			in.WasOff = true
		}, "-1h0m0s→team keep", 0},
		{"too long ago", vevent("a", start(-30*time.Hour), "-PT10M"), nil, "", 0},
		{"two webhooks", vevent("a", start(time.Hour), "PT0S"), func(in *Input) { in.Routing = to("team", "ops") }, "1h0m0s→team, 1h0m0s→ops", 0},
		{"silent", vevent("a", start(time.Hour), "PT0S"), func(in *Input) { in.Routing = to() }, "", 0},
		{"two alarms at one instant", vevent("a", start(time.Hour), "-PT60M", "-PT1H"), nil, "0s→team", 0},
		{"two events in one object", vevent("a", start(time.Hour), "PT0S") + "\n" + vevent("b", start(2*time.Hour), "PT0S"), nil, "1h0m0s→team, 2h0m0s→team", 0},
		{"private", vevent("a", start(time.Hour)+"\nCLASS:PRIVATE", "PT0S"), nil, "", 0},
		{"daily", vevent("a", start(time.Hour)+"\nRRULE:FREQ=DAILY;COUNT=3", "PT0S"), nil, "1h0m0s→team, 25h0m0s→team, 49h0m0s→team", 49*time.Hour + 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := planOf(tt.lines, tt.change)
			if !p.Object.Problem.IsZero() {
				t.Fatal(p.Object.Problem)
			}
			if got := list(p); got != tt.want {
				t.Errorf("planned %s, want %s", got, tt.want)
			}
			if tt.until == 0 {
				if !p.Object.Until.IsZero() || !p.Object.Replan.IsZero() {
					t.Errorf("until %v, replan %v, want neither", p.Object.Until, p.Object.Replan)
				}
				return
			}
			if got := p.Object.Until.Sub(noon); got != tt.until {
				t.Errorf("until %v, want %v", got, tt.until)
			}
			if r := p.Object.Replan; !r.After(noon) || !r.Before(p.Object.Until) {
				t.Errorf("replan %v is not between now and %v", r, p.Object.Until)
			}
		})
	}
}

func TestPlanIsIdempotent(t *testing.T) {
	text := vevent("a", "DTSTART:20200101T130000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:x", "-PT10M", "PT0S")
	first, second := planOf(text, nil), planOf(text, nil)
	if list(first) != list(second) || first.Object.Until != second.Object.Until {
		t.Errorf("planned %s, then %s", list(first), list(second))
	}
	for i, r := range first.Reminders {
		if r.ID != second.Reminders[i].ID {
			t.Errorf("reminder %d has another ID", i)
		}
	}
}

// Continuing a layout from where it ended gives what one long layout would have given.
func TestContinue(t *testing.T) {
	for _, rule := range []string{"FREQ=MINUTELY;INTERVAL=7", "FREQ=HOURLY", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY", "FREQ=SECONDLY;COUNT=9000"} {
		t.Run(rule, func(t *testing.T) {
			in := Input{
				Object: calbell.Object{Calendar: "c", Href: "/a.ics", Raw: []byte("BEGIN:VCALENDAR\r\n" +
					strings.ReplaceAll(vevent("a", "DTSTART:20261123T120000Z\nDURATION:PT1M\nRRULE:"+rule, "PT0S"), "\n", "\r\n") + "\r\nEND:VCALENDAR\r\n")},
				Options: ical.Options{Zone: time.UTC}, Routing: to("team"), Now: noon,
			}
			p := Plan(in)
			var last time.Time
			n := 0
			for p.Object.Until.Before(noon.AddDate(0, 0, 40)) {
				for _, r := range p.Reminders {
					if !r.Due.After(last) {
						t.Fatalf("%v after %v", r.Due, last)
					}
					last = r.Due
					n++
				}
				if p.Object.Replan.IsZero() {
					break
				}
				in.Object, in.Now = p.Object, p.Object.Replan
				next := Continue(in)
				if !next.Object.Until.IsZero() && !next.Object.Until.After(p.Object.Until) {
					t.Fatalf("the layout does not grow: %v, then %v", p.Object.Until, next.Object.Until)
				}
				p = next
			}
			file, err := ical.Parse(in.Object.Raw, in.Options)
			if err != nil {
				t.Fatal(err)
			}
			all, _ := file.Events[0].Alarms(noon, last.Add(1), 1_000_000)
			if len(all) != n || n == 0 {
				t.Errorf("laid out %d, want %d", n, len(all))
			}
		})
	}
}

// What rang in the past must not take the place of what comes: an event that began long
// ago and rings each minute, or each second, is laid out from now on.
func TestPlanDenseEvents(t *testing.T) {
	for _, tt := range []struct {
		rule  string
		until time.Duration // at least
	}{
		{"FREQ=MINUTELY", 16 * time.Hour},
		{"FREQ=SECONDLY", 16 * time.Minute},
	} {
		p := planOf(vevent("a", "DTSTART:20261120T120000Z\nDURATION:PT1S\nRRULE:"+tt.rule, "PT0S", "PT20S"), func(in *Input) { in.Quiet = true })
		coming, last := 0, time.Time{}
		for _, r := range p.Reminders {
			if r.KeepOnly != r.Due.Before(noon) {
				t.Fatalf("%s: %v is keep-only: %v", tt.rule, r.Due, r.KeepOnly)
			}
			if !r.Due.Before(noon) {
				coming++
			} else if r.Due.After(last) {
				last = r.Due
			}
		}
		if coming < 1000 || p.Object.Until.Before(noon.Add(tt.until)) {
			t.Errorf("%s: %d to come, until %v", tt.rule, coming, p.Object.Until)
		}
		if last.Before(noon.Add(-time.Minute)) {
			t.Errorf("%s: of the past the newest is %v", tt.rule, last)
		}
	}
}

// Many events that ring often share one layout, which stays complete up to its end.
func TestPlanSharesALayout(t *testing.T) {
	var lines []string
	for i := range 300 {
		lines = append(lines, vevent(fmt.Sprint("e", i), fmt.Sprintf("DTSTART:20261123T1200%02dZ\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;INTERVAL=%d", i%60, 1+i%7), "PT0S"))
	}
	p := planOf(strings.Join(lines, "\n"), nil)
	until := p.Object.Until
	if n := len(p.Reminders); n == 0 || n > calbell.MaxRemindersPerLayout || !until.After(noon) {
		t.Fatalf("%d reminders until %v", n, until)
	}
	want := 0
	file, err := ical.Parse(p.Object.Raw, ical.Options{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range file.Events {
		alarms, _ := e.Alarms(noon, until, 100_000)
		want += len(alarms)
	}
	if len(p.Reminders) != want {
		t.Errorf("%d reminders until %v, want %d", len(p.Reminders), until, want)
	}
}

// An object of 4 MiB that rings thousands of times each second is refused, soon.
func TestPlanHostileObject(t *testing.T) {
	var events []string
	for i := range 700 {
		e := vevent(fmt.Sprint("e", i), fmt.Sprintf("DTSTART:20200101T0000%02dZ\nDURATION:PT1S\nRRULE:FREQ=SECONDLY", i%60))
		alarms := ""
		for a := range 64 {
			alarms += fmt.Sprintf("BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT%dS\nREPEAT:100\nDURATION:PT7S\nEND:VALARM\n", a*13)
		}
		events = append(events, strings.Replace(e, "END:VEVENT", alarms+"END:VEVENT", 1))
	}
	p := planOf(strings.Join(events, "\n"), nil)
	if len(p.Reminders) != 0 || p.Object.Problem != tooMany || !p.Object.Replan.IsZero() || len(p.Object.UIDs) != 700 {
		t.Errorf("%d reminders, problem %q, replan %v, %d UIDs", len(p.Reminders), p.Object.Problem, p.Object.Replan, len(p.Object.UIDs))
	}
}

// So many alarms at an instant far away are not lost in silence either.
func TestPlanTooManyFarAway(t *testing.T) {
	var events []string
	for i := range calbell.MaxRemindersPerLayout + 1 {
		events = append(events, vevent(fmt.Sprint("e", i), "DTSTART:20270601T120000Z\nDURATION:PT1H", "PT0S"))
	}
	if p := planOf(strings.Join(events, "\n"), nil); p.Object.Problem != tooMany || len(p.Reminders) != 0 {
		t.Errorf("%d reminders, problem %q", len(p.Reminders), p.Object.Problem)
	}
	if p := planOf(strings.Join(events[2:], "\n"), nil); !p.Object.Problem.IsZero() || len(p.Reminders) != len(events)-2 {
		t.Errorf("below the limit: %d reminders, problem %q", len(p.Reminders), p.Object.Problem)
	}
}

func TestPlanBadObjects(t *testing.T) {
	good := vevent("good", "DTSTART:20261123T130000Z\nSUMMARY:x", "PT0S")
	for _, tt := range []struct {
		name, raw string
		reminders int
		problem   bool
	}{
		{"empty", "", 0, true},
		{"html", "<html><body>Sign in</body></html>", 0, true},
		{"cut off", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:2026", 0, true},
		{"no event in it", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n", 0, false},
		{"one of two is bad", "BEGIN:VCALENDAR\r\n" + good + "\r\nBEGIN:VEVENT\r\nUID:bad\r\nDTSTART:garbage\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", 1, true},
		{"too large", "BEGIN:VCALENDAR\r\n" + strings.Repeat("X-FILL:"+strings.Repeat("x", 60)+"\r\n", 2_000_000) + "END:VCALENDAR\r\n", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Plan(Input{Object: calbell.Object{Raw: []byte(tt.raw)}, Options: ical.Options{Zone: time.UTC}, Routing: to("team"), Now: noon})
			if len(p.Reminders) != tt.reminders || (!p.Object.Problem.IsZero()) != tt.problem {
				t.Errorf("%d reminders, problem %q", len(p.Reminders), p.Object.Problem)
			}
		})
	}
}

// A title is shortened to whole runes.
func TestSubject(t *testing.T) {
	at := strings.Repeat("x", maxSubject-1)
	for _, tt := range []struct{ in, want string }{
		{"short", "short"},
		{at + "y", at + "y"},
		{at + "é", at}, // two bytes
		{at + "yz", at + "y"},
		{strings.Repeat("\x80", maxSubject+1), ""}, // no rune starts here
	} {
		if got := Subject(tt.in); got != tt.want {
			t.Errorf("Subject(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
