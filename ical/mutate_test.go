//go:build !race

package ical

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// content is a content line of a vector, taken apart by an expression of the test's own.
type content struct {
	name   string
	params []string // "A=b"
	value  string
}

var contentLine = regexp.MustCompile(`^([A-Za-z-]+)((?:;[A-Za-z-]+=(?:"[^"]*"|[^":;]*))*):(.*)$`)

// takeApart returns a line's parts; false for what is no plain content line.
func takeApart(line string) (content, bool) {
	m := contentLine.FindStringSubmatch(line)
	if m == nil {
		return content{}, false
	}
	c := content{name: m[1], value: m[3]}
	for _, p := range regexp.MustCompile(`;[A-Za-z-]+=(?:"[^"]*"|[^":;]*)`).FindAllString(m[2], -1) {
		c.params = append(c.params, p[1:])
	}
	return c, true
}

func (c content) String() string {
	return strings.Join(append([]string{c.name}, c.params...), ";") + ":" + c.value
}

// mutant writes texts in other spellings of the same meaning.
type mutant struct {
	*rand.Rand
	zones bool // names of zones may change: the file defines none
}

func pickOne[T any](m mutant, list ...T) T { return list[m.IntN(len(list))] }

// text rewrites some lines, then how lines end and are folded.
func (m mutant) text(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, l := range lines {
		next := i+1 < len(lines) && strings.HasPrefix(lines[i+1], " ")
		if c, ok := takeApart(l); ok && !next && m.IntN(2) == 0 {
			lines[i] = m.line(c)
		}
	}
	s = strings.Join(lines, "\n") + "\n"
	if m.IntN(2) == 0 {
		s = fold(s, 1+m.IntN(75), pickOne(m, "\n ", "\n\t"))
	}
	return strings.ReplaceAll(s, "\n", pickOne(m, "\n", "\r\n", "\r", "\r\r\n"))
}

// line rewrites a line.
func (m mutant) line(c content) string {
	switch strings.ToUpper(c.name) {
	case "TRIGGER", "DURATION":
		c.value = m.duration(c.value)
	case "RRULE", "EXRULE":
		c.value = m.rule(c.value)
	}
	if slices.Contains([]string{"DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE", "RDATE", "TRIGGER"}, strings.ToUpper(c.name)) {
		if s, err := readStamp(c.value); err == nil && strict(c.value) {
			c = m.time(c, s)
		}
		for i, p := range c.params {
			if name, zone, _ := strings.Cut(p, "="); strings.EqualFold(name, "TZID") && m.zones {
				c.params[i] = name + "=" + m.zone(strings.Trim(zone, `"`))
			}
		}
		if len(c.params) > 0 && m.IntN(6) == 0 { // a colon in the place of the first semicolon
			return c.name + ":" + strings.TrimPrefix(c.String(), c.name+";")
		}
	}
	m.Shuffle(len(c.params), func(i, j int) { c.params[i], c.params[j] = c.params[j], c.params[i] })
	c.name = pickOne(m, c.name, strings.ToLower(c.name), strings.ToUpper(c.name))
	return c.String()
}

// duration returns another spelling of a duration. Some are none: then that must be told.
func (m mutant) duration(value string) string {
	l, odd, err := readLength(value)
	if err != nil || odd {
		return value
	}
	if l.zero() {
		return pickOne(m, "P", "-P", "PT", "-PT", "PT0S", "-PT0S", "P0D", "PT0", "-P0W", "PT0D", "PT-0S", "+PT0M")
	}
	sign := ""
	if l.negative() {
		sign, l = "-", length{-l.days, -l.secs}
	}
	h, min, s := l.secs/3600, l.secs/60%60, l.secs%60
	list := []string{
		fmt.Sprintf("%sP%dDT%dH%dM%dS", sign, l.days, h, min, s),
		fmt.Sprintf("%sPT%dDT%dH%dM%dS", sign, l.days, h, min, s),
		fmt.Sprintf("%sPT%dD%dH%dM%dS", sign, l.days, h, min, s),
		fmt.Sprintf("P%s%dDT%dH%dM%dS", sign, l.days, h, min, s),
		fmt.Sprintf("P%s%dDT%s%dH%s%dM%s%dS", sign, l.days, sign, h, sign, min, sign, s),
		fmt.Sprintf("%sP%dD%dH%dM%dS", sign, l.days, h, min, s),
		fmt.Sprintf("%sP %dD T %dS", sign, l.days, l.secs),
		fmt.Sprintf("%sP%dDT%d.0S", sign, l.days, l.secs),
		fmt.Sprintf("%sP%dDT%d,5M%dS", sign, l.days, l.secs/60, l.secs%60-30),
		fmt.Sprintf("%sp%ddt%ds", sign, l.days, l.secs),
		fmt.Sprintf("%sP%dDT%d", sign, l.days, l.secs),
		fmt.Sprintf("%s%dDT%dS", sign, l.days, l.secs),
		fmt.Sprintf("\"%s\"", value), value + ";", value + " ", strings.Replace(value, "-", "\u2212", 1), strings.Replace(value, "-", "- ", 1),
	}
	return pickOne(m, list...)
}

