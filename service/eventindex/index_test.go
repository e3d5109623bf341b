package eventindex

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/store"
)

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// memory is a store in memory that counts what is read of it.
type memory struct {
	objects map[calbell.CalendarID]map[calbell.Href]calbell.Object
	walks   int // whole calendars
	reads   int // single objects
	err     error
}

func (m *memory) Object(_ context.Context, c calbell.CalendarID, h calbell.Href) (calbell.Object, error) {
	m.reads++
	o, ok := m.objects[c][h]
	if !ok && m.err == nil {
		return o, &calbell.Error{Kind: calbell.KindNotFound, What: calbell.Plain("no object")}
	}
	return o, m.err
}

func (m *memory) EachObject(_ context.Context, c calbell.CalendarID, fn func(calbell.Object) error) error {
	m.walks++
	for _, o := range m.objects[c] {
		if err := fn(o); err != nil {
			return err
		}
	}
	return m.err
}

// world is an index over a store in memory.
type world struct {
	*Index
	*memory
	zone *time.Location
}

func newWorld() *world {
	w := &world{memory: &memory{objects: map[calbell.CalendarID]map[calbell.Href]calbell.Object{}}, zone: time.UTC}
	w.Index = New(w.memory, Reader{
		Options: func(calbell.Calendar) ical.Options { return ical.Options{Zone: w.zone} },
		Read: func(o calbell.Object, opt ical.Options) *ical.File {
			f, err := ical.Parse(o.Raw, opt)
			if err != nil {
				return &ical.File{}
			}
			return f
		},
	})
	return w
}

// put stores an event, and notifies the index.
func (w *world) put(c calbell.CalendarID, name string, start time.Time, rule, title string) {
	if rule != "" {
		rule = "RRULE:" + rule + "\r\n"
	}
	o := calbell.Object{
		Calendar: c, Href: calbell.Href(name), UIDs: []calbell.UID{calbell.UID(name)},
		Raw: []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:" + name + "\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" +
			start.UTC().Format("20060102T150405Z") + "\r\nDURATION:PT45M\r\n" + rule + "SUMMARY:" + title + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
	}
	if w.objects[c] == nil {
		w.objects[c] = map[calbell.Href]calbell.Object{}
	}
	w.objects[c][o.Href] = o
	w.Changed(store.Change{Calendar: calbell.Calendar{ID: c}, Put: []store.Planned{{Object: o}}})
}

// remove removes an event, and notifies the index.
func (w *world) remove(c calbell.CalendarID, name string) {
	delete(w.objects[c], calbell.Href(name))
	w.Changed(store.Change{Calendar: calbell.Calendar{ID: c}, Delete: []calbell.Href{calbell.Href(name)}})
}

// list returns the titles of what a query means, with their starts.
func (w *world) list(t *testing.T, q Query, calendars ...calbell.CalendarID) (rows []string) {
	t.Helper()
	var all []calbell.Calendar
	for _, id := range calendars {
		all = append(all, calbell.Calendar{ID: id})
	}
	next, err := w.Each(t.Context(), all, q, now, func(i Item) Verdict {
		rows = append(rows, i.Instance.Summary+" "+i.Instance.Start.UTC().Format("2 15:04"))
		return Taken
	})
	if err != nil || next != nil {
		t.Fatalf("next %+v, %v", next, err)
	}
	return rows
}

func week() Query { return Query{From: now, To: now.AddDate(0, 0, 7)} }

// A question reads the events that it can mean, and no others.
func TestOnlyWhatIsMeantIsRead(t *testing.T) {
	w := newWorld()
	for n := range 50 {
		w.put("c", fmt.Sprint("past", n), now.AddDate(-1, 0, n), "", "Past")
		w.put("c", fmt.Sprint("far", n), now.AddDate(1, 0, n), "", "Far")
	}
	w.put("c", "soon", now.Add(time.Hour), "", "Soon")
	w.put("c", "daily", now.AddDate(-1, 0, 0), "FREQ=DAILY", "Daily")
	w.put("c", "over", now.AddDate(-1, 0, 0), "FREQ=DAILY;COUNT=3", "Over")
	if err := w.Update(t.Context(), calbell.Calendar{ID: "c"}, now); err != nil || w.walks != 1 || !w.Has("c") || w.Stale("c") {
		t.Fatalf("%d walks, %v", w.walks, err)
	}
	rows := w.list(t, Query{From: now, To: now.AddDate(0, 0, 2)}, "c")
	if want := []string{"Daily 1 09:00", "Soon 1 10:00", "Daily 2 09:00"}; !slices.Equal(rows, want) {
		t.Errorf("%q, want %q", rows, want)
	}
	if w.reads != 2 || w.walks != 1 {
		t.Errorf("%d objects were read, and %d calendars", w.reads, w.walks)
	}
	if w.reads = 0; len(w.list(t, Query{From: now, To: now.AddDate(0, 0, 2), Search: "sOoN"}, "c")) != 1 || w.reads != 1 {
		t.Errorf("%d objects were read for a search", w.reads)
	}
}

