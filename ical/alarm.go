package ical

import (
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/syntax"
	"calbell/ical/zone"
)

// alarm is a VALARM that rings by time (RFC 5545 §3.6.6), or a lead.
type alarm struct {
	body   syntax.Body
	index  int    // position in the component
	action string // upper-case

	absolute bool
	at       int64  // absolute: Unix seconds
	atEnd    bool   // RELATED=END
	offset   length // from the start or the end
	repeat   int    // further times
	every    length // between them

	lead    *calbell.Lead  // nil: a VALARM
	atClock bool           // offset has the days from the start's day, and rings at clock
	clock   int64          // seconds since midnight, by the wall
	local   *time.Location // whose wall it is when the start is written in UTC
}

// alarm reads a VALARM; false when it does not ring by time, which is reported unless
// it is meant so (D19).
func (r *reader) alarm(c *component, p syntax.Part) (alarm, bool) {
	a := alarm{body: p.Body, index: p.Index, action: "DISPLAY"}
	var trigger syntax.Property
	rings, repeats := true, false
	for walk := p.Body.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			break
		}
		prop, ok := alarmProperty(l)
		if !ok {
			continue
		}
		switch prop.Name {
		case "ACTION":
			a.action = strings.ToUpper(strings.TrimSpace(prop.Value))
		case "TRIGGER":
			if trigger.Name == "" {
				trigger = prop
			}
		case "REPEAT":
			a.repeat = r.repeat(prop, c.uid)
		case "DURATION":
			repeats = r.every(prop, c.uid, &a.every)
		case "RELATED-TO":
			rings = rings && !strings.EqualFold(prop.Param("RELTYPE"), "SNOOZE")
		case "PROXIMITY", "X-APPLE-PROXIMITY":
			rings = false
		}
	}
	c.noAlarm = c.noAlarm || a.action == "NONE"
	if !rings || !firing(a.action) {
		return a, false
	}
	if a.action == "" {
		a.action = "DISPLAY"
	}
	if !repeats {
		a.repeat = 0
	}
	return a, r.trigger(c, &a, trigger, p.Line)
}

// alarmProperty takes a line apart when instants depend on it.
func alarmProperty(l syntax.Line) (syntax.Property, bool) {
	switch l.Name() {
	case "ACTION", "TRIGGER", "REPEAT", "DURATION", "RELATED-TO", "PROXIMITY", "X-APPLE-PROXIMITY":
		return l.Property()
	}
	return syntax.Property{}, false
}

// firing reports whether alarms of this ACTION ring (D19).
func firing(action string) bool {
	switch action {
	case "DISPLAY", "AUDIO", "EMAIL", "PROCEDURE", "X-CALBELL", "":
		return true
	}
	return false
}

// repeat reads REPEAT, capped. One that is no number, or none that fits, is as absent.
func (r *reader) repeat(p syntax.Property, uid calbell.UID) int {
	n := r.number(p, uid)
	switch {
	case n < 0:
		r.Warn(p.Num, uid, calbell.WarnNegative, "REPEAT", p.Value)
		return 0
	case n > calbell.MaxAlarmRepeat:
		r.Warn(p.Num, uid, calbell.WarnRepeat, "REPEAT", p.Value, strconv.Itoa(calbell.MaxAlarmRepeat))
		return calbell.MaxAlarmRepeat
	}
	return int(n)
}

// every reads the DURATION between repetitions; false when there are none by it.
func (r *reader) every(p syntax.Property, uid calbell.UID, into *length) bool {
	l, err := r.duration(p, uid)
	if err != nil {
		r.WarnError(p.Num, uid, calbell.WarnNoDuration, err, p.Name, p.Value)
		return false
	}
	*into = l
	return !l.negative() && !l.zero()
}

