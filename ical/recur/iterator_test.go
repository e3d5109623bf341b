package recur_test

import (
	"encoding/json"
	"math"
	"testing"

	"calbell/ical/recur"
)

// take returns up to n instances; the calls that the budget cut are made again.
func take(t testing.TB, it *recur.Iterator, n int) (all []recur.Wall) {
	t.Helper()
	for cuts := 0; len(all) < n; {
		w, ok := it.Next()
		switch {
		case ok && len(all) > 0 && w <= all[len(all)-1]:
			t.Fatalf("%s after %s", w, all[len(all)-1])
		case ok:
			all = append(all, w)
		case it.Err() == nil || cuts == 1000:
			return all
		default:
			cuts++
		}
	}
	return all
}

// checkSeeks asks for some of the instances by Seek, in every order, and compares.
func checkSeeks(t *testing.T, c chance, rule *recur.Rule, start recur.Wall) {
	t.Helper()
	all := take(t, rule.Iterate(start, recur.NoUntil), 60)
	it := rule.Iterate(start, recur.NoUntil)
	for range 12 {
		i := c.IntN(len(all))
		at := all[i]
		if i > 0 && c.oneIn(2) {
			at = all[i-1] + 1 + recur.Wall(c.Int64N(int64(all[i]-all[i-1])))
		}
		it.Seek(at)
		got := take(t, it, 3)
		for k, w := range got {
			if i+k < len(all) && w != all[i+k] {
				t.Fatalf("DTSTART %s %s: Seek(%s) gives %v, want %v", start, rule, at, got, all[i:min(i+3, len(all))])
			}
		}
		if len(got) < min(3, len(all)-i) {
			t.Fatalf("DTSTART %s %s: Seek(%s) gives %v, want %v", start, rule, at, got, all[i:])
		}
	}
}

// TestSeekIsWalk: Seek(x) and Next give what a walk to x gives.
func TestSeekIsWalk(t *testing.T) {
	for seed := range rounds(2000) {
		c := newChance(1_000_000 + seed)
		checkSeeks(t, c, parse(t, c.rule()), c.start())
	}
}

// TestSeekAllDay is the same for dates.
func TestSeekAllDay(t *testing.T) {
	for seed := range rounds(1000) {
		c := newChance(2_000_000 + seed)
		rule, start := parse(t, c.rule()).ForDates(), c.start()
		start = recur.Wall(floor(int64(start), 86400) * 86400)
		for _, w := range take(t, rule.Iterate(start, recur.NoUntil), 40) {
			if w.Time().Format("150405") != "000000" {
				t.Fatalf("%s %s: %s is no date", start, rule, w)
			}
		}
		checkSeeks(t, c, rule, start)
	}
}

// TestCountAnyDistance: the number of instances before a place does not depend on the way
// there. Far places are counted by arithmetic, near ones by walking.
func TestCountAnyDistance(t *testing.T) {
	for seed := range rounds(3000) {
		c := newChance(3_000_000 + seed)
		rule, start := parse(t, c.rule()), c.start()
		rule.Count = 1_000_000
		walk := rule.Iterate(start, recur.NoUntil)
		all := take(t, walk, 400)
		last := all[len(all)-1]
		jump := rule.Iterate(start, recur.NoUntil)
		jump.Seek(last)
		if got := take(t, jump, 1); len(got) != 1 || got[0] != last {
			t.Fatalf("seed %d: DTSTART %s %s: Seek(%s) gives %v", seed, start, rule, last, got)
		}
		if a, b := walk.Checkpoint(), jump.Checkpoint(); len(all) == 400 && a != b {
			t.Fatalf("seed %d: DTSTART %s %s: walked to %v, jumped to %v", seed, start, rule, a, b)
		}
	}
}

// TestCountEnds: with COUNT, Seek past the last instance ends, and Seek to it does not.
func TestCountEnds(t *testing.T) {
	for seed := range rounds(2000) {
		c := newChance(4_000_000 + seed)
		rule, start := parse(t, c.rule()), c.start()
		rule.Count = 1 + c.Int64N(80)
		all := take(t, rule.Iterate(start, recur.NoUntil), 100)
		if int64(len(all)) > rule.Count {
			t.Fatalf("DTSTART %s %s: %d instances", start, rule, len(all))
		}
		it := rule.Iterate(start, recur.NoUntil)
		last := all[len(all)-1]
		for _, far := range []recur.Wall{1, 3600, 40 * 86400, 20 * 366 * 86400} {
			it.Seek(last + far)
			if got := take(t, it, 1); len(got) > 0 {
				t.Fatalf("DTSTART %s %s: %v after the last, %s", start, rule, got, last)
			}
			it.Seek(last)
			if got := take(t, it, 2); len(got) != 1 || got[0] != last {
				t.Fatalf("DTSTART %s %s: Seek(%s), the last, gives %v", start, rule, last, got)
			}
		}
	}
}

