package recur_test

import (
	"slices"
	"testing"

	"github.com/teambition/rrule-go"

	"calbell/ical/recur"
)

// rruleGoKnows reports whether rrule-go can be asked about a rule. It is left out where it
// reads the RFC otherwise than we do:
//
//   - BYWEEKNO without BYDAY: it gives all seven days, we DTSTART's weekday; and it counts
//     the days of a week that begins in December to the year before, which BYSETPOS and
//     INTERVAL notice.
//   - YEARLY with BYMONTHDAY without BYMONTH: it takes every month, we DTSTART's.
//   - numbered and plain weekdays in one BYDAY: it requires both of one day.
//   - WEEKLY with BYSETPOS: it cuts the first week at DTSTART and counts what is left.
//   - parts without meaning at a frequency, and second 60.
//   - below a day: it is asked about plain rules only, since it may not return.
func rruleGoKnows(r *recur.Rule) bool {
	numbered := slices.ContainsFunc(r.ByDay, func(d recur.DayNum) bool { return d.N != 0 })
	plain := slices.ContainsFunc(r.ByDay, func(d recur.DayNum) bool { return d.N == 0 })
	switch {
	case len(r.ByWeekNo) > 0 && (len(r.ByDay) == 0 || r.Freq != recur.Yearly || len(r.BySetPos) > 0 || r.Interval > 1 || numbered),
		r.Freq == recur.Yearly && len(r.ByMonthDay) > 0 && len(r.ByMonth) == 0,
		numbered && (plain || r.Freq < recur.Monthly),
		r.Freq == recur.Weekly && len(r.ByMonthDay)+len(r.BySetPos) > 0,
		r.Freq >= recur.Daily && r.Freq < recur.Yearly && len(r.ByYearDay) > 0,
		r.Freq < recur.Daily && (len(r.ByHour)+len(r.ByMinute)+len(r.BySecond) > 0 || r.Interval > 12),
		r.Freq < recur.Daily && len(r.ByYearDay)+len(r.ByMonthDay)+len(r.ByWeekNo)+len(r.BySetPos) > 0,
		r.Freq < recur.Hourly && len(r.ByMonth)+len(r.ByDay) > 0,
		slices.Contains(r.BySecond, 60):
		return false
	}
	return true
}

// TestSecondOpinion compares random rules with rrule-go.
func TestSecondOpinion(t *testing.T) {
	if testing.Short() {
		t.Skip("rrule-go takes its time")
	}
	asked := 0
	for seed := range rounds(500) {
		c := newChance(6_000_000 + seed)
		rule, start := parse(t, c.rule()), c.start()
		rule.Count = 0
		if !rruleGoKnows(rule) || start.Time().Year() > 2100 || start.Time().Year() < 1970 {
			continue
		}
		asked++
		end := recur.Wall(start.Time().Add(window(rule)).Unix())
		theirs := askRruleGo(t, rule, start, end)
		var ours []recur.Wall
		it := rule.Iterate(start, end)
		for w, ok := it.Next(); ok; w, ok = it.Next() {
			ours = append(ours, w)
		}
		if len(theirs) == 0 || theirs[0] != start {
			ours = ours[1:] // DTSTART off the rule
		}
		if !slices.Equal(ours, theirs) {
			t.Errorf("seed %d: DTSTART %s %s:\nours   %v\ntheirs %v", seed, start, rule, clipped(ours), clipped(theirs))
		}
	}
	if asked < int(rounds(150)) {
		t.Errorf("rrule-go was asked about %d rules only", asked)
	}
}

func clipped(list []recur.Wall) []recur.Wall { return list[:min(len(list), 12)] }

func askRruleGo(t *testing.T, rule *recur.Rule, start, end recur.Wall) (all []recur.Wall) {
	t.Helper()
	option, err := rrule.StrToROption(rule.String())
	if err != nil {
		t.Fatal(err)
	}
	option.Dtstart = start.Time()
	r, err := rrule.NewRRule(*option)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range r.Between(start.Time(), end.Time(), true) {
		all = append(all, recur.Wall(w.Unix()))
	}
	return all
}