// A change makes the index stale until it is asked; what was removed is gone.
func TestChangesAreFollowed(t *testing.T) {
	w := newWorld()
	w.put("c", "a", now.Add(time.Hour), "", "First")
	w.list(t, week(), "c")
	w.put("c", "a", now.Add(2*time.Hour), "", "Moved")
	w.put("c", "b", now.Add(3*time.Hour), "", "New")
	if !w.Stale("c") {
		t.Error("a change makes it not stale")
	}
	if rows := w.list(t, week(), "c"); !slices.Equal(rows, []string{"Moved 1 11:00", "New 1 12:00"}) || w.walks != 1 || w.Stale("c") {
		t.Errorf("%q after %d walks", rows, w.walks)
	}
	w.remove("c", "a")
	if rows := w.list(t, week(), "c"); !slices.Equal(rows, []string{"New 1 12:00"}) {
		t.Errorf("%q", rows)
	}
	refs, err := w.Named(t.Context(), calbell.Calendar{ID: "c"}, "b", now)
	if err != nil || len(refs) != 1 || refs[0].Href != "b" {
		t.Errorf("named %+v, %v", refs, err)
	}
}

// What could not be read is not forgotten: the index is built anew.
func TestFailedReadIsRepeated(t *testing.T) {
	w := newWorld()
	w.put("c", "a", now.Add(time.Hour), "", "First")
	w.list(t, week(), "c")
	w.put("c", "a", now.Add(2*time.Hour), "", "Moved")
	w.err = errors.New("disk")
	if err := w.Update(t.Context(), calbell.Calendar{ID: "c"}, now); !errors.Is(err, w.err) {
		t.Errorf("error %v", err)
	}
	w.err = nil
	if rows := w.list(t, week(), "c"); !slices.Equal(rows, []string{"Moved 1 11:00"}) {
		t.Errorf("%q", rows)
	}
}

// Another way to read the objects makes another index.
func TestAnotherZone(t *testing.T) {
	w := newWorld()
	w.put("c", "a", now.Add(time.Hour), "", "First")
	w.list(t, week(), "c")
	w.zone = time.FixedZone("elsewhere", 3600)
	if w.list(t, week(), "c"); w.walks != 2 {
		t.Errorf("%d walks", w.walks)
	}
}

// A calendar whose index needs too much memory makes the one forgotten that was asked longest ago.
func TestIndexesAreForgotten(t *testing.T) {
	w := newWorld()
	for n, id := range []calbell.CalendarID{"a", "b", "c"} {
		w.put(id, "x", now.Add(time.Hour), "", "x")
		if err := w.Update(t.Context(), calbell.Calendar{ID: id}, now.Add(time.Duration(n)*time.Minute)); err != nil {
			t.Fatal(err)
		}
		w.setCost(w.of(id, now.Add(time.Duration(n)*time.Minute)), maxIndexed/2)
	}
	w.of("c", now.Add(time.Hour))
	if w.Has("a") || !w.Has("b") || !w.Has("c") {
		t.Errorf("kept are a %v, b %v, c %v", w.Has("a"), w.Has("b"), w.Has("c"))
	}
	if w.Stale("a") {
		t.Error("it is to be built although there is no room")
	}
}

// A list in parts is the whole list, whatever the parts' size, over many calendars, rules and ties.
func TestPartsAreTheWhole(t *testing.T) {
	w, r := newWorld(), rand.New(rand.NewPCG(7, 8))
	rules := []string{"", "FREQ=DAILY", "FREQ=HOURLY;COUNT=30", "FREQ=WEEKLY;BYDAY=MO,WE"}
	for n := range 40 {
		start := now.Add(time.Duration(r.IntN(24*14)-24*7) * time.Hour)
		w.put(calbell.CalendarID([]string{"a", "b"}[n%2]), fmt.Sprint("e", n), start, rules[r.IntN(len(rules))], strings.Repeat("T", 1+r.IntN(3)))
	}
	calendars := []calbell.Calendar{{ID: "a"}, {ID: "b"}}
	key := func(i Item) string { return placeOf(i).Cursor() }
	var whole []string
	_, err := w.Each(t.Context(), calendars, week(), now, func(i Item) Verdict { whole = append(whole, key(i)); return Taken })
	if err != nil || len(whole) < 100 {
		t.Fatalf("%d instances, %v", len(whole), err)
	}
	for _, size := range []int{1, 7, 50} {
		var parts []string
		q := week()
		for {
			n := 0
			next, err := w.Each(t.Context(), calendars, q, now, func(i Item) Verdict {
				if n == size {
					return Full
				}
				n++
				parts = append(parts, key(i))
				return Taken
			})
			if err != nil {
				t.Fatal(err)
			}
			if next == nil {
				break
			}
			if q.After, err = ParseCursor(next.Cursor()); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(parts, whole) {
			t.Errorf("in parts of %d: %d of %d instances, or in another order", size, len(parts), len(whole))
		}
	}
}

// A question that means nothing ends after a while, and can be continued.
func TestExaminedInVain(t *testing.T) {
	w := newWorld()
	w.put("c", "a", now, "FREQ=MINUTELY", strings.Repeat("long ", 100)) // its text is cut: each is examined
	q := Query{From: now, To: now.AddDate(0, 0, 2), Search: "needle"}
	examined := 0
	for {
		next, err := w.Each(t.Context(), []calbell.Calendar{{ID: "c"}}, q, now, func(Item) Verdict { t.Error("found"); return Taken })
		if err != nil {
			t.Fatal(err)
		}
		examined++
		if next == nil {
			break
		}
		q.After = next
	}
	if want := 2*24*60/maxExamined + 1; examined != want {
		t.Errorf("asked %d times, want %d", examined, want)
	}
}

// A question ends with its context.
func TestEachEndsWithItsContext(t *testing.T) {
	w := newWorld()
	w.put("c", "a", now, "FREQ=DAILY", "x")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.Each(ctx, []calbell.Calendar{{ID: "c"}}, week(), now, func(Item) Verdict { cancel(); return Taken })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
