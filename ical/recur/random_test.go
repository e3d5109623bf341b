package recur_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"calbell/ical/recur"
)

// chance makes random rules: every frequency with every part, dense and sparse ones.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 5545))} }

func (c chance) oneIn(n int) bool { return c.IntN(n) == 0 }

// some returns up to most numbers from lo to hi, at least one; negative ones too if signed.
func (c chance) some(most, lo, hi int, signed bool) string {
	var list []string
	for range 1 + c.IntN(most) {
		v := lo + c.IntN(hi-lo+1)
		if signed && c.oneIn(3) {
			v = -v
		}
		list = append(list, strconv.Itoa(v))
	}
	return strings.Join(list, ",")
}

var weekdays = strings.Fields("SU MO TU WE TH FR SA")

func (c chance) days(numbers int) string {
	var list []string
	for range 1 + c.IntN(5) {
		d := weekdays[c.IntN(7)]
		if numbers > 0 && c.oneIn(2) {
			d = c.some(1, 1, numbers, true) + d
		}
		list = append(list, d)
	}
	return strings.Join(list, ",")
}

// rule returns a rule that RFC 5545 allows, and one in eight times one with parts that it
// gives no meaning.
func (c chance) rule() string {
	freq := recur.Frequency(1 + c.IntN(7))
	if freq < recur.Daily && c.oneIn(2) {
		freq += 3
	}
	anything := c.oneIn(8)
	parts := []string{"FREQ=" + freq.String()}
	add := func(n int, format string, value func() string) {
		if c.oneIn(n) {
			parts = append(parts, fmt.Sprintf(format, value()))
		}
	}
	add(2, "INTERVAL=%s", func() string { return c.interval(freq) })
	add(4, "BYMONTH=%s", func() string { return c.some(4, 1, 12, false) })
	if freq == recur.Yearly || anything {
		add(4, "BYWEEKNO=%s", func() string { return c.some(4, 1, 53, true) })
	}
	if freq == recur.Yearly || freq < recur.Daily || anything {
		add(5, "BYYEARDAY=%s", func() string { return c.some(9, 1, 366, true) })
	}
	if freq != recur.Weekly || anything {
		add(4, "BYMONTHDAY=%s", func() string { return c.some(6, 1, 31, true) })
	}
	numbers := map[recur.Frequency]int{recur.Monthly: 5, recur.Yearly: 53}[freq]
	if numbers == 53 && c.oneIn(2) {
		numbers = 5
	}
	add(2, "BYDAY=%s", func() string { return c.days(numbers) })
	add(6, "BYHOUR=%s", func() string { return c.some(4, 0, 23, false) })
	add(6, "BYMINUTE=%s", func() string { return c.some(4, 0, 59, false) })
	add(6, "BYSECOND=%s", func() string { return c.some(3, 0, 60, false) })
	add(4, "BYSETPOS=%s", func() string { return c.some(3, 1, []int{3, 12, 366}[c.IntN(3)], true) })
	add(3, "WKST=%s", func() string { return weekdays[c.IntN(7)] })
	add(4, "COUNT=%s", func() string { return c.some(1, 1, 60, false) })
	return strings.Join(parts, ";")
}

func (c chance) interval(freq recur.Frequency) string {
	most := []int{3, 12, 40}[c.IntN(3)]
	if freq < recur.Daily {
		most = []int{12, 100, 5000}[c.IntN(3)]
	}
	return c.some(1, 1, most, false)
}

func (c chance) start() recur.Wall {
	year := 1970 + c.IntN(80)
	if c.oneIn(20) {
		year = 1 + c.IntN(9990)
	}
	return recur.WallOf(year, time.Month(1+c.IntN(12)), 1+c.IntN(31), c.IntN(24), c.IntN(60), c.IntN(60))
}

// TestRandomRules compares random rules with the reference, from DTSTART on and far from
// it. CALBELL_RULES sets how many, CALBELL_SEED from which seed.
func TestRandomRules(t *testing.T) {
	rules, seed := int(rounds(3000)), uint64(1)
	if n, err := strconv.Atoi(os.Getenv("CALBELL_RULES")); err == nil {
		rules = n
	}
	if n, err := strconv.ParseUint(os.Getenv("CALBELL_SEED"), 10, 64); err == nil {
		seed = n
	}
	var cut, instances int
	for i := range rules {
		c := newChance(seed + uint64(i))
		text, start := c.rule(), c.start()
		r, err := recur.Parse(text)
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed+uint64(i), text, err)
		}
		n, cuts, err := compare(c, r, start)
		if err != nil {
			t.Errorf("seed %d: DTSTART %s %s: %v", seed+uint64(i), start, text, err)
		}
		if cuts > 0 {
			t.Logf("seed %d: DTSTART %s %s: cut %d times", seed+uint64(i), start, text, cuts)
		}
		instances, cut = instances+n, cut+cuts
	}
	t.Logf("%d rules, %d instances compared, %d cuts by the budget", rules, instances, cut)
}

// window returns how far it pays to walk a rule in the reference.
func window(r *recur.Rule) time.Duration {
	const day = 24 * time.Hour
	switch r.Freq {
	case recur.Secondly:
		return 2 * time.Hour
	case recur.Minutely:
		return 2 * day
	case recur.Hourly:
		return 60 * day
	}
	return 3 * 366 * day
}

// compare walks a rule from DTSTART, and from a place far from it, beside the reference.
func compare(c chance, r *recur.Rule, start recur.Wall) (instances, cuts int, err error) {
	ref := newReference(r, start)
	it := r.Iterate(start, recur.NoUntil)
	end := start.Time().Add(window(r))
	want := ref.from(end)
	cuts, err = agree(it, want, recur.Wall(end.Unix()))
	if err != nil || r.Count > 0 {
		return len(want), cuts, err
	}
	far := start.Time().AddDate(c.IntN(30), c.IntN(12), c.IntN(31)).Add(time.Duration(c.IntN(86400)) * time.Second)
	a, b := far, far.Add(window(r))
	if b.Year() > 9998 {
		return len(want), cuts, nil
	}
	if r.Freq >= recur.Daily {
		b = b.AddDate(-1, 0, 0)
	}
	from := recur.Wall(a.Unix())
	it.Seek(from)
	var more []recur.Wall
	if from <= start {
		more = append(more, start)
	}
	for _, w := range ref.between(ref.widen(a, -1), ref.widen(b, 1)) {
		if w >= from && w > start && int64(w) <= b.Unix() {
			more = append(more, w)
		}
	}
	n, err := agree(it, more, recur.Wall(b.Unix()))
	if err != nil {
		err = fmt.Errorf("after Seek(%s): %w", from, err)
	}
	return len(want) + len(more), cuts + n, err
}

// agree says how an iterator differs from what is wanted up to end.
func agree(it *recur.Iterator, want []recur.Wall, end recur.Wall) (cuts int, err error) {
	last := recur.Wall(-1 << 62)
	for i := 0; ; {
		w, ok := it.Next()
		if !ok && it.Err() != nil && cuts < 200 {
			cuts++
			continue
		}
		switch {
		case ok && w <= last:
			return cuts, fmt.Errorf("%s after %s", w, last)
		case !ok || w > end:
			if i < len(want) {
				return cuts, fmt.Errorf("instance %d: got none before %s (%v, %s), want %s", i, end, ok, w, want[i])
			}
			return cuts, nil
		case i >= len(want):
			return cuts, fmt.Errorf("instance %d: got %s, want none before %s", i, w, end)
		case w != want[i]:
			return cuts, fmt.Errorf("instance %d: got %s, want %s", i, w, want[i])
		}
		last = w
		i++
	}
}
