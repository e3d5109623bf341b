package plan

import (
	"cmp"
	"slices"
	"time"
	"unicode/utf8"

	"calbell"
	"calbell/ical"
	"calbell/store"
)

const (
	// lookBack is how far into the past a changed object is laid out. Reminders that may still
	// be retried must be found again, or they would be cancelled.
	lookBack = calbell.MaxRetry + time.Hour
	// minLookBack is the minimum look-back for an event with too many reminders to lay out all
	// of them.
	minLookBack = time.Minute
)

// Input is everything that a plan depends on.
type Input struct {
	Object  calbell.Object
	Options ical.Options
	// Routing decides where alarms go, and which reminders are added.
	Routing *Routing
	// Bindings are the reminders that people attached to events of the account; nil: none.
	Bindings Bindings
	// Now is the instant of planning.
	Now time.Time
	// Quiet suppresses new reminders that are already due (at a calendar's first sync, or when
	// the configuration changed).
	Quiet bool
	// Since is the time until which everything that could fall due was known. Reminders that
	// fell due later are sent, whether their instance has begun or not. Zero: everything was
	// known.
	Since time.Time
	// Reaches are the webhooks that the settings chose for the calendar's reminders at Since;
	// nil: not recorded. A reminder for any other webhook is not sent for Since: the webhook
	// was attached later.
	Reaches []calbell.WebhookID
	// WasOff is set when the calendar was not switched on at Since. Then only reminders that
	// people attached are sent for Since.
	WasOff bool
}

// Plan lays out the reminders of one object: all that fall due within [calbell.Horizon], and
// the next one however far away. It never fails: an object that cannot be read is returned with
// its Problem set.
func Plan(in Input) store.Planned {
	p, _ := Examine(in)
	return p
}

// Findings are the results of planning an object besides its plan.
type Findings struct {
	Readable bool // at least one event could be read
	// Unknown are names of webhooks in its events that do not exist.
	Unknown []string
	// Cut is where the search of the past for unknown reminders began, when the object has too
	// many alarms to search all of it; zero: all was searched.
	Cut time.Time
}

// Examine is [Plan] that also returns its findings.
func Examine(in Input) (store.Planned, Findings) {
	l := newLayout(in)
	p := l.planned(l.past(), in.Now, l.keepOnly)
	for i := range p.Reminders {
		p.Reminders[i].KnownLate = isNews(&p.Reminders[i], in.Now)
	}
	return p, Findings{len(l.events) > 0, l.unknown, l.cut}
}

// Continue lays out the time after the object's Until. All of its reminders are new, including
// those that fell due while the program did not run.
func Continue(in Input) store.Planned {
	return newLayout(in).planned(nil, in.Object.Until, func(calbell.AlarmInstant, calbell.Route) bool { return false })
}

// layout is the state of planning one object.
type layout struct {
	in      Input
	events  []*ical.Event           // with all times of possible reminders
	routers map[calbell.UID]*Router // by event
	unknown []string                // unknown names of webhooks
	cut     time.Time               // see Findings
}

// newLayout parses the object's text and records the results in the object.
func newLayout(in Input) *layout {
	l := &layout{in: in, routers: map[calbell.UID]*Router{}}
	file, err := parse(in.Object.Raw, in.Options)
	if err != nil {
		l.in.Object.Problem = cmp.Or(in.Object.Problem, calbell.TextOfError(err))
		return l
	}
	l.in.Object.Problem = cmp.Or(in.Object.Problem, badReason(file))
	l.in.Object.UIDs, l.in.Object.Warnings = nil, warningsOf(file)
	for _, e := range file.Events {
		r := in.Routing.On(in.Bindings[e.UID()])
		l.routers[e.UID()] = r
		l.events = append(l.events, r.Event(e))
		l.in.Object.UIDs = append(l.in.Object.UIDs, e.UID())
	}
	for _, p := range file.Problems {
		if p.Bad && p.UID != "" && !slices.Contains(l.in.Object.UIDs, p.UID) {
			l.in.Object.UIDs = append(l.in.Object.UIDs, p.UID) // people search by UID
		}
	}
	return l
}

// parse calls ical.Parse and recovers from a panic of a library: one object must not affect the
// others.
func parse(raw []byte, o ical.Options) (f *ical.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, calbell.Errorf("plan:read-object", "read object: %v", p)
		}
	}()
	return ical.Parse(raw, o)
}

// badReason returns what could not be read in a file; the zero Text when nothing was lost. In a
// file without events every problem counts.
func badReason(f *ical.File) calbell.Text {
	for _, p := range f.Problems {
		if p.Bad || len(f.Events) == 0 {
			return p.Reason
		}
	}
	return calbell.Text{}
}

// warningsOf returns the distinct repairs of a file.
func warningsOf(f *ical.File) (list []calbell.Warning) {
	for _, p := range f.Problems {
		if p.Bad || len(list) == calbell.MaxWarnings {
			continue
		}
		same := func(w calbell.Warning) bool { return w.Code == p.Warning.Code && slices.Equal(w.Args, p.Warning.Args) }
		if !slices.ContainsFunc(list, same) {
			list = append(list, p.Warning)
		}
	}
	return list
}