func TestCheckpoint(t *testing.T) {
	start := recur.WallOf(1970, 1, 1, 9, 0, 0)
	rule := parse(t, "FREQ=MONTHLY;INTERVAL=5;BYDAY=MO,-1WE;BYSETPOS=1,3,-1;COUNT=500")
	it := rule.Iterate(start, recur.NoUntil)
	if c := it.Checkpoint(); c != (recur.Checkpoint{}) {
		t.Errorf("before the first instance: %v", c)
	}
	all := take(t, it, 1000)
	if len(all) != 500 {
		t.Fatalf("%d instances", len(all))
	}
	for _, i := range []int{1, 2, 77, 498, 499} {
		first := rule.Iterate(start, recur.NoUntil)
		first.Seek(all[i])
		take(t, first, 1)
		text, err := json.Marshal(first.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		var kept recur.Checkpoint
		if err := json.Unmarshal(text, &kept); err != nil || kept.Done != int64(i)+1 {
			t.Fatalf("after instance %d: %s (%v)", i, text, err)
		}
		second := rule.Iterate(start, recur.NoUntil)
		second.Resume(kept)
		if got := take(t, second, 1000); len(got) != 499-i {
			t.Errorf("resumed after instance %d: %d to come, want %d", i, len(got), 499-i)
		}
		second.Seek(all[0])
		if got := take(t, second, 1000); len(got) != 500 {
			t.Errorf("resumed after instance %d, then from the start: %d", i, len(got))
		}
		second.Seek(all[i] + 1)
		if got := take(t, second, 1000); len(got) != 499-i {
			t.Errorf("resumed after instance %d, then there again: %d", i, len(got))
		}
	}
}

// TestCheckpointOfACut: a count that takes several calls can go on in another iterator.
func TestCheckpointOfACut(t *testing.T) {
	start := recur.WallOf(1970, 1, 1, 9, 0, 0)
	rule := parse(t, "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH;BYHOUR=1,2,3;BYSETPOS=-1;COUNT=1000000000")
	target := recur.WallOf(9000, 1, 1, 0, 0, 0)
	whole := rule.Iterate(start, recur.NoUntil)
	whole.Seek(target)
	want := take(t, whole, 1)
	var kept recur.Checkpoint
	for cuts := 0; ; cuts++ {
		it := rule.Iterate(start, recur.NoUntil)
		it.Resume(kept)
		it.Seek(target)
		if w, ok := it.Next(); ok {
			if w != want[0] || it.Checkpoint() != whole.Checkpoint() || cuts == 0 {
				t.Errorf("after %d cuts %s, %v; in one go %s, %v", cuts, w, it.Checkpoint(), want[0], whole.Checkpoint())
			}
			return
		}
		if c := it.Checkpoint(); it.Err() == nil || c.Done <= kept.Done {
			t.Fatalf("no progress: %v after %v (%v)", c, kept, it.Err())
		}
		kept = it.Checkpoint()
	}
}

func TestResumeIgnoresNonsense(t *testing.T) {
	start := recur.WallOf(2026, 1, 1, 9, 0, 0)
	for _, c := range []recur.Checkpoint{
		{}, {At: start, Done: 3}, {At: start + 5, Done: 0}, {At: math.MaxInt64, Done: 1}, {At: math.MinInt64, Done: 1},
	} {
		it := parse(t, "FREQ=DAILY;COUNT=4").Iterate(start, recur.NoUntil)
		it.Resume(c)
		if got := take(t, it, 9); len(got) != 4 {
			t.Errorf("Resume(%v): %v", c, got)
		}
	}
	it := parse(t, "FREQ=DAILY").Iterate(start, recur.NoUntil)
	it.Resume(recur.Checkpoint{At: start + 86401, Done: 7})
	if got := take(t, it, 1); got[0] != start {
		t.Errorf("without COUNT: %s", got[0])
	}
	if c := it.Checkpoint(); c != (recur.Checkpoint{}) {
		t.Errorf("without COUNT: %v", c)
	}
}

// TestExtremes: no reading, and no rule made by hand, breaks an iterator.
func TestExtremes(t *testing.T) {
	readings := []recur.Wall{
		math.MinInt64, recur.MinWall - 1, recur.MinWall, recur.MinWall + 1, -1, 0, 1,
		recur.MaxWall - 1, recur.MaxWall, recur.MaxWall + 1, math.MaxInt64,
	}
	rules := []*recur.Rule{{}, {Freq: 99}, {Freq: recur.Daily, Interval: -5}, {Freq: recur.Monthly, ByMonthDay: []int{0, 99, -99}, ByMonth: []int{77}}}
	for seed := range rounds(200) {
		c := newChance(5_000_000 + seed)
		rules = append(rules, parse(t, c.rule()), parse(t, c.rule()).ForDates())
	}
	for _, rule := range rules {
		for _, start := range readings {
			for _, until := range []recur.Wall{math.MinInt64, 0, math.MaxInt64} {
				it := rule.Iterate(start, until)
				if w, ok := it.Next(); !ok || w != start {
					t.Fatalf("%s from %d: the first is %d (%t)", rule, start, w, ok)
				}
				if w, ok := it.Next(); ok && w <= start {
					t.Fatalf("%s from %d: the second is %d", rule, start, w)
				}
				for _, at := range readings {
					it.Seek(at)
					if w, ok := it.Next(); ok && w < at {
						t.Fatalf("%s from %d: Seek(%d) gives %d", rule, start, at, w)
					}
				}
			}
		}
	}
}

// TestStartFits compares with the reference, which walks to DTSTART from a year before.
func TestStartFits(t *testing.T) {
	fits := 0
	for seed := range rounds(3000) {
		c := newChance(7_000_000 + seed)
		rule, start := parse(t, c.rule()), c.start()
		if c.oneIn(2) { // an instance of a rule without INTERVAL fits that rule
			rule.Interval, rule.Count = 1, 0
			if all := take(t, rule.Iterate(start, start+400*86400), 4); len(all) > 2 {
				start = all[2]
			}
		}
		ref := newReference(rule, start)
		want := false
		for _, w := range ref.between(ref.widen(start.Time(), -1), ref.widen(start.Time(), 1)) {
			want = want || w == start
		}
		if got := rule.StartFits(start); got != want {
			t.Errorf("DTSTART %s %s: StartFits is %t", start, rule, got)
		}
		if want {
			fits++
		}
	}
	if fits < int(rounds(300)) {
		t.Errorf("only %d fit", fits)
	}
	for _, start := range []recur.Wall{math.MinInt64, recur.MinWall - 1, recur.MaxWall + 1, math.MaxInt64} {
		if parse(t, "FREQ=DAILY").StartFits(start) {
			t.Errorf("%d fits", start)
		}
	}
}

func TestNextAfterTheEnd(t *testing.T) {
	it := parse(t, "FREQ=DAILY;COUNT=3").Iterate(0, recur.NoUntil)
	if got := take(t, it, 9); len(got) != 3 {
		t.Fatalf("%v", got)
	}
	for range 3 {
		if w, ok := it.Next(); ok || it.Err() != nil {
			t.Errorf("%s after the end (%v)", w, it.Err())
		}
	}
	it.Seek(0)
	if got := take(t, it, 9); len(got) != 3 {
		t.Errorf("after Seek: %v", got)
	}
}

func TestAllocations(t *testing.T) {
	rule := parse(t, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR")
	start := recur.WallOf(1970, 1, 1, 9, 0, 0)
	got := testing.AllocsPerRun(100, func() {
		it := rule.Iterate(start, recur.NoUntil)
		it.Seek(start + 1e9)
		for range 30 {
			it.Next()
		}
	})
	if got > 1 && !raceEnabled {
		t.Errorf("%v allocations for the next 30 instances, want that of the iterator", got)
	}
}

// FuzzIterator compares rules made from the fuzzer's bytes with the reference: a seed makes
// a rule as in TestRandomRules, and a text, when it is a rule, is used as it is.
func FuzzIterator(f *testing.F) {
	f.Add(uint64(1), int64(0), "")
	f.Add(uint64(2), int64(1<<31), "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=-1")
	f.Add(uint64(3), int64(-1), "FREQ=YEARLY;BYWEEKNO=1,-1;BYMONTHDAY=1,-1;WKST=WE")
	f.Add(uint64(4), int64(5e9), "FREQ=SECONDLY;INTERVAL=61;BYMINUTE=1,2;BYSECOND=60")
	f.Fuzz(func(t *testing.T, seed uint64, start int64, text string) {
		c := newChance(seed)
		rule, err := recur.Parse(text)
		if err != nil {
			rule = parse(t, c.rule())
		}
		times := max(1, len(rule.ByHour)) * max(1, len(rule.ByMinute)) * max(1, len(rule.BySecond))
		lowest, highest := int64(recur.MinWall)+3*366*86400, int64(recur.MaxWall)-40*366*86400
		if start < lowest || start > highest || times > 100 {
			start = int64(c.start())
		}
		if times > 100 {
			checkBounded(t, rule, recur.Wall(start))
			return
		}
		if _, _, err := compare(c, rule, recur.Wall(start)); err != nil {
			t.Fatalf("DTSTART %s %s: %v", recur.Wall(start), rule, err)
		}
		checkBounded(t, rule.ForDates(), recur.Wall(start/86400*86400))
	})
}

// checkBounded walks a little, and asks for no more than order.
func checkBounded(t *testing.T, rule *recur.Rule, start recur.Wall) {
	it := rule.Iterate(start, recur.NoUntil)
	last := recur.Wall(math.MinInt64)
	for range 100 {
		w, ok := it.Next()
		if ok && w <= last {
			t.Fatalf("DTSTART %s %s: %s after %s", start, rule, w, last)
		}
		if ok {
			last = w
		}
	}
}
