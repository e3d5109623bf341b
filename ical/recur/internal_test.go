package recur

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestCivil compares the arithmetic of dates with package time, day by day over two cycles
// of the calendar and a little around its ends.
func TestCivil(t *testing.T) {
	check := func(day int64) {
		want := time.Unix(day*daySeconds, 0).UTC()
		year, yday := yearOf(day)
		month, mday := monthOf(yday, leap(year))
		if year != want.Year() || yday != want.YearDay()-1 || time.Month(month) != want.Month() || mday != want.Day() {
			t.Fatalf("day %d is %d-%d-%d (%d), want %s", day, year, month, mday, yday, want)
		}
		if weekdayOf(day) != want.Weekday() || yearStart(year)+int64(yday) != day {
			t.Fatalf("day %d: %s, year from %d", day, weekdayOf(day), yearStart(year))
		}
		if isoYear, _ := want.ISOWeek(); weekYearOf(day, time.Monday) != isoYear {
			t.Fatalf("%s: year of the week %d, want %d", want, weekYearOf(day, time.Monday), isoYear)
		}
	}
	for day := int64(-200_000); day < 100_000; day++ {
		check(day)
	}
	for day := int64(0); day < 800; day++ {
		check(int64(MinWall)/daySeconds + day)
		check(int64(MaxWall)/daySeconds - day)
	}
}

func TestWall(t *testing.T) {
	for _, c := range []struct {
		w    Wall
		want string
	}{
		{WallOf(1970, 1, 1, 0, 0, 0), "19700101T000000"},
		{WallOf(2026, 2, 31, 25, 61, 61), "20260304T020201"},
		{MinWall, "00000101T000000"},
		{MaxWall, "99991231T235959"},
	} {
		if c.w.String() != c.want || Wall(c.w.Time().Unix()) != c.w {
			t.Errorf("%d is %s, want %s", c.w, c.w, c.want)
		}
	}
}

// TestDayset compares with a slice of booleans.
func TestDayset(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var s, o dayset
		var want []int
		for i := range daysetDays {
			if r.IntN(4) == 0 {
				s.add(i)
				want = append(want, i)
			}
		}
		a := r.IntN(daysetDays)
		b := a + r.IntN(daysetDays-a+1)
		o.addRange(a, b)
		o.and(&s)
		inside := slices.DeleteFunc(slices.Clone(want), func(i int) bool { return i < a || i >= b })
		if o.count() != len(inside) {
			t.Fatalf("[%d,%d): %d, want %d", a, b, o.count(), len(inside))
		}
		if s.countBelow(b)-s.countBelow(a) != len(inside) {
			t.Fatalf("countBelow(%d), countBelow(%d)", a, b)
		}
		var copied dayset
		for i := 0; i < daysetDays; i += 23 {
			copied.addBits(i, s.bits(i)&lowBits(23))
		}
		if copied != s {
			t.Fatal("bits and addBits lose days")
		}
		for n, i := range want {
			if s.nth(n) != i || !s.has(i) || s.next(i) != i {
				t.Fatalf("nth(%d) = %d, want %d", n, s.nth(n), i)
			}
		}
		next := -1
		if k, _ := slices.BinarySearch(want, a); k < len(want) {
			next = want[k]
		}
		if s.next(a) != next || s.nth(len(want)) != -1 || s.next(daysetDays) != -1 {
			t.Fatalf("next(%d) = %d, want %d", a, s.next(a), next)
		}
	}
}

func TestDaysetWeekly(t *testing.T) {
	for weekdays := range uint8(128) {
		for first := time.Sunday; first <= time.Saturday; first++ {
			var s dayset
			s.addWeekly(weekdays, first)
			for i := range daysetDays {
				if want := weekdays>>((int(first)+i)%7)&1 != 0; s.has(i) != want {
					t.Fatalf("weekdays %07b from %s: day %d is %t", weekdays, first, i, s.has(i))
				}
			}
		}
	}
}