// rule returns another spelling of a rule.
func (m mutant) rule(value string) string {
	parts := strings.Split(value, ";")
	m.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	value = strings.Join(parts, pickOne(m, ";", "; ", ";;"))
	return pickOne(m, value, strings.ToLower(value), value+";", "RSCALE=GREGORIAN;"+value, "SKIP=OMIT;"+value, "RRULE:"+value, value+";X-ODD=1")
}

// time returns another spelling of a date or time.
func (m mutant) time(c content, s stamp) content {
	t := s.wall.Time()
	if s.form == formDate {
		c.value = pickOne(m, c.value, t.Format("2006-01-02"), t.Format("20060102")+"Z", t.Format("20060102")+" ")
		if slices.Contains(c.params, "VALUE=DATE") && m.IntN(3) == 0 {
			c.value = t.Format("20060102T150405")
		}
		return c
	}
	z := ""
	if s.form == formUTC {
		z = pickOne(m, "Z", "z")
	}
	c.value = pickOne(m, c.value, t.Format("2006-01-02T15:04:05")+z, t.Format("20060102t150405")+z, t.Format("20060102T150405")+".000"+z, t.Format("20060102T15:04:05")+z)
	if m.IntN(4) == 0 && s.wall != day(s.wall) {
		c.params = append(c.params, "VALUE="+pickOne(m, "DATE-TIME", "date-time", "DATE"))
	}
	return c
}

// zoneNames are other names of zones. Those behind the bar lose something, such as summer
// time: they must be told when that matters.
var zoneNames = map[string][]string{
	"Europe/Zurich": {
		"W. Europe Standard Time", "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien",
		"(UTC+01:00) Amsterdam, Berlin, Berne, Rome, Stockholm, Vienne", "(GMT+01.00) Amsterdam/Berlin/Bern/Rome", "GMT +0100 (Standard) / GMT +0200 (Daylight)",
		"|", "GMT+0100", "UTC+1", "UTC +01:00", "+01:00", "CEST", "tzone://Microsoft/Custom", "Mitteleurop\u00e4ische Zeit", "(UTC+01:00) Nirgendwo", "Zurich",
	},
	"America/New_York": {
		"Eastern Standard Time", "(UTC-05:00) Eastern Time (US & Canada)", "(GMT-05:00) Eastern Time (US and Canada)", "Eastern Time (US &amp; Canada)",
		"(UTC-05:00) Est (\u00c9.-U. et Canada)", "(UTC-05:00) Fuso orientale (Stati Uniti e Canada)", "GMT-05.00/-04.00", "US/Eastern", "EST5EDT",
		"|", "GMT-0500", "UTC-5", "(UTC\u221205:00)", "EDT", "America/NewYork",
	},
}

// zone returns another name of a zone, as a parameter's value.
func (m mutant) zone(name string) string {
	if !regexp.MustCompile(`^[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+$`).MatchString(name) {
		return `"` + name + `"`
	}
	list := append([]string{
		name, strings.ToLower(name), strings.ToUpper(name), " " + name + " ", "/mozilla.org/20050126_1/" + name, "/freeassociation.sourceforge.net/" + name,
		"freeassociation.sourceforge.net/Tzfile/" + name, name + ";VALUE=DATE-TIME", "'" + name + "'", strings.ReplaceAll(name, "_", " "), strings.ReplaceAll(name, "/", "%2F"),
	}, zoneNames[name]...)
	for {
		if one := pickOne(m, list...); one != "|" {
			return pickOne(m, one, `"`+one+`"`, `"`+one+`"`)
		}
	}
}

// respelled are the vectors whose texts may be written otherwise.
func respelled(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		// Folds make other garbage of garbage, and names made from a text change with it.
		return strings.Contains(path, "d01-") || strings.Contains(path, "without-uid")
	})
}

// sameOrTold checks that a vector in another spelling gives the same instants, or reports more
// than it did before.
func sameOrTold(t *testing.T, path string, seed uint64) {
	t.Helper()
	v := readVector(t, path)
	want, before := v.run(t, asItStands)
	m := mutant{rand.New(rand.NewPCG(seed, 5545)), true}
	for _, text := range v.files {
		m.zones = m.zones && !strings.Contains(text, "VTIMEZONE")
	}
	written := ""
	got, after := v.run(t, func(text string) string { written = m.text(text); return written })
	if !slices.Equal(got, want) && len(after) <= len(before) {
		t.Errorf("%s, seed %d: in silence it gives\n%s\nwant\n%s\nproblems %q\n%q", path, seed, strings.Join(got, "\n"), strings.Join(want, "\n"), after, written)
	}
}

// TestOtherSpellings writes every vector in other spellings of the same meaning: letter case,
// folds, line ends, orders, durations, times and names of zones as people write them. Either
// the same alarms ring, or people are told.
func TestOtherSpellings(t *testing.T) {
	for _, path := range respelled(t) {
		for seed := range uint64(12) {
			sameOrTold(t, path, seed)
		}
	}
}

// FuzzSpelling is TestOtherSpellings without end.
func FuzzSpelling(f *testing.F) {
	paths := respelled(f)
	f.Add(uint16(0), uint64(1))
	f.Fuzz(func(t *testing.T, vector uint16, seed uint64) {
		sameOrTold(t, paths[int(vector)%len(paths)], seed)
	})
}
