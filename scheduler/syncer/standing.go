package syncer

import (
	"slices"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
)

// standing is how an announced instance stands now.
type standing struct {
	on      []*calbell.Instance // it takes place: as each copy has it; none: it does not
	there   bool                // its event is stored; if it is not on, it is cancelled or declined
	busy    bool                // nothing of its words may be told
	unknown bool                // nothing is known of it: its calendars are gone, or cannot be read
}

// at reports whether a copy has it at a time. While one of several copies says what was told, the
// others may be ahead of it, or it behind them: then nothing is told yet.
func (s *standing) at(start time.Time) bool {
	return slices.ContainsFunc(s.on, func(i *calbell.Instance) bool { return i.Start.Equal(start) })
}

// copies looks an announced instance up in every copy of its event that could have announced
// it: those in the accounts from which it came, if that is known. A copy in another person's
// calendar that is switched off did not, and has no say.
func (w *correcting) copies(a *announcement, objects []calbell.Object) (s standing) {
	accounts := map[string]bool{}
	for id := range a.sources {
		if c, ok := w.calendars[id]; ok && !c.Silent() { // nothing is known of what is gone with its calendar
			accounts[c.Account] = true
			s.busy = s.busy || w.policy.SettingsOf(c).Private == "busy"
		}
	}
	known := len(a.sources) > 0
	if known && len(accounts) == 0 {
		return standing{unknown: true}
	}
	// Those from which it came first: what they say is what is told.
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
		if !fails(o) { // what a server said last, long ago, keeps nobody from hearing the news
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

// copy takes into account what one copy says.
func (w *correcting) copy(s *standing, d *calbell.Delivery, c calbell.Calendar, o calbell.Object) {
	events := plan.Read(o, w.policy.Options(c)).Events
	at := slices.IndexFunc(events, func(e *ical.Event) bool { return e.UID() == d.UID })
	if at < 0 { // it lists the UID, so it is there, but cannot be read
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

// takesPlace reports whether an instance takes place, with the person of its calendar.
func (w *correcting) takesPlace(i *calbell.Instance, c calbell.Calendar) bool {
	return i.Status != "CANCELLED" && plan.Declined(i, w.policy.Own(c)) == ""
}

// span is when an instance was to take place, as it was told last.
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