// past returns the alarms in the look-back and, before it, since [Input.Since]; the newest of
// each when there are too many. Each has its own limit: past alarms must not displace future
// ones, nor unknown ones those that may still be retried.
func (l *layout) past() []calbell.AlarmInstant {
	from := l.in.Now.Add(-lookBack)
	recent := l.newest(from, l.in.Now)
	if l.in.Since.IsZero() || !l.in.Since.Before(from) {
		return recent
	}
	return append(l.newest(l.in.Since, from), recent...)
}

// newest returns the alarms in [from, to). When there are more than one layout holds, it
// shortens the time from the start.
func (l *layout) newest(from, to time.Time) []calbell.AlarmInstant {
	for back := to.Sub(from); back >= minLookBack; back /= 2 {
		if list, ok := l.whole(to.Add(-back), to); ok {
			return list
		}
		l.cut = to.Add(-back / 2)
	}
	return nil
}

// whole returns all alarms in [from, to); ok is false when there are more than one layout
// holds.
func (l *layout) whole(from, to time.Time) (list []calbell.AlarmInstant, ok bool) {
	for _, e := range l.events {
		part, more := e.Alarms(from, to, calbell.MaxRemindersPerLayout)
		if list = append(list, part...); more || len(list) > calbell.MaxRemindersPerLayout {
			return nil, false
		}
	}
	sortAlarms(list)
	return list, true
}

// planned adds all alarms of [from, …) to past, and sets until when the layout reaches and when
// it must continue.
func (l *layout) planned(past []calbell.AlarmInstant, from time.Time, keepOnly func(calbell.AlarmInstant, calbell.Route) bool) store.Planned {
	if !l.in.Routing.silent.IsZero() {
		return l.result(time.Time{}, nil)
	}
	alarms, until, ok := l.alarms(from)
	if !ok {
		l.in.Object.Problem = tooMany
		return l.result(time.Time{}, nil)
	}
	return l.result(until, l.reminders(append(past, alarms...), keepOnly))
}

// result returns the object with its reminders, laid out until an instant; zero: for ever.
func (l *layout) result(until time.Time, rs []store.PlannedReminder) store.Planned {
	p := store.Planned{Object: l.in.Object, Reminders: rs}
	p.Object.Until, p.Object.Replan = until, time.Time{}
	if !until.IsZero() {
		covered := until.Sub(l.in.Now)
		p.Object.Replan = until.Add(-min(calbell.Horizon/2, covered/2))
	}
	return p
}

// reminders converts alarms to reminders: one for each webhook and instant.
func (l *layout) reminders(alarms []calbell.AlarmInstant, keepOnly func(calbell.AlarmInstant, calbell.Route) bool) []store.PlannedReminder {
	var list []store.PlannedReminder
	seen := make(map[calbell.ReminderID]bool, len(alarms))
	for _, a := range alarms {
		if l.caughtUp(a) {
			continue
		}
		d := l.routers[a.Instance.UID].Route(a)
		l.noteUnknown(d.Unknown)
		for _, route := range d.Routes {
			r := l.reminder(a, route.Webhook)
			if !seen[r.ID] {
				seen[r.ID] = true
				list = append(list, store.PlannedReminder{Reminder: r, KeepOnly: keepOnly(a, route)})
			}
		}
	}
	return list
}

// caughtUp reports whether a person acknowledged an alarm before now: it is not sent late then
// (D26).
func (l *layout) caughtUp(a calbell.AlarmInstant) bool {
	return a.Trigger.Before(l.in.Now) && !a.Alarm.Acknowledged.Before(a.Trigger)
}

// noteUnknown records unknown names, each once.
func (l *layout) noteUnknown(names []string) {
	for _, name := range names {
		if !slices.Contains(l.unknown, name) && len(l.unknown) < calbell.MaxRouted {
			l.unknown = append(l.unknown, name)
		}
	}
}

// alarms returns the alarms from an instant on, and the end of the time that they cover: the
// horizon, or the next alarm beyond it, or the limit of one layout. The end is zero when no
// alarm follows; ok is false when the object has too many.
func (l *layout) alarms(from time.Time) (list []calbell.AlarmInstant, until time.Time, ok bool) {
	until = l.in.Now.Add(calbell.Horizon)
	if until.Before(from) {
		until = from
	}
	list, cut, ok := l.between(from, until)
	if !ok || !cut.IsZero() {
		return list, cut, ok
	}
	next, found := l.next(until)
	if !found {
		return list, time.Time{}, true
	}
	more, cut, ok := l.between(until, next.Add(1))
	return append(list, more...), next.Add(1), ok && cut.IsZero()
}