// trigger reads TRIGGER; false when the alarm has no instant, which is reported.
func (r *reader) trigger(c *component, a *alarm, p syntax.Property, line int) bool {
	p = r.parameters(p, c.uid)
	value := strings.TrimSpace(p.Value)
	switch {
	case p.Name == "":
		r.Bad(line, c.uid, calbell.T("ical:valarm-without-trigger", "VALARM without TRIGGER"))
		return false
	case value != "" && '0' <= value[0] && value[0] <= '9':
		s, err := r.stamp(p, c.uid)
		if err != nil {
			r.Bad(p.Num, c.uid, calbell.T("ical:trigger", "TRIGGER: %s is %v", syntax.Quoted(value), err))
			return false
		}
		if s.form == formFloating && c.start.form != formNone {
			s.loc = c.start.loc // D20, as D3
		}
		a.absolute, a.at = true, s.unix()
		return true
	}
	var err error
	if a.offset, err = r.duration(p, c.uid); err != nil {
		r.Bad(p.Num, c.uid, calbell.T("ical:trigger", "TRIGGER: %s is %v", syntax.Quoted(value), err))
		return false
	}
	if c.start.form == formNone {
		r.Bad(p.Num, c.uid, calbell.T("ical:trigger-relative-start-do", "TRIGGER: relative to a start that the to-do does not have"))
		return false
	}
	a.atEnd = strings.EqualFold(p.Param("RELATED"), "END")
	return true
}

// placement is an instance on the time line.
type placement struct {
	wall     recur.Wall // start, by the clock of the component's zone
	unix     int64      // start
	own      bool       // it is the component's own start
	endWall  recur.Wall // by the clock of the zone of the end
	endUnix  int64
	reckoned bool // the end is known
}

// finish works out the end.
func (p *placement) finish(x *extent, c *zone.Clock) {
	if p.reckoned {
		return
	}
	p.reckoned = true
	switch {
	case x.nominal:
		p.endUnix = x.length.after(p.unix, p.wall, c)
		p.endWall = p.wall + recur.Wall(x.length.seconds())
		if x.length.secs != 0 {
			p.endWall = c.Wall(p.endUnix)
		}
	case p.own && x.exact:
		p.endUnix = x.own
		p.endWall = stamp{formUTC, recur.Wall(x.own), nil}.in(x.loc)
	default:
		p.endWall = p.wall + x.wall
		// Across a change of offset a short reading can come out before the start.
		p.endUnix = max(c.Unix(p.endWall), p.unix)
	}
}

// ring returns the instant of the alarm's n-th repetition for an instance.
func (a *alarm) ring(p *placement, x *extent, c *zone.Clock, n int) int64 {
	at := a.at
	switch {
	case a.absolute:
	case a.atClock:
		at = a.onTheClock(p, c)
	case a.atEnd:
		p.finish(x, c)
		at = a.fromEnd(p, x, c)
	default:
		at = a.offset.after(p.unix, p.wall, c)
	}
	if n == 0 {
		return at
	}
	times := length{a.every.days * int64(n), a.every.secs * int64(n)}
	if times.days == 0 {
		return at + times.secs
	}
	return times.after(at, c.Wall(at), c)
}

// onTheClock is the time of day of a lead, so many days before the day of the start.
func (a *alarm) onTheClock(p *placement, c *zone.Clock) int64 {
	wall := p.wall
	if c.Location() == time.UTC && a.local != nil {
		there := zone.NewClock(a.local)
		c, wall = &there, there.Wall(p.unix)
	}
	return c.Unix(day(wall) + recur.Wall(a.offset.days*daySeconds+a.clock))
}

// fromEnd counts from the end, days by the clock of the end's zone.
func (a *alarm) fromEnd(p *placement, x *extent, c *zone.Clock) int64 {
	if p.own && x.loc != c.Location() {
		there := zone.NewClock(x.loc)
		return a.offset.after(p.endUnix, p.endWall, &there)
	}
	return a.offset.after(p.endUnix, p.endWall, c)
}