// TestClock compares the numbering of times with laying them out.
func TestClock(t *testing.T) {
	c := clock{newHand(1<<0 | 1<<9 | 1<<23), newHand(1<<0 | 1<<30 | 1<<59), newHand(1<<7 | 1<<59)}
	var all []int
	for s := range daySeconds {
		if c.below(s) != len(all) {
			t.Fatalf("%d times before %d, want %d", c.below(s), s, len(all))
		}
		if c.hours.has(s/3600) && c.minutes.has(s/60%60) && c.seconds.has(s%60) {
			if got := c.at(len(all)); got != s {
				t.Fatalf("time %d is %d, want %d", len(all), got, s)
			}
			all = append(all, s)
		}
	}
	if len(all) != c.size() || c.size() != 18 {
		t.Errorf("%d times of %d", len(all), c.size())
	}
}

// TestUnits compares scan and count with asking every unit of a day.
func TestUnits(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	sparse := func(n int) (set uint64) {
		for set == 0 {
			set = r.Uint64() & r.Uint64() & lowBits(n)
			if r.IntN(4) == 0 {
				set = lowBits(n)
			}
		}
		return set
	}
	for range 400 {
		freq := Frequency(1 + r.IntN(3))
		hours, minutes, seconds := sparse(24), sparse(60), sparse(60)
		u := newUnits(freq, 1+r.Int64N([]int64{5, 90, 5000, 200_000}[r.IntN(4)]), hours, minutes, seconds)
		allowed := func(n int64) bool {
			s := n * u.seconds
			return hours>>(s/3600)&1 != 0 && (freq > Minutely || minutes>>(s/60%60)&1 != 0) &&
				(freq > Secondly || seconds>>(s%60)&1 != 0)
		}
		from, end := r.Int64N(u.perDay), r.Int64N(u.perDay+1)
		first, n := int64(-1), int64(0)
		for k := from; k < u.perDay; k += u.interval {
			if allowed(k) && first < 0 {
				first = k
			}
			if allowed(k) && k < end {
				n++
			}
		}
		if got, _ := u.scan(from); got != first {
			t.Fatalf("%v %+v: scan(%d) = %d, want %d", freq, u, from, got, first)
		}
		if got := u.count(from, end); got != n {
			t.Fatalf("%v %+v: count(%d, %d) = %d, want %d", freq, u, from, end, got, n)
		}
	}
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		positions []int
		size      int
		want      []int
	}{
		{[]int{1}, 1, []int{0}},
		{[]int{-1, 1}, 1, []int{0}},
		{[]int{-1, 1}, 3, []int{0, 2}},
		{[]int{-3, -1, 1, 2}, 3, []int{0, 1, 2}},
		{[]int{-366, -2, 2, 366}, 4, []int{1, 2}},
		{[]int{-9, 9}, 4, nil},
		{[]int{0}, 4, nil},
		{[]int{1}, 0, nil},
	} {
		if got := pick(nil, c.positions, c.size); !slices.Equal(got, c.want) {
			t.Errorf("pick(%v, %d) = %v, want %v", c.positions, c.size, got, c.want)
		}
	}
}

// TestBudget: no call does many more steps than it may, whatever the rule.
func TestBudget(t *testing.T) {
	const slack = 2 * daySeconds / 60 / bigsPerStep // one day scanned past the end
	for _, text := range []string{
		"FREQ=SECONDLY;INTERVAL=86399;BYHOUR=5;BYMINUTE=0;BYSECOND=0",
		"FREQ=SECONDLY;INTERVAL=13;BYSECOND=1;BYMINUTE=2;COUNT=1000000000000",
		"FREQ=WEEKLY;INTERVAL=2;BYMONTH=2;BYDAY=MO;COUNT=1000000000",
		"FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1,31;COUNT=1000000000",
	} {
		r, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		it := r.Iterate(0, NoUntil)
		it.Seek(WallOf(9990, 1, 1, 0, 0, 0))
		cuts := 0
		for range 1000 {
			_, ok := it.Next()
			if spent := maxSteps - it.steps; spent > maxSteps+slack {
				t.Errorf("%s: %d steps in one call", text, spent)
			}
			if ok || it.Err() == nil {
				break
			}
			cuts++
		}
		t.Logf("%s: %d cuts", text, cuts)
	}
}