// between returns the alarms of all events in [from, to). When there are more than one layout
// holds, cut is an earlier end up to which the list is complete. The end moves as soon as there
// are too many: so a thousand events with an alarm each second are expanded for a thousandth of
// the time each. ok is false when even one instant has too many.
func (l *layout) between(from, to time.Time) (list []calbell.AlarmInstant, cut time.Time, ok bool) {
	const limit = calbell.MaxRemindersPerLayout
	shorten := func(end time.Time) {
		if !end.After(from) { // all at one instant: no earlier end is possible
			end = from.Add(1)
		}
		if end.Before(to) {
			to, cut = end, end
		}
		list = slices.DeleteFunc(list, func(a calbell.AlarmInstant) bool { return !a.Trigger.Before(to) })
	}
	for _, e := range l.events {
		part, more := e.Alarms(from, to, limit)
		list = append(list, part...)
		if more && len(part) > 0 {
			shorten(part[len(part)-1].Trigger)
		}
		if len(list) > limit {
			sortAlarms(list)
			shorten(list[limit].Trigger)
		}
		if len(list) >= limit && !to.After(from.Add(1)) {
			return nil, time.Time{}, false
		}
	}
	sortAlarms(list)
	return list, cut, true
}

// tooMany is the reason for not laying out an object. No legitimate event has so many reminders
// at one instant, and laying out instant by instant would keep a core busy.
var tooMany = calbell.T("plan:too-many", "rings more than %d times at one instant: its reminders are left out", calbell.MaxRemindersPerLayout)

func sortAlarms(list []calbell.AlarmInstant) {
	slices.SortStableFunc(list, func(a, b calbell.AlarmInstant) int { return a.Trigger.Compare(b.Trigger) })
}

// next returns the first alarm at or after an instant.
func (l *layout) next(at time.Time) (first time.Time, ok bool) {
	for _, e := range l.events {
		if a, found := e.NextAlarm(at); found && (!ok || a.Trigger.Before(first)) {
			first, ok = a.Trigger, true
		}
	}
	return first, ok
}

// Fires reports whether an alarm that was not planned before gets a reminder. It does when it
// is in the future. It also does when it is past but recent, nobody acknowledged it, and its
// instance has not begun; then it is sent at once.
func Fires(a calbell.AlarmInstant, now time.Time) bool {
	if !a.Trigger.Before(now) {
		return true
	}
	return a.Instance.Start.After(now) && !a.Trigger.Before(now.Add(-lookBack)) && a.Alarm.Acknowledged.Before(a.Trigger)
}

// FirstFires returns the earliest alarm time for [Fires].
func FirstFires(now time.Time) time.Time { return now.Add(-lookBack) }

// keepOnly reports whether an alarm must not create a new reminder. A past alarm creates one
// when its instance has not begun (an alarm ten minutes before, set five minutes before), or
// when it fell due after Since; and never with Quiet.
func (l *layout) keepOnly(a calbell.AlarmInstant, r calbell.Route) bool {
	switch {
	case !a.Trigger.Before(l.in.Now):
		return false
	case l.in.Quiet:
		return true
	case a.Instance.Start.After(l.in.Now) && !a.Trigger.Before(l.in.Now.Add(-lookBack)):
		return false
	}
	return l.in.Since.IsZero() || a.Trigger.Before(l.in.Since) || l.attachedLater(r)
}

// attachedLater reports whether the settings choose a webhook now that they did not choose at
// Since. A webhook that the event names is never attached later.
func (l *layout) attachedLater(r calbell.Route) bool {
	if l.in.WasOff {
		return r.Step != calbell.StepBinding
	}
	return r.Step.OfSettings() && l.in.Reaches != nil && !slices.Contains(l.in.Reaches, r.Webhook)
}

func (l *layout) reminder(a calbell.AlarmInstant, w calbell.WebhookID) calbell.Reminder {
	i := a.Instance
	return calbell.Reminder{
		ID:           calbell.NewReminderID(w, i.UID, i.RecurrenceID, a.Trigger),
		Webhook:      w,
		UID:          i.UID,
		RecurrenceID: i.RecurrenceID,
		Due:          a.Trigger.UTC(),
		Start:        i.Start,
		End:          i.End,
		Subject:      Subject(i.Summary),
		Sources:      []calbell.Source{{Calendar: l.in.Object.Calendar, Href: l.in.Object.Href, Alarm: a.Alarm.Index}},
	}
}

// maxSubject limits the title that each reminder stores for lists, in bytes: a megabyte of
// title would be stored with each of 2,000 reminders.
const maxSubject = 256

// Subject returns an event's title for lists, cut at a character.
func Subject(summary string) string {
	if len(summary) <= maxSubject {
		return summary
	}
	n := maxSubject
	for n > 0 && !utf8.RuneStart(summary[n]) {
		n--
	}
	return summary[:n]
}

// Read parses a stored object; it returns an empty file when the object cannot be read.
func Read(o calbell.Object, opt ical.Options) *ical.File {
	f, err := parse(o.Raw, opt)
	if err != nil {
		return &ical.File{Zone: cmp.Or(opt.Zone, opt.Fallback)}
	}
	return f
}
