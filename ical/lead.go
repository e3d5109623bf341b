package ical

import (
	"cmp"
	"slices"
	"time"

	"calbell/ical/syntax"

	"calbell"

	goical "github.com/emersion/go-ical"
)

// With returns an event that rings at these leads too, as if each of its components had
// one more alarm for each: [Event.Alarms] and [Event.NextAlarm] give them beside the
// VALARMs. What is silent stays so (D10), and a to-do without any date has no start to
// count from. Such an alarm has Lead set, and is a DISPLAY whose Index is its position
// among the leads. Days count by the clock of the instance's zone, as those of a TRIGGER
// do. A time of day is by that clock too, but that of an instance written in UTC is by the
// clock of the file's zone: nobody means 18:00 in UTC who does not live there. Without leads it returns e.
func (e *Event) With(leads []calbell.Lead) *Event {
	if len(leads) == 0 {
		return e
	}
	out := *e
	out.leads = slices.Grow(slices.Clone(e.leads), len(leads))
	for _, l := range leads {
		out.leads = append(out.leads, leadAlarm(l, len(out.leads), e.local))
	}
	out.singles = slices.Clone(e.singles)
	for i := range out.singles {
		out.singles[i].widen(out.leads)
	}
	out.twins = slices.Clone(e.twins)
	for i, t := range out.twins {
		out.twins[i] = t.With(leads)
	}
	return &out
}

// leadAlarm returns the alarm that a lead stands for.
func leadAlarm(l calbell.Lead, index int, local *time.Location) alarm {
	a := alarm{index: index, action: "DISPLAY", lead: &l, offset: length{days: -int64(l.Days)}}
	if l.AtClock {
		a.atClock, a.clock, a.local = true, int64(l.Clock/time.Second), local
	} else {
		a.offset.secs = -int64(l.Exact / time.Second)
	}
	return a
}

// compare orders the alarms of an instance: as they stand in the component, leads last.
func (a *alarm) compare(b *alarm) int {
	switch {
	case a.lead == nil && b.lead != nil:
		return -1
	case a.lead != nil && b.lead == nil:
		return 1
	}
	return cmp.Compare(a.index, b.index)
}

// Descriptions returns the DESCRIPTIONs of its components, each text once, the master's
// first: lines in them can ask for reminders, of instances too that are not laid out yet.
func (e *Event) Descriptions() []string {
	var list []string
	known := map[string]bool{"": true}
	e.eachComponent(func(c *component) {
		if text := c.description(); !known[text] {
			known[text] = true
			list = append(list, text)
		}
	})
	return list
}

// Words returns what people look for an event by: subject, location and description of its
// components, each text once, the master's first.
func (e *Event) Words() []string {
	var list []string
	known := map[string]bool{"": true}
	e.eachComponent(func(c *component) {
		d := c.describe()
		for _, text := range []string{d.Summary, d.Location, d.Description} {
			if !known[text] {
				known[text] = true
				list = append(list, text)
			}
		}
	})
	return list
}

// eachComponent calls fn for each component once, the master first.
func (e *Event) eachComponent(fn func(*component)) {
	seen := map[*component]bool{nil: true}
	take := func(c *component) {
		if !seen[c] {
			seen[c] = true
			fn(c)
		}
	}
	for _, one := range e.each() {
		take(one.master)
		for i := range one.segments {
			take(one.segments[i].c)
		}
		for i := range one.singles {
			take(one.singles[i].c)
		}
	}
}

// description reads the DESCRIPTION alone; "" when there is none.
func (c *component) description() string {
	for walk := c.body.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			return ""
		}
		if l.Name() != goical.PropDescription {
			continue
		}
		if p, ok := l.Property(); ok && p.Value != "" {
			return syntax.Unescape(p.Value)
		}
	}
}
