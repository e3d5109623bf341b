package ical

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/zone"
)

// component is a VEVENT or VTODO as far as instants depend on it. What people read is
// taken from its text when they ask: see details.
type component struct {
	text  string // the whole text; body and skip are parts of it
	body  span
	skip  []span
	first int // number of the first line of body
	line  int // of the BEGIN

	uid      calbell.UID
	kind     calbell.ComponentKind
	sequence int64
	modified int64 // LAST-MODIFIED, Unix seconds; 0 when absent
	stamped  int64 // DTSTAMP

	start  stamp // form is formNone for a to-do without DTSTART and DUE
	extent extent
	rid    stamp // RECURRENCE-ID; formNone: a master
	future bool  // RANGE=THISANDFUTURE
	alarms []alarm
	// noAlarm: one of its VALARMs has ACTION:NONE.
	noAlarm bool
	set     *recurrence // nil: does not recur

	cancelled bool // STATUS:CANCELLED
	silent    bool // no alarm of it rings (D10)
}

// extent is how an instance's end follows from its start.
type extent struct {
	nominal bool       // by length; else by wall
	length  length     // DURATION
	wall    recur.Wall // by the clock of the start's zone (D25)
	// exact: own is the end of the component's own start. DTEND is in another zone, where
	// the same reading need not come out.
	exact bool
	own   int64
	loc   *time.Location // of the end: where days are counted back from it
}

// draft is a component while it is read: values whose meaning depends on others.
type draft struct {
	*component
	end, due  stamp
	length    length
	hasLength bool
	status    string
	completed bool
	percent   int64
	rules     []property // RRULE and EXRULE
	dates     []property // RDATE and EXDATE
}

// component reads a block; nil when nothing of it can be used, which is reported.
func (r *reader) component(b block) *component {
	d := &draft{component: &component{
		text: r.text, body: b.body, skip: b.skip, first: b.first, line: b.line, kind: calbell.KindEvent,
	}}
	if b.name == "VTODO" {
		d.kind = calbell.KindTodo
	}
	for walk := linesIn(r.text, b.body, b.first, b.skip); ; {
		l, ok := walk.scan()
		if !ok {
			break
		}
		r.property(d, l)
	}
	if !r.settle(d) {
		return nil
	}
	r.recurrence(d)
	for _, part := range b.parts {
		if a, ok := r.alarm(d.component, part); ok {
			d.alarms = append(d.alarms, a)
		}
	}
	return d.component
}

// property takes one line into the draft. Texts for people are left for later.
func (r *reader) property(d *draft, l line) {
	name := nameOf(l)
	switch name {
	case "":
		r.warn(l.num, d.uid, "skipped %s", quoted(l.raw))
		return
	case "UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "SEQUENCE", "LAST-MODIFIED", "DTSTAMP",
		"STATUS", "PERCENT-COMPLETE", "COMPLETED", "RRULE", "EXRULE", "RDATE", "EXDATE":
	default:
		return
	}
	p, ok := propertyOf(l)
	if !ok {
		r.warn(l.num, d.uid, "skipped %s", quoted(l.raw))
		return
	}
	switch name {
	case "UID":
		if d.uid == "" {
			d.uid = calbell.UID(strings.TrimSpace(unescape(p.value)))
		}
	case "DTSTART":
		r.time(d, p, &d.start)
	case "DTEND":
		r.time(d, p, &d.end)
	case "DUE":
		r.time(d, p, &d.due)
	case "RECURRENCE-ID":
		r.time(d, p, &d.rid)
		d.future = strings.EqualFold(p.param("RANGE"), "THISANDFUTURE")
	case "DURATION":
		r.length(d, p)
	case "RRULE", "EXRULE":
		d.rules = append(d.rules, p)
	case "RDATE", "EXDATE":
		d.dates = append(d.dates, p)
	default:
		r.small(d, p)
	}
}

// small takes the properties whose value is a word, a number or a time of record.
func (r *reader) small(d *draft, p property) {
	switch p.name {
	case "SEQUENCE":
		d.sequence = r.number(p, d.uid)
	case "STATUS":
		d.status = strings.ToUpper(strings.TrimSpace(p.value))
	case "PERCENT-COMPLETE":
		d.percent = r.number(p, d.uid)
	case "COMPLETED":
		d.completed = true
	case "LAST-MODIFIED":
		d.modified = record(p.value)
	case "DTSTAMP":
		d.stamped = record(p.value)
	}
}

// number reads an INTEGER (RFC 5545 §3.3.8). One that cannot be read, or is too long, is
// as absent: 0, which is the default of all that have one.
func (r *reader) number(p property, uid calbell.UID) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(p.value), 10, 64)
	if err != nil {
		r.warn(p.num, uid, "%s: %s is no number that fits", p.name, quoted(p.value))
		return 0
	}
	return n
}

// record reads a time that only orders versions; 0 when unreadable.
func record(value string) int64 {
	s, err := readStamp(value)
	if err != nil {
		return 0
	}
	return int64(s.wall)
}

// time reads a DTSTART or its like. The first readable one counts.
func (r *reader) time(d *draft, p property, into *stamp) {
	s, err := r.stamp(p, d.uid)
	switch {
	case err != nil:
		r.warn(p.num, d.uid, "%s: %s is %v", p.name, quoted(p.value), err)
	case into.form == formNone:
		*into = s
	}
}

