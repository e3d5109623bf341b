package recur_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell/ical/recur"
)

// day is an element of BYDAY.
func day(n int, d time.Weekday) recur.DayNum { return recur.DayNum{N: n, Day: d} }

func TestParse(t *testing.T) {
	const year = time.December
	for _, c := range []struct {
		text string
		want recur.Rule
	}{
		{"FREQ=DAILY", recur.Rule{Freq: recur.Daily}},
		{"FREQ=SECONDLY;BYSECOND=60,0", recur.Rule{Freq: recur.Secondly, BySecond: []int{0, 60}}},
		{"COUNT=3;FREQ=WEEKLY;INTERVAL=2", recur.Rule{Freq: recur.Weekly, Count: 3, Interval: 2}},
		{"FREQ=MONTHLY;BYDAY=3MO,WE,-1FR", recur.Rule{Freq: recur.Monthly, ByDay: []recur.DayNum{day(-1, 5), day(0, 3), day(3, 1)}}},
		{"FREQ=MONTHLY;BYDAY=+1SU,1SU,SU", recur.Rule{Freq: recur.Monthly, ByDay: []recur.DayNum{day(0, 0), day(1, 0)}}},
		{"FREQ=YEARLY;BYMONTH=12,1,12;BYMONTHDAY=-1,31", recur.Rule{Freq: recur.Yearly, ByMonth: []int{1, 12}, ByMonthDay: []int{-1, 31}}},
		{"FREQ=YEARLY;BYWEEKNO=-53,53;BYYEARDAY=-366,366;BYSETPOS=-366,366", recur.Rule{
			Freq: recur.Yearly, ByWeekNo: []int{-53, 53}, ByYearDay: []int{-366, 366}, BySetPos: []int{-366, 366},
		}},
		{"FREQ=HOURLY;BYHOUR=0,23;BYMINUTE=0,59;WKST=SU", recur.Rule{Freq: recur.Hourly, ByHour: []int{0, 23}, ByMinute: []int{0, 59}, WeekStart: -1}},
		{"FREQ=DAILY;UNTIL=20261231", recur.Rule{Freq: recur.Daily, Until: &recur.Until{Year: 2026, Month: year, Day: 31}}},
		{"FREQ=DAILY;UNTIL=20261231T235960", recur.Rule{Odd: true, Freq: recur.Daily, Until: &recur.Until{2026, year, 31, 23, 59, 59, true, false}}},
		{"FREQ=DAILY;UNTIL=20261231T080910Z", recur.Rule{Freq: recur.Daily, Until: &recur.Until{2026, year, 31, 8, 9, 10, true, true}}},

		// What producers write beside the grammar.
		{" freq = weekly ; byday = mo , fr ; ", recur.Rule{Freq: recur.Weekly, ByDay: []recur.DayNum{day(0, 1), day(0, 5)}}},
		{"RRULE:FREQ=DAILY;;INTERVAL=1;", recur.Rule{Freq: recur.Daily}},
		{"FREQ=DAILY\\;COUNT=2\r\n", recur.Rule{Freq: recur.Daily, Count: 2}},
		{"FREQ=WEEKLY;BYDAY=MO,;UNTIL=;COUNT=;X-EVOLUTION-ENDDATE=20261231;X-FOO", recur.Rule{Freq: recur.Weekly, ByDay: []recur.DayNum{day(0, 1)}}},
		{"FREQ=DAILY;FREQ=DAILY;COUNT=2;COUNT=2", recur.Rule{Freq: recur.Daily, Count: 2}},
		{"RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT", recur.Rule{Freq: recur.Daily}},
		{"FREQ=MONTHLY;SKIP=OMIT", recur.Rule{Freq: recur.Monthly}},
		{"rscale=gregorian;freq=monthly;skip=forward", recur.Rule{Freq: recur.Monthly, Skip: recur.Forward}},
		{"FREQ=MONTHLY;SKIP=BACKWARD", recur.Rule{Freq: recur.Monthly, Skip: recur.Backward, Odd: true}},
		{"FREQ=DAILY;UNTIL=2026-12-31T08:09:10.000Z", recur.Rule{Odd: true, Freq: recur.Daily, Until: &recur.Until{2026, year, 31, 8, 9, 10, true, true}}},
		{"FREQ=DAILY;UNTIL=20261231Z", recur.Rule{Odd: true, Freq: recur.Daily, Until: &recur.Until{Year: 2026, Month: year, Day: 31}}},
		{"FREQ=DAILY;UNTIL=20261231T0809", recur.Rule{Odd: true, Freq: recur.Daily, Until: &recur.Until{2026, year, 31, 8, 9, 0, true, false}}},
		{"FREQ=DAILY;UNTIL=20260231", recur.Rule{Odd: true, Freq: recur.Daily, Until: &recur.Until{Year: 2026, Month: time.February, Day: 28}}},
		{"FREQ=DAILY;COUNT=2;UNTIL=20261231", recur.Rule{Odd: true, Freq: recur.Daily, Count: 2, Until: &recur.Until{Year: 2026, Month: year, Day: 31}}},
		{"FREQ=DAILY;INTERVAL=99999999999999999999;COUNT=4000000000000", recur.Rule{Freq: recur.Daily, Interval: 1e12, Count: 1e12}},
	} {
		want := c.want
		want.Raw = c.text
		want.Interval = max(want.Interval, 1)
		switch want.WeekStart { // the zero value stands for the default
		case -1:
			want.WeekStart = time.Sunday
		case 0:
			want.WeekStart = time.Monday
		}
		got, err := recur.Parse(c.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.text, err)
			continue
		}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("Parse(%q)\n got %+v\nwant %+v", c.text, *got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, names string }{
		{"", "FREQ"},
		{"INTERVAL=2", "FREQ"},
		{"FREQ=", "FREQ"},
		{"FREQ", "FREQ"},
		{"FREQ=FORTNIGHTLY", "FREQ"},
		{"FREQ=DAILY;FREQ=WEEKLY", "FREQ"},
		{"FREQ=DAILY;INTERVAL=0", "INTERVAL"},
		{"FREQ=DAILY;INTERVAL=-1", "INTERVAL"},
		{"FREQ=DAILY;INTERVAL=-99999999999999999999", "INTERVAL"},
		{"FREQ=DAILY;INTERVAL=1.5", "INTERVAL"},
		{"FREQ=DAILY;COUNT=0", "COUNT"},
		{"FREQ=DAILY;COUNT=x", "COUNT"},
		{"FREQ=DAILY;COUNT=1;COUNT=2", "COUNT"},
		{"FREQ=DAILY;BYSECOND=61", "BYSECOND"},
		{"FREQ=DAILY;BYMINUTE=60", "BYMINUTE"},
		{"FREQ=DAILY;BYHOUR=24", "BYHOUR"},
		{"FREQ=DAILY;BYHOUR=-1", "BYHOUR"},
		{"FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"},
		{"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"},
		{"FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY"},
		{"FREQ=YEARLY;BYWEEKNO=-54", "BYWEEKNO"},
		{"FREQ=YEARLY;BYMONTH=0", "BYMONTH"},
		{"FREQ=YEARLY;BYMONTH=5L", "BYMONTH"},
		{"FREQ=MONTHLY;BYSETPOS=0", "BYSETPOS"},
		{"FREQ=MONTHLY;BYSETPOS=367", "BYSETPOS"},
		{"FREQ=WEEKLY;BYDAY=XX", "BYDAY"},
		{"FREQ=WEEKLY;BYDAY=UM", "BYDAY"},
		{"FREQ=WEEKLY;BYDAY=M", "BYDAY"},
		{"FREQ=WEEKLY;BYDAY=MO TU", "BYDAY"},
		{"FREQ=MONTHLY;BYDAY=0MO", "BYDAY"},
		{"FREQ=MONTHLY;BYDAY=54MO", "BYDAY"},
		{"FREQ=MONTHLY;BYDAY=1-MO", "BYDAY"},
		{"FREQ=WEEKLY;WKST=MON", "WKST"},
		{"FREQ=WEEKLY;WKST=1MO", "WKST"},
		{"FREQ=DAILY;UNTIL=tomorrow", "UNTIL"},
		{"FREQ=DAILY;UNTIL=20261331", "UNTIL"},
		{"FREQ=DAILY;UNTIL=20260100", "UNTIL"},
		{"FREQ=DAILY;UNTIL=2026010", "UNTIL"},
		{"FREQ=DAILY;UNTIL=202601011", "UNTIL"},
		{"FREQ=DAILY;UNTIL=20260101T", "UNTIL"},
		{"FREQ=DAILY;UNTIL=20260101T240000", "UNTIL"},
		{"FREQ=DAILY;UNTIL=20260101T006000", "UNTIL"},
		{"FREQ=DAILY;UNTIL=20260101T000061", "UNTIL"},
		{"RSCALE=HEBREW;FREQ=YEARLY", "RSCALE"},
		{"RSCALE=GREGORIAN;SKIP=SIDEWAYS;FREQ=MONTHLY", "SKIP"},
		{"FREQ=YEARLY;BYEASTER=0", "BYEASTER"},
		{"FREQ=DAILY;=3", "unknown"},
		{"FREQ=DAILY;" + strings.Repeat("Q", 200) + "=1", "QQQ…"},
		{strings.Repeat("FREQ=DAILY;", 2000), "bytes"},
		{"FREQ=DA\x00ILY", "FREQ"},
	} {
		r, err := recur.Parse(c.text)
		if err == nil {
			t.Errorf("Parse(%q) = %s, want an error", c.text, r)
			continue
		}
		if msg := err.Error(); !strings.Contains(msg, c.names) || !strings.HasPrefix(msg, "read rule: ") || len(msg) > 200 {
			t.Errorf("Parse(%.60q): error %q does not name %s", c.text, msg, c.names)
		}
	}
}

