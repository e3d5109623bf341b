//go:build !race

package recur_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"calbell/ical/recur"
)

// hostile returns the rules of testdata/hostile.lst, and some too long to be read there.
func hostile(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/hostile.lst")
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			rules = append(rules, strings.TrimSpace(line))
		}
	}
	positions := numbers(-366, 366, 1)
	var nth []string
	for n := range 53 {
		for _, d := range weekdays {
			nth = append(nth, strconv.Itoa(n+1)+d, strconv.Itoa(-n-1)+d)
		}
	}
	return append(rules,
		"FREQ=YEARLY;BYDAY=MO,TU;BYSETPOS="+positions,
		"FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29;BYYEARDAY="+positions+";BYSETPOS="+positions,
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYYEARDAY="+positions,
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYYEARDAY="+positions,
		"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1,2,3,4,5,6,7,8,9,10,11;BYDAY="+strings.Join(nth, ","),
		"FREQ=YEARLY;BYYEARDAY=366,-366;BYWEEKNO=20;BYDAY="+strings.Join(nth, ","),
		"FREQ=DAILY;BYHOUR="+numbers(0, 23, 1)+";BYMINUTE="+numbers(0, 59, 1)+";BYSECOND="+numbers(0, 59, 1)+";BYSETPOS="+positions,
		"FREQ=SECONDLY;INTERVAL=2;BYSECOND="+numbers(1, 59, 2),
		"FREQ=SECONDLY;INTERVAL=7;BYHOUR="+numbers(0, 22, 2)+";BYMINUTE="+numbers(0, 58, 2)+";BYSECOND="+numbers(0, 58, 2)+";COUNT=1000000000",
	)
}

func numbers(from, to, step int) string {
	var list []string
	for n := from; n <= to; n += step {
		if n != 0 || from == 0 {
			list = append(list, strconv.Itoa(n))
		}
	}
	return strings.Join(list, ",")
}

// BenchmarkHostile calls Next at the beginning, in our days and at the end of the calendar,
// and tells the slowest call: the budget aims at less than a millisecond. That calls are
// bounded is tested by steps ([TestBudget]); a clock would test the machine.
func BenchmarkHostile(b *testing.B) {
	rules := hostile(b)
	var slowest time.Duration
	for b.Loop() {
		slowest = 0
		for _, text := range rules {
			slowest = max(slowest, slices.Max(callTimes(parse(b, text))))
		}
	}
	b.ReportMetric(float64(slowest.Microseconds()), "slowest-µs")
}

// callTimes returns how long each of a fixed series of calls took.
func callTimes(rule *recur.Rule) (times []time.Duration) {
	it := rule.Iterate(recur.WallOf(1970, 1, 1, 0, 0, 0), recur.NoUntil)
	for _, year := range []int{1970, 2026, 2300, 9990, 1980} {
		begin := time.Now()
		it.Seek(recur.WallOf(year, 1, 2, 0, 0, 1))
		for range 5 {
			it.Next()
			times = append(times, time.Since(begin))
			begin = time.Now()
		}
	}
	return times
}

// TestHostileEnds: a rule that is cut gets on with every further call, and says so.
func TestHostileEnds(t *testing.T) {
	for _, text := range hostile(t) {
		it := parse(t, text).Iterate(recur.WallOf(1970, 1, 1, 0, 0, 0), recur.WallOf(2040, 1, 1, 0, 0, 0))
		it.Seek(recur.WallOf(2039, 1, 1, 0, 0, 0))
		calls := 0
		for ; calls < 20_000; calls++ {
			if _, ok := it.Next(); ok || it.Err() == nil {
				break
			}
		}
		if calls == 20_000 {
			t.Errorf("%.120s: no end after %d calls", text, calls)
		}
	}
}

func TestNothingToCome(t *testing.T) {
	for _, text := range []string{
		"FREQ=HOURLY;INTERVAL=480;BYHOUR=5",
		"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5,7,9",
		"FREQ=SECONDLY;INTERVAL=604800;BYDAY=FR",
		"FREQ=HOURLY;INTERVAL=7;BYDAY=TH;BYHOUR=1",
		"FREQ=MONTHLY;BYDAY=4TH,SA;BYSETPOS=7",
		"FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=13;BYSETPOS=-2",
		"FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3",
		"FREQ=DAILY;INTERVAL=14;BYDAY=FR",
		"FREQ=YEARLY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
		"FREQ=MONTHLY;INTERVAL=4;BYMONTH=2,3,4",
		"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
		"FREQ=YEARLY;BYWEEKNO=20;BYMONTH=12",
		"FREQ=YEARLY;BYWEEKNO=13,23;BYMONTH=4,6;BYDAY=MO;BYSETPOS=-3",
		"FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYSETPOS=4",
	} {
		start := recur.WallOf(1970, 1, 1, 0, 0, 0) // a Thursday
		it := parse(t, text).Iterate(start, recur.NoUntil)
		it.Seek(start + 1)
		if w, ok := it.Next(); ok || it.Err() != nil {
			t.Errorf("%s: %s (%t, %v), want the end", text, w, ok, it.Err())
		}
	}
}