// stamp reads a single date or time with its zone.
func (r *reader) stamp(p property, uid calbell.UID) (stamp, error) {
	s, err := readStamp(p.value)
	if err != nil {
		// A TZID that holds a colon, but no quotes around it.
		i := strings.LastIndexByte(p.value, ':')
		if i < 0 {
			return stamp{}, err
		}
		p.params, p.value = p.params+":"+p.value[:i], p.value[i+1:]
		if s, err = readStamp(p.value); err != nil {
			return stamp{}, err
		}
	}
	return r.placed(r.typed(s, p, uid), p, uid), nil
}

// typed makes a stamp the DATE that VALUE says it is, and reports what is not written as
// its type is to be.
func (r *reader) typed(s stamp, p property, uid calbell.UID) stamp {
	value := p.param("VALUE")
	switch {
	case s.form == formDate && strings.EqualFold(value, "DATE-TIME"):
		r.warn(p.num, uid, "%s: %s is a date, though VALUE says DATE-TIME", p.name, quoted(p.value))
	case s.form == formDate || !strings.EqualFold(value, "DATE"):
	default:
		r.warn(p.num, uid, "%s: %s is taken as a date, as VALUE says", p.name, quoted(p.value))
		s.form, s.wall = formDate, day(s.wall)
		return s
	}
	if !strict(p.value) {
		r.warn(p.num, uid, "%s: %s is not as RFC 5545 writes it: taken as %s", p.name, quoted(p.value), s.wall)
	}
	return s
}

// placed gives a stamp its zone: that of TZID, UTC, or the one that stands for floating
// and all-day times (D21).
func (r *reader) placed(s stamp, p property, uid calbell.UID) stamp {
	s.loc = r.file.Zone
	switch s.form {
	case formUTC:
		s.loc = time.UTC
	case formFloating:
		tzid := p.param("TZID")
		if tzid == "" {
			break
		}
		if loc := r.book.Find(tzid); loc != nil {
			s.form, s.loc = formZoned, loc
			break
		}
		if !r.unknown[tzid] && len(r.unknown) < maxProblems {
			if r.unknown == nil {
				r.unknown = map[string]bool{}
			}
			r.unknown[strings.Clone(tzid)] = true
			r.warn(p.num, uid, "no zone is called %s: its times are read in %s", quoted(zone.Clean(tzid)), r.file.Zone)
		}
	}
	return s
}

// length reads DURATION.
func (r *reader) length(d *draft, p property) {
	l, err := readLength(p.value)
	switch {
	case err != nil:
		r.warn(p.num, d.uid, "DURATION: %s is %v", quoted(p.value), err)
	case l.negative():
		r.warn(p.num, d.uid, "DURATION: %s is negative", quoted(p.value))
	default:
		d.length, d.hasLength = l, true
	}
}

// settle works out start, extent and silence once all properties are known; false when
// the component is of no use.
func (r *reader) settle(d *draft) bool {
	d.cancelled = d.status == "CANCELLED"
	d.silent = d.cancelled
	if d.kind == calbell.KindTodo {
		open := d.status == "NEEDS-ACTION" || d.status == "IN-PROCESS"
		d.silent = d.silent || d.status == "COMPLETED" || d.percent >= 100 || d.completed && !open
		d.end, d.due = d.due, stamp{}
		if d.start.form == formNone && d.end.form != formNone {
			d.start, d.hasLength = d.end, false // D8
		}
	}
	if d.start.form == formNone {
		d.start = d.rid // of an override; a master has none
	}
	if d.start.form == formNone && d.kind == calbell.KindEvent {
		r.bad(d.line, d.uid, "VEVENT without a readable DTSTART")
		return false
	}
	if d.start.form != formNone {
		r.extend(d)
		if d.start.form == formDate || d.start.form == formFloating {
			r.file.Floating = true
		}
	}
	return true
}

// extend works out how long instances are.
func (r *reader) extend(d *draft) {
	start, end := d.start, d.end
	allDay := start.form == formDate
	d.extent = extent{loc: start.loc}
	switch {
	case end.form == formNone:
	case allDay:
		end = stamp{formDate, end.date(start.loc), start.loc}
	case end.form == formDate:
		end = stamp{start.form, end.wall, start.loc}
	}
	wall := end.since(start)
	switch {
	case end.form != formNone && (wall > 0 || wall == 0 && (!allDay || d.kind == calbell.KindTodo)):
		d.extent.wall, d.extent.exact, d.extent.own = wall, end.loc != start.loc, r.unix(end)
		if end.form == formZoned {
			d.extent.loc = end.loc
		}
	case d.hasLength && allDay && !d.length.zero():
		d.extent.wall = recur.Wall(d.length.days+(d.length.secs+daySeconds-1)/daySeconds) * daySeconds
	case d.hasLength && !allDay:
		d.extent.nominal, d.extent.length = true, d.length
	case allDay:
		d.extent.wall = daySeconds
	}
	if end.form != formNone && wall < 0 {
		r.warn(d.line, d.uid, "the end lies before the start: taken as absent")
	}
}

// since returns how far s lies after start by the clock of start's zone; readings in one
// zone are compared as they stand.
func (s stamp) since(start stamp) recur.Wall {
	if s.form == formNone {
		return -1
	}
	return s.in(start.loc) - start.wall
}

// quoted shortens what a text says for a message to people.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
	}
	return fmt.Sprintf("%q", s)
}
