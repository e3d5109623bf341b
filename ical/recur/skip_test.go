package recur_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"calbell/ical/recur"
)

// moved expands a MONTHLY or YEARLY rule with BYMONTHDAY and SKIP month by month, by the words
// of RFC 7529 §4.1: BYMONTH, BYMONTHDAY, the move, then BYDAY.
func moved(r *recur.Rule, start recur.Wall, until time.Time) []recur.Wall {
	first := start.Time()
	all := []recur.Wall{start}
	for m := 0; ; m++ {
		month := time.Date(first.Year(), 1+time.Month(m), 1, first.Hour(), first.Minute(), 0, 0, time.UTC)
		if month.After(until) {
			break
		}
		periods := m - int(first.Month()) + 1
		if r.Freq == recur.Yearly {
			periods = m / 12
		}
		if periods < 0 || int64(periods)%r.Interval != 0 || len(r.ByMonth) > 0 && !slices.Contains(r.ByMonth, int(month.Month())) {
			continue
		}
		for _, d := range r.ByMonthDay {
			day := month.AddDate(0, 0, d-1)
			if day.Month() != month.Month() { // invalid
				switch next := month.AddDate(0, 1, 0); r.Skip {
				case recur.Omit:
					continue
				case recur.Backward:
					day = next.AddDate(0, 0, -1)
				case recur.Forward:
					day = next
				}
			}
			if len(r.ByDay) > 0 && !slices.ContainsFunc(r.ByDay, func(n recur.DayNum) bool { return n.Day == day.Weekday() }) {
				continue
			}
			if w := recur.Wall(day.Unix()); w > start {
				all = append(all, w)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if r.Count > 0 && int64(len(all)) > r.Count {
		all = all[:r.Count]
	}
	return all
}

// TestSkipAgainstPlainWords compares random rules with SKIP with the plain reading of the RFC,
// walked from the start and from instants between.
func TestSkipAgainstPlainWords(t *testing.T) {
	random := rand.New(rand.NewPCG(7529, 1))
	until := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 400 {
		text := fmt.Sprintf("RSCALE=GREGORIAN;FREQ=%s;SKIP=%s;INTERVAL=%d;BYMONTHDAY=%d,%d",
			[]string{"MONTHLY", "YEARLY"}[random.IntN(2)], recur.Skip(random.IntN(3)), 1+random.IntN(7), 27+random.IntN(5), []int{1, 15, 29, 30, 31}[random.IntN(5)])
		if random.IntN(2) == 0 {
			text += fmt.Sprintf(";BYMONTH=%d,%d", 1+random.IntN(12), 2)
		} else if text[len("RSCALE=GREGORIAN;FREQ=")] == 'Y' {
			text += ";BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12"
		}
		if random.IntN(4) == 0 {
			text += ";BYDAY=MO,WE,SU,SA"
		}
		if random.IntN(2) == 0 {
			text += fmt.Sprintf(";COUNT=%d", 1+random.IntN(30))
		}
		r, err := recur.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		start := recur.WallOf(2026, time.Month(1+random.IntN(12)), 1+random.IntN(28), 8, 30, 0)
		want := moved(r, start, until)
		for range 4 {
			from := start + recur.Wall(random.IntN(10*366*86400))
			i, _ := slices.BinarySearch(want, from)
			it := r.Iterate(start, recur.NoUntil)
			if i == 0 || random.IntN(3) == 0 {
				i = 0
			} else {
				it.Seek(from)
			}
			for _, w := range want[i:min(len(want), i+40)] {
				if got, ok := it.Next(); !ok || got != w {
					t.Fatalf("%s from %v, at or after %v: %v %t, want %v", text, start, from, got, ok, w)
				}
			}
		}
	}
}
