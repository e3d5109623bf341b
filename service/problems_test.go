package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
)

// What was mended is told apart from what was lost, wherever people look; changes are counted as
// they come.
func TestProblemsAreCountedAndListed(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	admin := calbell.Caller{Name: "root", Admin: true}
	now := time.Now().UTC().Truncate(time.Hour)
	planned := func(n int, old, text string) calbell.Object {
		o := object(n, now.Add(time.Hour), "", "x")
		o.Raw = []byte(strings.Replace(string(o.Raw), old, text, 1))
		return plan.Plan(plan.Input{Object: o, Options: w.policy.Options(w.calendar), Routing: w.policy.Routing(w.calendar), Now: now}).Object
	}
	count := func(want types.ProblemCount) {
		t.Helper()
		rows, err := w.Calendars.List(ctx, admin)
		if err != nil || len(rows) != 1 || rows[0].Problems != want {
			t.Errorf("calendars %+v %v, want %+v", rows, err, want)
		}
	}
	w.put(t, nil, planned(1, "", ""), planned(2, "TRIGGER:-PT10M", "TRIGGER:-P10M"), planned(3, "TRIGGER:-PT10M", "TRIGGER:soon"))
	count(types.ProblemCount{Bad: 1, Mended: 1})
	bad, err := w.Events.Bad(ctx, admin)
	if err != nil || len(bad) != 2 {
		t.Fatalf("%+v %v", bad, err)
	}
	for _, r := range bad {
		if r.Mended != (r.Href == "/c/2.ics") || r.Mended != (len(r.Warnings) == 1 && r.Warnings[0].Code == calbell.WarnDuration) || r.Reason.IsZero() {
			t.Errorf("%+v", r)
		}
	}
	detail, err := w.Events.Get(ctx, admin, "e2@example.org", now)
	if err != nil || len(detail.Problems) != 0 || len(detail.Warnings) != 1 || detail.Warnings[0].Code != calbell.WarnDuration {
		t.Errorf("%+v %v", detail, err)
	}
	w.put(t, []calbell.Href{"/c/3.ics"}, planned(2, "", ""), planned(4, "DTSTART:", "DTSTART;TZID=GMT+0100:"), planned(5, "DURATION:PT45M", "DURATION:P"))
	count(types.ProblemCount{Mended: 1}) // a Z beats a TZID
	w.put(t, []calbell.Href{"/c/5.ics"})
	count(types.ProblemCount{})
}
