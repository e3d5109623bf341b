package recur_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"calbell/ical/recur"
)

// vector is a case of a file in testdata; rfc5545.txt explains the form.
type vector struct {
	name   string
	start  recur.Wall
	dates  bool
	bound  recur.Wall
	rules  []string
	want   []recur.Wall
	goesOn bool
}

// readVectors reads all files of vectors.
func readVectors(t *testing.T) (all []vector) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range strings.Split(string(text), "\n-- ")[1:] {
			name, body, _ := strings.Cut(section, " --\n")
			all = append(all, readVector(t, filepath.Base(file)+"/"+name, body))
		}
	}
	return all
}

func readVector(t *testing.T, name, body string) vector {
	t.Helper()
	v := vector{name: name, bound: recur.NoUntil}
	var month string
	for line := range strings.Lines(body) {
		key, val, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "DTSTART":
			v.start, v.dates = readWall(t, val, 0), len(val) == 8
			continue
		case "BOUND":
			v.bound = readWall(t, val, 0)
			continue
		case "RRULE":
			v.rules = append(v.rules, val)
			continue
		}
		for word := range strings.FieldsSeq(line) {
			switch {
			case word == "...":
				v.goesOn = true
				continue
			case len(word) == 2:
				word = month + word
			}
			month = word[:6]
			v.want = append(v.want, readWall(t, word, v.start))
		}
	}
	return v
}

// readWall reads a date, at the time of day of start, or a date-time.
func readWall(t *testing.T, s string, start recur.Wall) recur.Wall {
	t.Helper()
	num := func(a, b int) int {
		n, err := strconv.Atoi(s[a:b])
		if err != nil {
			t.Fatalf("%q is no time", s)
		}
		return n
	}
	if len(s) == 8 {
		tod := start.Time()
		s += tod.Format("T150405")
	}
	return recur.WallOf(num(0, 4), monthOf(num(4, 6)), num(6, 8), num(9, 11), num(11, 13), num(13, 15))
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		for _, text := range v.rules {
			t.Run(v.name+"/"+text, func(t *testing.T) {
				rule := parse(t, text)
				if v.dates {
					rule = rule.ForDates()
				}
				bound := recur.NoUntil
				if rule.Until != nil {
					bound = v.bound
				}
				it := rule.Iterate(v.start, bound)
				for i, want := range v.want {
					if w, ok := it.Next(); w != want || !ok {
						t.Fatalf("instance %d is %s (%t), want %s", i, w, ok, want)
					}
				}
				if w, ok := it.Next(); ok != v.goesOn || it.Err() != nil {
					t.Errorf("then %s (%t, %v), want more: %t", w, ok, it.Err(), v.goesOn)
				}
			})
		}
	}
}

// TestReferenceAgainstVectors asks whether the reference, with which random rules are
// compared, can be believed. It knows no SKIP, which has a reference of its own.
func TestReferenceAgainstVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		for _, text := range v.rules {
			rule := parse(t, text)
			last := v.want[len(v.want)-1]
			years := last.Time().Year() - v.start.Time().Year()
			if rule.Skip != recur.Omit || v.dates || v.start < 0 || rule.Freq < recur.Daily && years > 0 || years > 50 || rule.Until != nil {
				continue
			}
			got := newReference(rule, v.start).from(last.Time())
			if len(got) != len(v.want) {
				t.Errorf("%s %s: %v, want %v", v.name, text, got, v.want)
				continue
			}
			for i := range got {
				if got[i] != v.want[i] {
					t.Errorf("%s %s: instance %d is %s, want %s", v.name, text, i, got[i], v.want[i])
				}
			}
		}
	}
}

// TestVectorsWhateverWay walks each vector by seeking to every instance, and to one second
// after the one before, in both directions.
func TestVectorsWhateverWay(t *testing.T) {
	for _, v := range readVectors(t) {
		rule := parse(t, v.rules[0])
		if v.dates {
			rule = rule.ForDates()
		}
		it := rule.Iterate(v.start, v.bound)
		for i := len(v.want) - 1; i >= 0; i-- {
			after := recur.MinWall
			if i > 0 {
				after = v.want[i-1] + 1
			}
			for _, at := range []recur.Wall{v.want[i], after, (after + v.want[i]) / 2} {
				it.Seek(at)
				if w, ok := it.Next(); w != v.want[i] || !ok {
					t.Errorf("%s: Seek(%s) gives %s (%t), want %s", v.name, at, w, ok, v.want[i])
				}
			}
		}
	}
}
