//go:build !race

package ical

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/ical/edit"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// patched puts alarms into a text, or fails.
func patched(t testing.TB, raw string, uid calbell.UID, add []edit.AlarmPatch, remove ...calbell.BindingID) string {
	t.Helper()
	out, err := edit.PatchAlarms([]byte(raw), uid, add, remove)
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return string(out)
}

// TestPatchVectors patches every event of every vector, in spellings whose bytes can stay.
func TestPatchVectors(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	done, refused := 0, map[string]bool{}
	for _, path := range paths {
		v := readVector(t, path)
		for _, spelling := range []string{"", "CRLF", "BOM", "no last line", "empty lines", "folded at 1"} {
			for _, name := range v.names {
				raw := v.files[name]
				if spelling != "" {
					raw = spellings[spelling](raw)
				}
				f, err := Parse([]byte(raw), v.options(t))
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range f.Events {
					if patchKeeps(t, raw, v.options(t), e.UID(), v.date(t, "from"), v.date(t, "to")) {
						done++
					} else {
						refused[filepath.Base(path)] = true
					}
				}
			}
		}
	}
	want := []string{
		"d01-truncated.txtar", "d01-unclosed-alarm.txtar", "d01-unclosed-event.txtar", "d01-unknown-unclosed.txtar",
		"d08-todo-undated.txtar", "leads-todo.txtar", "without-uid.txtar",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(refused))); diff != "" || done < 500 {
		t.Errorf("%d events were patched; of what is refused (-want +got):\n%s", done, diff)
	}
}

// The bindings that patchKeeps adds.
const mineA, mineB = "mine-1", "mine-2"

// patchKeeps patches one event of a text and says what may be different then: the alarms
// alone. False when the text is refused.
func patchKeeps(t *testing.T, raw string, o Options, uid calbell.UID, from, to time.Time) bool {
	t.Helper()
	add := []edit.AlarmPatch{
		{Binding: mineA, Lead: calbell.Lead{Exact: 15 * time.Minute}, Webhooks: []string{"ops, night", `a\b;c`}, Description: strings.Repeat("Zürich ", 20)},
		{Binding: mineB, Lead: calbell.Lead{Days: 1, Exact: time.Hour}},
	}
	out, err := edit.PatchAlarms([]byte(raw), uid, add, nil)
	if err != nil {
		return false
	}
	if bare, err := edit.PatchAlarms([]byte(raw), uid, nil, []calbell.BindingID{mineA, mineB}); err != nil || string(bare) != raw {
		return err == nil // a fuzzer can write such bindings too
	}
	after := string(out)
	if back := patched(t, after, uid, nil, mineA, mineB); back != raw {
		t.Errorf("removed again:\n%q\nbefore:\n%q", back, raw)
	}
	if again := patched(t, after, uid, add); again != after {
		t.Errorf("added again:\n%q\nthe first time:\n%q", again, after)
	}
	if again := patched(t, after, uid, add, mineB, mineA); again != after {
		t.Errorf("written anew:\n%q\nthe first time:\n%q", again, after)
	}
	one, err := Parse([]byte(raw), o)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Parse(out, o)
	if err != nil || len(one.Events) != len(two.Events) || len(one.Problems) != len(two.Problems) {
		t.Fatalf("%v; %d events, then %d; problems %v, then %v", err, len(one.Events), len(two.Events), one.Problems, two.Problems)
	}
	for i, e := range one.Events {
		leads := []calbell.Lead{add[0].Lead, add[1].Lead}
		if e.UID() != uid {
			leads = nil
		}
		samePatched(t, e.With(leads), two.Events[i], from, to)
	}
	return true
}

// samePatched compares an event that was given leads with one that has alarms in their place.
func samePatched(t *testing.T, e, patched *Event, from, to time.Time) {
	t.Helper()
	const most = 2000
	want, _ := e.Alarms(from, to, most)
	got, _ := patched.Alarms(from, to, most)
	for i := range want {
		want[i].Instance.Alarms = 0
		if l := want[i].Alarm.Lead; l != nil {
			want[i].Alarm.Binding = mineA
			if l.Days > 0 {
				want[i].Alarm.Binding = mineB
			}
			want[i].Alarm.Index, want[i].Alarm.Lead = 0, nil
		}
	}
	for i := range got {
		a := &got[i].Alarm
		got[i].Instance.Alarms = 0
		if a.Binding != mineA && a.Binding != mineB {
			continue
		}
		if a.Binding == mineA {
			if diff := cmp.Diff([]string{"ops, night", `a\b;c`}, a.Webhooks); diff != "" || a.Description != strings.Repeat("Zürich ", 20) {
				t.Errorf("%s: it says %q, and names\n%s", e.UID(), a.Description, diff)
			}
		}
		a.Index, a.Webhooks, a.Description = 0, nil, ""
	}
	order := func(a, b calbell.AlarmInstant) int {
		return strings.Compare(a.Trigger.Format(time.RFC3339)+string(a.Instance.RecurrenceID)+string(a.Alarm.Binding), b.Trigger.Format(time.RFC3339)+string(b.Instance.RecurrenceID)+string(b.Alarm.Binding))
	}
	slices.SortStableFunc(want, order)
	slices.SortStableFunc(got, order)
	if len(want) < most && !cmp.Equal(want, got, cmpopts.EquateEmpty()) {
		t.Errorf("%s (-with leads +patched):\n%s", e.UID(), cmp.Diff(want, got, cmpopts.EquateEmpty()))
	}
	instances, _ := e.Instances(from, to, most)
	again, _ := patched.Instances(from, to, most)
	for _, in := range slices.Concat(instances, again) {
		in.Alarms = 0
	}
	if diff := cmp.Diff(instances, again); diff != "" {
		t.Errorf("%s: instances (-before +after):\n%s", e.UID(), diff)
	}
}

// FuzzPatch says that whatever the text and whatever is written into it, it is refused, or
// nothing but the alarms is different.
func FuzzPatch(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Parse(raw, Options{})
		if err != nil {
			return
		}
		from := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
		for _, e := range file.Events[:min(len(file.Events), 3)] {
			patchKeeps(t, string(raw), Options{}, e.UID(), from, from.AddDate(0, 0, 9))
		}
	})
}
