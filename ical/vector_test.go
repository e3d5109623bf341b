package ical

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the vectors need every zone, whatever the machine has
	"unicode/utf16"

	"calbell"
)

// vector is one file of testdata: a comment that names the clause, settings, calendars,
// and what expand must say of them.
type vector struct {
	settings map[string]string
	files    map[string]string // *.ics by name, in order of names
	names    []string
	want     []string // JSON lines; keys that a line leaves out are not compared
	carriers []string // what instances and their alarms say of webhooks, likewise; nil: not compared
	problems []string // what problems must say, in order; nil: not compared
}

// readVector reads a txtar file.
func readVector(t *testing.T, path string) vector {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v := vector{settings: map[string]string{}, files: map[string]string{}}
	section := ""
	for _, l := range strings.SplitAfter(string(raw), "\n") {
		bare := strings.TrimSuffix(l, "\n")
		name, isHead := strings.CutPrefix(bare, "-- ")
		name, closed := strings.CutSuffix(name, " --")
		switch {
		case isHead && closed:
			section = name
			if strings.HasSuffix(name, ".ics") {
				v.names = append(v.names, name)
			}
			if name == "problems" {
				v.problems = []string{}
			}
		case section == "":
			if key, value, ok := strings.Cut(bare, ": "); ok && !strings.HasPrefix(bare, "#") {
				v.settings[key] = value
			}
		case strings.HasSuffix(section, ".ics"):
			v.files[section] += l
		case strings.TrimSpace(bare) == "":
		case section == "want.jsonl":
			v.want = append(v.want, bare)
		case section == "carriers.jsonl":
			v.carriers = append(v.carriers, bare)
		case section == "problems":
			v.problems = append(v.problems, bare)
		}
	}
	return v
}

// date reads a setting that is RFC 3339 or a date in UTC.
func (v vector) date(t *testing.T, key string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, v.settings[key]); err == nil {
			return at
		}
	}
	t.Fatalf("setting %s: %q is no time", key, v.settings[key])
	return time.Time{}
}

// options reads the settings that become Options.
func (v vector) options(t *testing.T) Options {
	t.Helper()
	load := func(key string) *time.Location {
		if v.settings[key] == "" {
			return nil
		}
		loc, err := time.LoadLocation(v.settings[key])
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	return Options{Zone: load("tz"), Fallback: load("fallback"), Subscribed: v.settings["subscribed"] != ""}
}

// read reads the vector's calendars, each written in some way, and gives them its leads.
func (v vector) read(t *testing.T, written func(string) string) (files []*File, problems []string) {
	t.Helper()
	var leads []calbell.Lead
	if text := v.settings["leads"]; text != "" {
		var err error
		if leads, err = calbell.ParseLeads(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range v.names {
		f, err := Parse([]byte(written(v.files[name])), v.options(t))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range f.Problems {
			problems = append(problems, fmt.Sprintf("%d %t %s", p.Line, p.Bad, p.Reason))
		}
		for i, e := range f.Events {
			f.Events[i] = e.With(leads)
		}
		files = append(files, f)
	}
	return files, problems
}

// run expands the vector's calendars.
func (v vector) run(t *testing.T, written func(string) string) (lines, problems []string) {
	t.Helper()
	files, problems := v.read(t, written)
	records, cut := Expand(files, v.date(t, "from"), v.date(t, "to"))
	for _, r := range records {
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(raw))
	}
	for _, p := range cut {
		problems = append(problems, p.Reason.English)
	}
	return lines, problems
}

// carrier is what an instance and one of its alarms say of where they go.
type carrier struct {
	UID           calbell.UID          `json:"uid"`
	RecurrenceID  calbell.RecurrenceID `json:"recurrence_id"`
	EventWebhooks []string             `json:"event_webhooks"`
	Alarms        int                  `json:"alarms"`
	NoAlarm       bool                 `json:"no_alarm"`

	AlarmIndex *int              `json:"alarm_index"` // null: no alarm of the instance rings
	Webhooks   []string          `json:"webhooks"`
	Binding    calbell.BindingID `json:"binding"`
}

// carried lists the instances in the vector's time, each with the alarms that ring for it.
func (v vector) carried(t *testing.T) (lines []string) {
	t.Helper()
	files, _ := v.read(t, asItStands)
	from, to := v.date(t, "from"), v.date(t, "to")
	add := func(c carrier) {
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(raw))
	}
	for _, f := range files {
		for _, e := range f.Events {
			alarms, _ := e.Alarms(from, to, maxExpanded)
			list, _ := e.Instances(from, to, maxExpanded)
			for _, in := range list {
				c := carrier{UID: in.UID, RecurrenceID: in.RecurrenceID, EventWebhooks: in.Webhooks, Alarms: in.Alarms, NoAlarm: in.NoAlarm}
				before := len(lines)
				for _, a := range alarms {
					if a.Instance.RecurrenceID == in.RecurrenceID {
						c.AlarmIndex, c.Webhooks, c.Binding = &a.Alarm.Index, a.Alarm.Webhooks, a.Alarm.Binding
						add(c)
					}
				}
				if len(lines) == before {
					add(c)
				}
			}
		}
	}
	return lines
}

// agree compares wanted lines with records, in order.
func agree(t *testing.T, want, got []string) bool {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = agrees(t, want[i], got[i])
	}
	return ok
}

