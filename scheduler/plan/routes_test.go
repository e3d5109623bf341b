package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/config"
	"calbell/ical"
	"calbell/scheduler/plan"
)

// routeVector is a file of testdata/routes; its README says how it is read.
type routeVector struct {
	sections map[string]string
	cases    []routeCase
}

// routeCase is an event, what is attached to it, and where it rings.
type routeCase struct {
	name, event string
	bindings    []string
	want        []string
}

func readRoutes(t *testing.T, path string) routeVector {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v := routeVector{sections: map[string]string{}}
	section := ""
	for line := range strings.SplitSeq(string(raw), "\n") {
		if name, ok := strings.CutPrefix(line, "-- "); ok {
			section = strings.TrimSuffix(name, " --")
			if name, ok := strings.CutPrefix(section, "case "); ok {
				v.cases = append(v.cases, routeCase{name: name})
			}
			continue
		}
		if !strings.HasPrefix(section, "case ") {
			v.sections[section] += line + "\n"
			continue
		}
		c := &v.cases[len(v.cases)-1]
		switch {
		case strings.HasPrefix(line, "> "):
			c.want = append(c.want, line[2:])
		case strings.HasPrefix(line, "+ "):
			c.bindings = append(c.bindings, line[2:])
		case strings.TrimSpace(line) != "":
			c.event += line + "\r\n"
		}
	}
	return v
}

// policy is one of a configuration with three webhooks and one calendar, and what the
// vector says more.
func (v routeVector) policy(t *testing.T) *plan.Policy {
	t.Helper()
	text := `
webhooks:
  - {name: ops, url: "https://chat.example.org/hooks/ops"}
  - {name: team, url: "https://chat.example.org/hooks/team"}
  - {name: "kChat #boss", url: "https://chat.example.org/hooks/boss"}
accounts:
  - name: home
    url: https://cal.example.org/
    addresses: [anna@example.org]
` + v.sections["account"] + `
` + v.list() + v.sections["more"]
	cfg, err := config.Parse([]byte(text), "calbell.yaml", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range cfg.Webhooks {
		cfg.Webhooks[i].ID = calbell.WebhookID(calbell.Slug(w.Name))
	}
	return plan.NewPolicy(plan.Settings{
		Accounts: cfg.Accounts, Webhooks: cfg.Webhooks, Rules: cfg.Rules, Calendars: v.set(), Skip: cfg.Scheduler.Skip, Zone: time.UTC, Locale: "en",
	})
}

// list is the account's list of calendars; a calendar that is shared is in it when the vector
// says so.
func (v routeVector) list() string {
	if shared, is := v.sections["shared"]; is && !strings.Contains(shared, "listed") {
		return ""
	}
	return "    calendars:\n      - name: Team\n" + v.sections["calendar"] + "\n"
}

// set is what people set for the calendar.
func (v routeVector) set() map[calbell.CalendarID]calbell.CalendarSettings {
	on := true
	if !strings.Contains(v.sections["shared"], "switched on") {
		return nil
	}
	return map[calbell.CalendarID]calbell.CalendarSettings{"c1": {Name: "home/Holidays", SwitchedOn: &on}}
}

// calendar is the one that the vector is about.
func (v routeVector) calendar() calbell.Calendar {
	c := routeCalendar
	shared, is := v.sections["shared"]
	if is {
		c.Ownership, c.SharedBy = calbell.OwnershipOther, "/principals/users/bob/"
	}
	if is && !strings.Contains(shared, "listed") {
		c.Listed = ""
	}
	return c
}

var routeCalendar = calbell.Calendar{
	ID: "c1", Account: "home", Name: "Team", Listed: "Team", URL: "https://cal.example.org/team/",
	Addresses: []string{"/principals/users/anna/", "urn:uuid:0F2A"},
}

// TestRoutes asks where the alarms of December 2026 go.
func TestRoutes(t *testing.T) {
	files, err := filepath.Glob("testdata/routes/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, path := range files {
		v := readRoutes(t, path)
		p := v.policy(t)
		for _, c := range v.cases {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txt")+"/"+c.name, func(t *testing.T) {
				got := routesOf(t, p, v.calendar(), c)
				if !slices.Equal(got, c.want) {
					t.Errorf("it rings:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
				}
			})
		}
	}
}

// routesOf writes where the alarms of an event go, a line each.
func routesOf(t *testing.T, p *plan.Policy, in calbell.Calendar, c routeCase) (lines []string) {
	t.Helper()
	file, err := ical.Parse([]byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"+component(c.event)+"END:VCALENDAR\r\n"), ical.Options{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Events) != 1 {
		t.Fatalf("%d events: %v", len(file.Events), file.Problems)
	}
	e := file.Events[0]
	r := p.Routing(in).On(bindingsOf(t, c.bindings))
	from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	alarms, _ := r.Event(e).Alarms(from, from.AddDate(0, 1, 0), 1000)
	for _, a := range alarms {
		d := r.Route(a)
		when := a.Trigger.Format("02 15:04")
		for _, route := range d.Routes {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s by %s %s", when, route.Webhook, route.Step, route.From), " "))
		}
		if len(d.Routes) == 0 && a.Alarm.Lead == nil {
			lines = append(lines, when+" silent: "+d.Silent.English)
		}
		for _, name := range d.Unknown {
			lines = append(lines, when+" unknown: "+name)
		}
	}
	return lines
}

// component is an event of 14:00 to 15:00 on the first of December when the text does not say
// otherwise.
func component(text string) string {
	if strings.Contains(text, "BEGIN:V") && !strings.HasPrefix(text, "BEGIN:VALARM") && strings.HasPrefix(text, "BEGIN:") {
		return text
	}
	if !strings.Contains(text, "DTSTART") {
		text = "DTSTART:20261201T140000Z\r\nDTEND:20261201T150000Z\r\n" + text
	}
	return "BEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20260101T000000Z\r\n" + text + "END:VEVENT\r\n"
}

// bindingsOf reads "before=15m webhook=ops instance=… onwards", "alarm webhook=ops", "mute".
func bindingsOf(t *testing.T, lines []string) (bs []calbell.Binding) {
	t.Helper()
	for i, line := range lines {
		b := calbell.Binding{ID: calbell.BindingID(fmt.Sprint("b", i+1)), Account: "home", UID: "e"}
		for word := range strings.FieldsSeq(line) {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "before":
				var err error
				if b.Lead, err = calbell.ParseLead(value); err != nil {
					t.Fatal(err)
				}
			case "webhook":
				b.Webhook = calbell.WebhookID(value)
			case "instance":
				b.Instance = calbell.RecurrenceID(value)
			case "onwards":
				b.Onwards = true
			case "alarm":
				b.AtAlarm = true
			case "mute":
				b.Mute = true
			case "written":
				b.WrittenAt = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
			case "in":
				b.Calendar = calbell.CalendarID(value)
			case "removed":
				b.Removed = true
			default:
				t.Fatalf("binding %q", line)
			}
		}
		bs = append(bs, b)
	}
	return bs
}
