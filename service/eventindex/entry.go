package eventindex

import (
	"math"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
)

const (
	// maxText bounds the text that an index keeps of one event; an event with more is opened when
	// it is searched.
	maxText = 400
	// entryCost is about what an entry takes beside its texts, with its place in the map.
	entryCost = 220
	// indexBack is how long before now an index knows what comes next: an agenda begins at a
	// midnight, of any zone.
	indexBack = 48 * time.Hour
	// farAhead is how many years ahead a next occurrence is searched for.
	farAhead = 50
)

// entry is what is remembered of an event.
type entry struct {
	id   string // [calbell.EventID]
	href calbell.Href
	uid  calbell.UID
	// one: it takes place once, from start to end. Else start is that of its first instance.
	one        bool
	start, end int64 // Unix seconds
	// coming is what comes next from now on, and from the instant before that was asked for last.
	coming [2]next
	text   string // what it is searched by, folded
	cut    bool   // there is more of it
}

// next is the first instance that ends after asOf; math.MaxInt64: none.
type next struct{ asOf, start, end int64 }

func newEntry(o calbell.Object, e *ical.Event, now time.Time) *entry {
	n := &entry{id: calbell.EventID(o.Calendar, o.Href, e.UID()), href: o.Href, uid: e.UID()}
	n.text, n.cut = searchText(e)
	list, more := e.Instances(time.Unix(0, 0).AddDate(-2000, 0, 0), now.AddDate(farAhead, 0, 0), 2)
	switch {
	case len(list) == 0:
		n.one, n.start, n.end = true, math.MaxInt64, math.MaxInt64
	case len(list) == 1 && !more:
		n.one, n.start, n.end = true, list[0].Start.Unix(), list[0].End.Unix()
	default:
		n.start = list[0].Start.Unix()
	}
	if !n.one || len(list) == 0 && more {
		n.one = false
		n.note(e, now.Add(-indexBack))
	}
	return n
}

// note remembers what comes next from an instant on.
func (n *entry) note(e *ical.Event, from time.Time) {
	found := next{from.Unix(), math.MaxInt64, math.MaxInt64}
	list, more := e.Instances(from, from.AddDate(farAhead, 0, 0), 1)
	switch {
	case len(list) > 0:
		found.start, found.end = list[0].Start.Unix(), list[0].End.Unix()
	case more: // too costly to know: it is opened each time
		found.start = math.MinInt64
	}
	if found.asOf >= n.coming[0].asOf {
		n.coming[0] = found
	} else {
		n.coming[1] = found
	}
}

// earliest returns when, at the earliest, an instance starts that takes place in [from, to). ok is
// false when none does; the start is math.MinInt64 when only opening the event tells.
func (n *entry) earliest(from, to int64) (start int64, ok bool) {
	switch {
	case n.start >= to, n.one && n.end <= from && n.start < from:
		return 0, false
	case n.one:
		return n.start, true
	}
	for _, c := range n.coming {
		if from >= c.asOf && from < c.end {
			return c.start, c.start < to
		}
	}
	return math.MinInt64, true
}

// mayHold reports whether the event may hold a folded text.
func (n *entry) mayHold(search string) bool {
	return search == "" || n.cut || strings.Contains(n.text, search)
}

// searchText returns what an event is searched by; cut reports that there is more of it.
func searchText(e *ical.Event) (text string, cut bool) {
	text = fold(strings.Join(e.Words(), "\n"))
	if len(text) <= maxText {
		return text, false
	}
	return strings.ToValidUTF8(text[:maxText], ""), true
}

// fold makes texts comparable in which letter case does not count.
func fold(text string) string { return strings.ToLower(text) }

// matches reports whether an instance's words hold a folded text.
func matches(i *calbell.Instance, search string) bool {
	for _, text := range []string{i.Summary, i.Location, i.Description} {
		if strings.Contains(fold(text), search) {
			return true
		}
	}
	return search == ""
}
