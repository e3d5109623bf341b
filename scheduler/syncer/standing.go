package syncer

import (
	"slices"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
)

// standing is the current state of an announced instance.
type standing struct {
	on      []*calbell.Instance // the instance in each copy; none: it does not take place
	there   bool                // its event is stored; if it is not on, it is cancelled or declined
	busy    bool                // its texts must be hidden
	unknown bool                // its calendars are gone, or cannot be read
}

// at reports whether a copy has the instance at a time. While one of several copies agrees with
// the announcement, the others may be newer or older: no correction is sent then.
func (s *standing) at(start time.Time) bool {
	return slices.ContainsFunc(s.on, func(i *calbell.Instance) bool { return i.Start.Equal(start) })
}

// copies collects an announced instance from every copy of its event that could have announced
// it: those in the accounts from which it came, if known. A copy in another person's calendar
// that is switched off did not announce it, and does not count.
func (w *correcting) copies(a *announcement, objects []calbell.Object) (s standing) {
	accounts := map[string]bool{}
	for id := range a.sources {
		if c, ok := w.calendars[id]; ok && !c.Silent() { // a removed calendar says nothing about its events
			accounts[c.Account] = true
			s.busy = s.busy || w.policy.SettingsOf(c).Private == "busy"
		}
	}
	known := len(a.sources) > 0
	if known && len(accounts) == 0 {
		return standing{unknown: true}
	}
	// The copies that announced it first: corrections use their texts.
	slices.SortStableFunc(objects, func(x, y calbell.Object) int {
		return btoi(a.sources[y.Calendar]) - btoi(a.sources[x.Calendar])
	})
	meant := slices.DeleteFunc(objects, func(o calbell.Object) bool {
		c, ok := w.calendars[o.Calendar]
		return !ok || c.Silent() || known && !accounts[c.Account] || w.policy.SwitchedOff(c) && !a.sources[o.Calendar]
	})
	fails := func(o calbell.Object) bool { return !w.calendars[o.Calendar].FailingSince.IsZero() }
	if !slices.ContainsFunc(meant, fails) || !slices.ContainsFunc(meant, func(o calbell.Object) bool { return !fails(o) }) {
		fails = func(calbell.Object) bool { return false }
	}
	for _, o := range meant {
		if !fails(o) { // an outdated copy must not suppress a correction
			w.copy(&s, &a.told[0], w.calendars[o.Calendar], o)
		}
	}
	return s
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// copy adds what one copy says.
func (w *correcting) copy(s *standing, d *calbell.Delivery, c calbell.Calendar, o calbell.Object) {
	events := plan.Read(o, w.policy.Options(c)).Events
	at := slices.IndexFunc(events, func(e *ical.Event) bool { return e.UID() == d.UID })
	if at < 0 { // it lists the UID, so the event exists, but cannot be read
		s.unknown = true
		return
	}
	s.there = true
	i := plan.InstanceNow(events[at], d.RecurrenceID, d.Start)
	if i == nil || !w.takesPlace(i, c) {
		return
	}
	if len(s.on) == 0 {
		s.busy = w.policy.Discreet(c, i)
	}
	s.on = append(s.on, i)
}

// takesPlace reports whether an instance takes place and the calendar's person has not
// declined.
func (w *correcting) takesPlace(i *calbell.Instance, c calbell.Calendar) bool {
	return i.Status != "CANCELLED" && plan.Declined(i, w.policy.Own(c)) == ""
}

// span returns the announced time of an instance.
func (w *correcting) span(d *calbell.Delivery, s standing) calbell.Span {
	if d.Notice != nil && d.Notice.Change != nil {
		if d.Notice.Kind == calbell.NoticeMoved {
			return d.Notice.Change.Now
		}
		return d.Notice.Change.Was
	}
	span := calbell.Span{Start: d.Start, End: d.End}
	zone := w.policy.Zone()
	for _, src := range d.Sources {
		if c, ok := w.calendars[src.Calendar]; ok {
			o := w.policy.Options(c)
			if zone = o.Fallback; o.Zone != nil {
				zone = o.Zone
			}
			break
		}
	}
	// A delivery does not say that its event is all-day; one from midnight to midnight is.
	from, to := d.Start.In(zone), d.End.In(zone)
	midnight := func(t time.Time) bool { return t.Equal(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)) }
	if span.AllDay = midnight(from) && midnight(to) && to.After(from); span.AllDay {
		span.Start, span.End = from, to
	}
	return span
}
