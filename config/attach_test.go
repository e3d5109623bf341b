package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell"

	"github.com/google/go-cmp/cmp"
)

const attached = `
scheduler: {skip: [tentative, free], all_day_time: 07:30}
accounts:
  - name: home
    url: https://cloud.example.org
    trust_invitations: true
    write_back: true
    webhook: Ops
    remind: [15m, "1d@18:00"]
    remind_all_day: 0d@09:00, 1w
    mode: add
    aliases:
      - {address: "mailto:OPS@example.org", webhook: ops}
    categories:
      - {name: On Call!, webhook: ops}
    calendars:
      - {name: team, remind: 5m, remind_all_day: [], mode: off, private: busy}
webhooks:
  - name: ops
    url: https://chat.example.org/hooks/x
    corrections: true
    quiet: {from: 22:00, to: 6:30, working_days: true, working: [sun, mon], action: drop}
  - name: weekend
    url: https://chat.example.org/hooks/y
    quiet: {working_days: true}
rules:
  - name: all
    calendar: home/team
    subject: /^on[- ]call/
    location: Zürich
    category: "7"
    organizer: anna@example.org
    busy: false
    all_day: true
    min_duration: 15m
    max_duration: 1d
    webhooks: [ops, weekend]
    remind: 1h
    remind_all_day: 1d@18:00
    mode: replace
  - {name: silent, mode: off}
  - {name: one, webhook: ops}
digests:
  - {name: plain, cron: "0 7 *  * mon-fri", webhook: ops}
  - {name: all, cron: 0 18 * * sun, time_zone: Asia/Tokyo, calendars: [team], webhook: ops, from: 1, days: 7, head: "%date%", line: "%time%", skip_empty: true}
`

// Every key about attaching goes where the words of the domain have it.
func TestAttached(t *testing.T) {
	cfg, err := Parse([]byte(attached), "config.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.CheckWebhooks(nil); err != nil {
		t.Error(err)
	}
	at := func(days int, hour time.Duration) calbell.Lead {
		return calbell.Lead{Days: days, AtClock: true, Clock: hour * time.Hour}
	}
	before := func(d time.Duration) calbell.Lead { return calbell.Lead{Exact: d} }
	no, yes := false, true
	got := Config{Scheduler: cfg.Scheduler, Accounts: cfg.Accounts, Rules: cfg.Rules, Digests: cfg.Digests}
	want := Config{
		Scheduler: Scheduler{LateWindow: time.Hour, AllDayTime: 7*time.Hour + 30*time.Minute, Skip: []string{"tentative", "free"}},
		Accounts: []calbell.Account{{
			Origin: calbell.OriginFile,
			Name:   "home",
			URL:    "https://cloud.example.org",
			Default: calbell.Default{
				Webhook: "Ops", Mode: calbell.ModeAdd, Remind: []calbell.Lead{before(15 * time.Minute), at(1, 18)},
				RemindAllDay: []calbell.Lead{at(0, 9), {Days: 7}},
			},
			Aliases:     map[string]string{"ops@example.org": "ops"},
			Categories:  map[string]string{"on-call": "ops"},
			Calendars:   []calbell.CalendarSettings{{Name: "team", Remind: []calbell.Lead{before(5 * time.Minute)}, Mode: calbell.ModeOff, Private: "busy"}},
			AccountSpec: calbell.AccountSpec{TrustInvitations: true, WriteBack: true},
		}},
		Rules: []calbell.Rule{
			{
				Name:        "all",
				MinDuration: 15 * time.Minute,
				MaxDuration: 24 * time.Hour,
				RuleSpec: calbell.RuleSpec{
					Calendar:     "home/team",
					Subject:      "/^on[- ]call/",
					Location:     "Zürich",
					Category:     "7",
					Organizer:    "anna@example.org",
					Busy:         &no,
					AllDay:       &yes,
					Webhooks:     []string{"ops", "weekend"},
					Remind:       []calbell.Lead{before(time.Hour)},
					RemindAllDay: []calbell.Lead{at(1, 18)},
					Mode:         calbell.ModeReplace,
				},
			},
			{Name: "silent", RuleSpec: calbell.RuleSpec{Mode: calbell.ModeOff}},
			{Name: "one", RuleSpec: calbell.RuleSpec{Webhooks: []string{"ops"}}},
		},
		Digests: []calbell.Digest{
			{Name: "plain", Cron: "0 7 * * mon-fri", Webhook: "ops", Days: 1},
			{
				Name: "all", Cron: "0 18 * * sun", TimeZone: "Asia/Tokyo", Calendars: []string{"team"}, Webhook: "ops",
				From: 1, Days: 7, Head: "%date%", Line: "%time%", SkipEmpty: true,
			},
		},
	}
	if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("read otherwise (-want +got):\n%s", diff)
	}
	quiet := calbell.Quiet{From: 22 * time.Hour, To: 6*time.Hour + 30*time.Minute, WorkingDays: true, Working: []time.Weekday{0, 1}, Drop: true}
	if diff := cmp.Diff(&quiet, cfg.Webhooks[0].Quiet); diff != "" || !cfg.Webhooks[0].Corrections {
		t.Errorf("the webhook is read otherwise:\n%s", diff)
	}
	if diff := cmp.Diff(&calbell.Quiet{WorkingDays: true}, cfg.Webhooks[1].Quiet); diff != "" {
		t.Errorf("weekends alone are read otherwise:\n%s", diff)
	}
}

// Each place that names a webhook is checked, and pointed at.
func TestEveryNameOfAWebhookIsChecked(t *testing.T) {
	text := strings.ReplaceAll(attached, "name: ops", "name: other")
	cfg, err := Parse([]byte(text), "config.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	err = cfg.CheckWebhooks(nil)
	for line, of := range strings.Split(text, "\n") {
		if !strings.Contains(strings.ToLower(of), " ops") && !strings.Contains(of, "[ops") {
			continue
		}
		if want := fmt.Sprintf("config.yaml:%d:", line+1); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("no finding at %s %s", want, of)
		}
	}
}

func TestLeadsAreBounded(t *testing.T) {
	for n, ok := range map[int]bool{calbell.MaxAlarms: true, calbell.MaxAlarms + 1: false} {
		many := strings.TrimSuffix(strings.Repeat("1m,", n), ",")
		for _, list := range []string{"'" + many + "'", "[" + many + "]"} {
			_, err := Parse([]byte("accounts: [{name: a, url: example.org, remind: "+list+"}]"), "c.yaml", from(nil))
			if (err == nil) != ok {
				t.Errorf("%d leads: %.200v", n, err)
			}
		}
	}
	many := strings.Repeat("x,", calbell.MaxRouted+1)
	if _, err := Parse([]byte("rules: [{name: a, webhooks: ["+many+"]}]"), "c.yaml", from(nil)); err == nil {
		t.Error("any number of webhooks is accepted")
	}
}