// agrees reports whether a record has all that a wanted line names.
func agrees(t *testing.T, want, got string) bool {
	t.Helper()
	var w, g map[string]any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("vector: %s: %v", want, err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatal(err)
	}
	for k, value := range w {
		if !reflect.DeepEqual(value, g[k]) {
			return false
		}
	}
	return len(w) > 0
}

// asItStands leaves a text as the vector has it: lines end in LF.
func asItStands(text string) string { return text }

// spellings are ways to write a text that change nothing of its meaning.
var spellings = map[string]func(string) string{
	"CRLF":         func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"CR":           func(s string) string { return strings.ReplaceAll(s, "\n", "\r") },
	"CRCRLF":       func(s string) string { return strings.ReplaceAll(s, "\n", "\r\r\n") },
	"BOM":          func(s string) string { return "\ufeff" + s },
	"NUL":          func(s string) string { return strings.ReplaceAll(s, ":", ":\x00") },
	"no last line": func(s string) string { return strings.TrimRight(s, "\n") },
	"empty lines":  func(s string) string { return "\n\n" + strings.ReplaceAll(s, "\nBEGIN", "\n\r\nBEGIN") },
	"folded at 7":  func(s string) string { return fold(s, 7, "\n ") },
	"folded at 1":  func(s string) string { return fold(s, 1, "\r\n\t") },
	"UTF-16": func(s string) string {
		out := "\xff\xfe"
		for _, u := range utf16.Encode([]rune(s)) {
			out += string([]byte{byte(u), byte(u >> 8)})
		}
		return out
	},
}

// fold cuts every line after so many bytes, also inside a character.
func fold(s string, width int, with string) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		l = strings.TrimSuffix(l, "\n")
		for len(l) > width {
			b.WriteString(l[:width] + with)
			l = l[width:]
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

// TestSpellings says that line ends, folds and encodings change nothing.
func TestSpellings(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txtar")
		if strings.Contains(name, "d01-garbage") || strings.Contains(name, "d01-truncated") {
			continue // folding makes other garbage of them
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := readVector(t, path)
			want, _ := v.run(t, asItStands)
			for spelling, write := range spellings {
				if got, _ := v.run(t, write); !slices.Equal(got, want) {
					t.Errorf("%s: got\n%s\nwant\n%s", spelling, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

func TestVectors(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := readVector(t, path)
			got, problems := v.run(t, asItStands)
			if !agree(t, v.want, got) {
				t.Errorf("got\n%s\nwant\n%s\nproblems %q", strings.Join(got, "\n"), strings.Join(v.want, "\n"), problems)
			}
			if carried := v.carried(t); v.carriers != nil && !agree(t, v.carriers, carried) {
				t.Errorf("carriers\n%s\nwant\n%s", strings.Join(carried, "\n"), strings.Join(v.carriers, "\n"))
			}
			if v.problems == nil {
				return
			}
			ok := len(problems) == len(v.problems)
			for i := 0; ok && i < len(problems); i++ {
				ok = strings.Contains(problems[i], v.problems[i])
			}
			if !ok {
				t.Errorf("problems\n%s\nwant\n%s", strings.Join(problems, "\n"), strings.Join(v.problems, "\n"))
			}
		})
	}
}
