package recur_test

import (
	"testing"

	"github.com/teambition/rrule-go"

	"calbell/ical/recur"
)

// neverEnding are rules as people have them, from 1970 on.
var neverEnding = []struct{ name, rule string }{
	{"daily", "FREQ=DAILY"},
	{"weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	{"fortnightly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"},
	{"monthly", "FREQ=MONTHLY;BYMONTHDAY=15"},
	{"last-friday", "FREQ=MONTHLY;BYDAY=-1FR"},
	{"last-workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
	{"yearly", "FREQ=YEARLY"},
	{"easter-week", "FREQ=YEARLY;BYWEEKNO=14,15;BYDAY=SU"},
	{"thanksgiving", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"},
	{"hourly", "FREQ=HOURLY;INTERVAL=7;BYDAY=MO,WE"},
}

var (
	benchStart = recur.WallOf(1970, 1, 5, 9, 30, 0)
	benchNow   = recur.WallOf(2026, 11, 22, 12, 0, 0)
)

// BenchmarkNext is the next instance after now of a rule from 1970, begun from the parsed
// rule each time.
func BenchmarkNext(b *testing.B) {
	for _, c := range neverEnding {
		rule := parse(b, c.rule)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				it := rule.Iterate(benchStart, recur.NoUntil)
				it.Seek(benchNow)
				if _, ok := it.Next(); !ok {
					b.Fatal("no instance")
				}
			}
		})
		b.Run(c.name+"/rrule-go", func(b *testing.B) {
			option, err := rrule.StrToROption(c.rule)
			if err != nil {
				b.Fatal(err)
			}
			option.Dtstart = benchStart.Time()
			b.ReportAllocs()
			for b.Loop() {
				r, err := rrule.NewRRule(*option)
				if err != nil || r.After(benchNow.Time(), true).IsZero() {
					b.Fatal("no instance")
				}
			}
		})
	}
}

// BenchmarkWalk is one instance of a walk.
func BenchmarkWalk(b *testing.B) {
	for _, c := range neverEnding {
		it := parse(b, c.rule).Iterate(benchStart, recur.NoUntil)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, ok := it.Next(); !ok {
					it.Seek(benchStart)
				}
			}
		})
	}
}

// BenchmarkCount is the last instance of a long series with COUNT.
func BenchmarkCount(b *testing.B) {
	for _, rule := range []string{
		"FREQ=DAILY;COUNT=20000", "FREQ=DAILY;INTERVAL=2;BYMONTH=1,2,3;COUNT=3000",
		"FREQ=MONTHLY;BYDAY=2TU;COUNT=600", "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU;COUNT=200", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;BYMONTH=1,2,3,4,5,6,9,10,11,12;COUNT=2500",
	} {
		r := parse(b, rule)
		b.Run(rule, func(b *testing.B) {
			for b.Loop() {
				it := r.Iterate(benchStart, recur.NoUntil)
				it.Seek(recur.WallOf(2018, 1, 1, 0, 0, 0))
				if _, ok := it.Next(); !ok {
					b.Fatal("no instance")
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := recur.Parse("FREQ=MONTHLY;UNTIL=20301231T235959Z;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"); err != nil {
			b.Fatal(err)
		}
	}
}

func parse(t testing.TB, text string) *recur.Rule {
	t.Helper()
	r, err := recur.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return r
}
