package service

import (
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
)

// finder finds the events that a caller may see.
type finder struct {
	*core
	index *eventindex.Index
}

func newFinder(c *core) *finder {
	options := func(in calbell.Calendar) ical.Options { return c.config.Policy().Options(in) }
	return &finder{core: c, index: eventindex.New(c.store, eventindex.Reader{Options: options, Read: plan.Read})}
}

// found is an event with its calendar and object.
type found struct {
	calendar calbell.Calendar
	object   calbell.Object
	event    *ical.Event
	problems []calbell.Text    // what is lost
	warnings []calbell.Warning // what was read differently from what it says
	shown    *calbell.Instance // the instance to show; nil: the next
}

// findEvent returns the event with this ID or UID.
func (s *finder) findEvent(ctx context.Context, who calbell.Caller, id string) (found, error) {
	var list []found
	p := s.config.Policy()
	err := s.eachNamed(ctx, who, id, func(c calbell.Calendar, o calbell.Object, uid calbell.UID) {
		list = append(list, pick(c, o, uid, plan.Read(o, p.Options(c)))...)
	})
	switch {
	case err != nil:
		return found{}, err
	case len(list) == 0:
		return found{}, notFound(calbell.NounEvent, id, nil)
	case len(list) > 1:
		return found{}, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.T("service:uid-calendars", "UID %q is in %d calendars", id, len(list)),
			Hint: calbell.T("service:use-id-shows-calbell", "use the id that this shows: calbell event list --search TEXT"),
		}
	}
	return list[0], nil
}

// eachNamed calls fn for the events with this ID or UID. It uses the index of a calendar if
// there is one; otherwise only the matching objects are parsed.
func (s *finder) eachNamed(ctx context.Context, who calbell.Caller, id string, fn func(calbell.Calendar, calbell.Object, calbell.UID)) error {
	leave, err := s.readers.Enter(ctx, who)
	if err != nil {
		return err
	}
	defer leave()
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, c := range calendars {
		if s.index.Has(c.ID) {
			err = s.eachIndexed(ctx, c, id, now, fn)
		} else {
			err = s.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
				for _, uid := range o.UIDs {
					if string(uid) == id || calbell.EventID(o.Calendar, o.Href, uid) == id {
						fn(c, o, uid)
					}
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachIndexed is eachNamed for a calendar with an index.
func (s *finder) eachIndexed(ctx context.Context, c calbell.Calendar, id string, now time.Time, fn func(calbell.Calendar, calbell.Object, calbell.UID)) error {
	named, err := s.index.Named(ctx, c, id, now)
	if err != nil {
		return err
	}
	for _, e := range named {
		o, err := s.store.Object(ctx, c.ID, e.Href)
		switch {
		case err == nil:
			fn(c, o, e.UID)
		case calbell.KindOf(err) != calbell.KindNotFound:
			return err
		}
	}
	return nil
}

// pick returns the event with that UID from an object's file.
func pick(c calbell.Calendar, o calbell.Object, uid calbell.UID, file *ical.File) []found {
	for _, e := range file.Events {
		if e.UID() != uid {
			continue
		}
		f := found{calendar: c, object: o, event: e}
		if !o.Problem.IsZero() {
			f.problems = append(f.problems, o.Problem)
		}
		for _, p := range file.Problems {
			switch {
			case p.Bad && p.UID == uid && p.Reason.English != o.Problem.English:
				f.problems = append(f.problems, p.Reason)
			case !p.Bad && (p.UID == uid || p.UID == "") && len(f.warnings) < calbell.MaxWarnings:
				f.warnings = append(f.warnings, p.Warning)
			}
		}
		return []found{f}
	}
	return nil
}

// shownInstance returns the instance that represents an event: the current or next one,
// else the first.
func shownInstance(e *ical.Event, now time.Time) *calbell.Instance {
	for _, from := range []time.Time{now, time.Unix(0, 0).AddDate(-300, 0, 0)} {
		if list, _ := e.Instances(from, now.AddDate(50, 0, 0), 1); len(list) > 0 {
			return list[0]
		}
	}
	return &calbell.Instance{UID: e.UID(), Kind: e.Kind()} // cancelled altogether
}

// detail returns the details of an event with these bindings.
func (s *finder) detail(f found, bs []calbell.Binding, now time.Time) types.EventDetail {
	shown := f.shown
	if shown == nil {
		shown = shownInstance(f.event, now)
	}
	d := types.EventDetail{Href: f.object.Href, Problems: f.problems, Warnings: f.warnings, Bindings: s.effective(f.calendar, bs), Instance: *shown}
	d.EventRow, d.TimeZone = eventRow(f.calendar, f.object, shown), shown.Start.Location().String()
	d.ReadOnly = f.calendar.ReadOnly
	p := s.config.Policy()
	if shown.AllDay {
		d.OnTheDay = calbell.Lead{AtClock: true, Clock: p.AllDayTime()}
	}
	router, usable := p.Routing(f.calendar).On(bs), p.Usable(f.calendar.Account)
	d.Reminders = alarmsAt(f.event, p.Routing(f.calendar).On(bs), shown)
	next := alarmsOf(f.event, router, now)
	d.Next = next.rows
	d.Silent = next.silent()
	d.Last = lastAlarm(f.event, router, now)
	for _, name := range next.unknown {
		d.Problems = append(d.Problems, unknownWebhook(name, usable))
	}
	d.Problems = append(d.Problems, router.BadLines(shown)...)
	for _, b := range d.Bindings {
		if _, there := usable[string(b.Webhook)]; !there && !b.Mute {
			d.Problems = append(d.Problems, goneWebhook(b))
		}
	}
	d.Problems = append(d.Problems, unauthorizedWebhooks(slices.Concat(d.Reminders, d.Next))...)
	return d
}

// effective returns the bindings that apply to a calendar's copy of their event.
func (s *finder) effective(c calbell.Calendar, bs []calbell.Binding) []calbell.Binding {
	r := s.config.Policy().Routing(c)
	return slices.DeleteFunc(active(bs), func(b calbell.Binding) bool { return !r.Holds(b) })
}

// fires returns the next instants at which these bindings alone fire. An instant that has
// just passed is included if its reminder is still sent.
func (s *finder) fires(f found, bs []calbell.Binding, now time.Time) []types.AlarmRow {
	r := s.config.Policy().Routing(f.calendar).On(bs)
	ringing, rows := r.Event(f.event), []types.AlarmRow{}
	at := firstFire(ringing, r, bs, now)
	for range lookedAt {
		first, ok := ringing.NextAlarm(at)
		if !ok || len(rows) >= maxNextAlarms {
			break
		}
		at = first.Trigger.Add(1)
		alarms, _ := ringing.Alarms(first.Trigger, at, atOnce)
		for _, a := range alarms {
			if d := r.Route(a); byBinding(d) && plan.Fires(a, now) {
				rows = append(rows, alarmRow(a, d))
			}
		}
	}
	return rows
}
