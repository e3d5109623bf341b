package ical

import (
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/syntax"
)

// component is a VEVENT or VTODO as far as instants depend on it. What people read is
// taken from its text when they ask: see details.
type component struct {
	body syntax.Body
	line int // of the BEGIN

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
	rules     []syntax.Property // RRULE and EXRULE
	dates     []syntax.Property // RDATE and EXDATE
}

// component reads a block; nil when nothing of it can be used, which is reported. What is
// reported of lines before the UID is given it too.
func (r *reader) component(b syntax.Block) *component {
	r.reading = b.Line
	from := len(r.List)
	d, ok := r.draft(b)
	for i := from; i < len(r.List); i++ {
		if p := &r.List[i]; p.UID == "" {
			p.UID = d.uid
		}
	}
	if !ok {
		return nil
	}
	return d.component
}

// draft reads a block; false when nothing of it can be used.
func (r *reader) draft(b syntax.Block) (*draft, bool) {
	d := &draft{component: &component{
		body: b.Body, line: b.Line, kind: calbell.KindEvent,
	}}
	if b.Name == "VTODO" {
		d.kind = calbell.KindTodo
	}
	for walk := b.Body.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			break
		}
		r.property(d, l)
	}
	if !r.settle(d) {
		return d, false
	}
	r.recurrence(d)
	for _, part := range b.Parts {
		if a, ok := r.alarm(d.component, part); ok {
			d.alarms = append(d.alarms, a)
		}
	}
	return d, true
}

// property takes one line into the draft. Texts for people are left for later.
func (r *reader) property(d *draft, l syntax.Line) {
	name := l.Name()
	switch name {
	case "":
		r.Warn(l.Num, d.uid, calbell.WarnLine, l.Raw)
		return
	case "UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "SEQUENCE", "LAST-MODIFIED", "DTSTAMP",
		"STATUS", "PERCENT-COMPLETE", "COMPLETED", "RRULE", "EXRULE", "RDATE", "EXDATE":
	default:
		return
	}
	p, ok := l.Property()
	if !ok {
		r.Warn(l.Num, d.uid, calbell.WarnLine, l.Raw)
		return
	}
	switch name {
	case "UID":
		if d.uid == "" {
			d.uid = calbell.UID(strings.TrimSpace(syntax.Unescape(p.Value)))
		}
	case "DTSTART":
		r.time(d, p, &d.start)
	case "DTEND":
		r.time(d, p, &d.end)
	case "DUE":
		r.time(d, p, &d.due)
	case "RECURRENCE-ID":
		r.time(d, p, &d.rid)
		d.future = strings.EqualFold(p.Param("RANGE"), "THISANDFUTURE")
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
func (r *reader) small(d *draft, p syntax.Property) {
	switch p.Name {
	case "SEQUENCE":
		d.sequence = r.number(p, d.uid)
	case "STATUS":
		d.status = strings.ToUpper(strings.TrimSpace(p.Value))
	case "PERCENT-COMPLETE":
		d.percent = r.number(p, d.uid)
	case "COMPLETED":
		d.completed = true
	case "LAST-MODIFIED":
		d.modified = record(p.Value)
	case "DTSTAMP":
		d.stamped = record(p.Value)
	}
}

// number reads an INTEGER (RFC 5545 §3.3.8). One that cannot be read, or is too long, is
// as absent: 0, which is the default of all that have one.
func (r *reader) number(p syntax.Property, uid calbell.UID) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(p.Value), 10, 64)
	if err != nil {
		r.Warn(p.Num, uid, calbell.WarnNumber, p.Name, p.Value)
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
func (r *reader) time(d *draft, p syntax.Property, into *stamp) {
	s, err := r.stamp(p, d.uid)
	switch {
	case err != nil:
		r.Warn(p.Num, d.uid, calbell.WarnNoTime, p.Name, p.Value)
	case into.form == formNone:
		*into = s
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
		r.Bad(d.line, d.uid, calbell.T("ical:vevent-without-readable-dtstart", "VEVENT without a readable DTSTART"))
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
	case end.form == formFloating && start.form == formZoned: // as D3
		end.loc = start.loc
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
		r.Warn(d.line, d.uid, calbell.WarnEnd)
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