func TestRuleString(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"freq=daily;interval=1;wkst=mo", "FREQ=DAILY"},
		{"FREQ=WEEKLY;WKST=SU;BYDAY=SA,MO;INTERVAL=2;COUNT=7", "FREQ=WEEKLY;INTERVAL=2;COUNT=7;BYDAY=MO,SA;WKST=SU"},
		{
			"FREQ=YEARLY;UNTIL=20260101T000000Z;BYSETPOS=-1;BYMONTH=2;BYWEEKNO=3;BYYEARDAY=4;BYMONTHDAY=5;BYDAY=-6SU;BYHOUR=7;BYMINUTE=8;BYSECOND=9",
			"FREQ=YEARLY;UNTIL=20260101T000000Z;BYSECOND=9;BYMINUTE=8;BYHOUR=7;BYDAY=-6SU;BYMONTHDAY=5;BYYEARDAY=4;BYWEEKNO=3;BYMONTH=2;BYSETPOS=-1",
		},
	} {
		if got := parse(t, c.text).String(); got != c.want {
			t.Errorf("%s: String is %s, want %s", c.text, got, c.want)
		}
	}
}

func TestUntil(t *testing.T) {
	for _, c := range []struct{ text, bound string }{
		{"20260101", "20260101T235959"},
		{"20260101T080910", "20260101T080910"},
		{"20260101T080910Z", "20260101T080910"},
	} {
		u := parse(t, "FREQ=DAILY;UNTIL="+c.text).Until
		if u.String() != c.text {
			t.Errorf("UNTIL=%s is %s", c.text, u)
		}
		if got := u.Bound().String(); got != c.bound {
			t.Errorf("UNTIL=%s ends at %s, want %s", c.text, got, c.bound)
		}
	}
}

// FuzzParse: whatever the text, Parse returns, and what it accepts it reads back the same
// from the rule's own spelling.
func FuzzParse(f *testing.F) {
	for _, v := range []string{
		"FREQ=DAILY", "freq=weekly;byday=mo,-1fr;", "FREQ=YEARLY;BYWEEKNO=-53;UNTIL=20261231T235959Z",
		"FREQ=HOURLY;BYSECOND=60;BYSETPOS=-1;X-A=b;;", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-31,31;COUNT=99999999999999999999",
	} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := recur.Parse(text)
		if err != nil {
			return
		}
		again, err := recur.Parse(r.String())
		if err != nil {
			t.Fatalf("%q reads as %s, which is refused: %v", text, r, err)
		}
		again.Raw = r.Raw
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("%q reads as %+v, and %s as %+v", text, r, r, again)
		}
	})
}
