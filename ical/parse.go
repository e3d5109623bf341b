package ical

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/ical/syntax"
	"calbell/ical/zone"
)

// errNotICalendar says that a text holds no component at all.
var errNotICalendar = calbell.Errorf("ical:read-calendar-not-icalendar", "read calendar: not iCalendar: no BEGIN:VCALENDAR")

// reader turns one text into a File.
type reader struct {
	file    *File
	book    *zone.Book
	blocks  []syntax.Block
	zone    string        // X-WR-TIMEZONE
	reading int           // line of the component that is read
	told    map[told]bool // TZIDs that were reported
	steps   int           // that each event may take
	clock   zone.Clock    // of the zone asked for last: events of one text are close together
	syntax.Problems
}

// unix returns the instant of a stamp.
func (r *reader) unix(s stamp) int64 {
	if s.form == formUTC {
		return int64(s.wall)
	}
	if r.clock.Location() != s.loc {
		r.clock = zone.NewClock(s.loc)
	}
	return r.clock.Unix(s.wall)
}

// Parse reads one calendar object or a whole .ics file. What cannot be read is
// reported in the file's Problems and harms nothing beside it (D1). The error is for
// texts of which nothing can be read: too large, or no iCalendar at all.
func Parse(raw []byte, o Options) (*File, error) {
	text, err := syntax.Clean(raw)
	if err != nil {
		return nil, err
	}
	r := &reader{file: &File{}, book: zone.NewBook()}
	if !syntax.Read(text, &r.Problems, r.keep, r.calendar) {
		return nil, errNotICalendar
	}
	r.Encoding(text)
	r.chooseZone(o)
	r.events()
	if r.file.Floating && r.file.ZoneFrom == ZoneUnknown {
		r.Warn(0, "", calbell.WarnNoZone)
	}
	r.file.Problems = r.List
	slices.SortStableFunc(r.file.Problems, func(a, b Problem) int { return a.Line - b.Line })
	return r.file, nil
}

// keep takes a component that the structure found. Zones are read at once: events may
// stand before them.
func (r *reader) keep(b syntax.Block) {
	switch b.Name {
	case "VEVENT", "VTODO":
		r.blocks = append(r.blocks, b)
	case "VTIMEZONE":
		r.safely(b.Name, b.Line, func() { r.timezone(b) })
	}
}

// calendar takes a property of the VCALENDAR itself.
func (r *reader) calendar(l syntax.Line) {
	n := l.Name()
	switch n {
	case "":
		r.Warn(l.Num, "", calbell.WarnLine, l.Raw)
		return
	case "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE":
	default:
		return
	}
	p, ok := l.Property()
	value := strings.TrimSpace(syntax.Unescape(p.Value))
	switch {
	case !ok:
	case n == "X-WR-TIMEZONE" && r.zone == "":
		r.zone = value
	case n == "NAME" || n == "X-WR-CALNAME" && r.file.Name == "":
		r.file.Name = value
	}
}

// chooseZone decides what stands for floating and all-day times (D21).
func (r *reader) chooseZone(o Options) {
	f := r.file
	if o.Zone != nil {
		f.Zone, f.ZoneFrom = o.Zone, ZoneGiven
		return
	}
	if o.Subscribed && r.zone != "" {
		loc, source := r.book.Find(r.zone)
		r.warnZone(0, "", r.zone, loc, source)
		if loc != nil {
			f.Zone, f.ZoneFrom = loc, ZoneOfFile
			return
		}
		r.Warn(0, "", calbell.WarnCalendarZone, r.zone)
	}
	f.Zone, f.ZoneFrom = o.Fallback, ZoneFallback
	if o.Fallback == nil {
		f.Zone, f.ZoneFrom = time.UTC, ZoneUnknown
	}
}

// events reads the components and groups them by UID.
func (r *reader) events() {
	type identity struct {
		uid  calbell.UID
		kind calbell.ComponentKind
	}
	groups := make([][]*component, 0, len(r.blocks))
	index := make(map[identity]int, len(r.blocks))
	made := nameless{}
	for _, b := range r.blocks {
		var c *component
		r.safely(b.Name, b.Line, func() { c = r.component(b) })
		if c == nil {
			continue
		}
		if c.uid == "" {
			c.uid = made.uidOf(c)
			r.Warn(c.line, c.uid, calbell.WarnNoUID)
		}
		id := identity{c.uid, c.kind}
		i, known := index[id]
		if !known {
			i = len(groups)
			index[id] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	r.blocks, r.steps = nil, stepsOf(len(groups))
	r.file.Events = make([]*Event, 0, len(groups))
	for _, g := range groups {
		r.safely("event", g[0].line, func() {
			r.file.Events = append(r.file.Events, r.assemble(g))
		})
	}
}

// safely keeps a mistake of ours or of a library to the one component that brings it out.
func (r *reader) safely(name string, line int, do func()) {
	defer func() {
		if p := recover(); p != nil {
			r.Bad(line, "", calbell.T("ical:cannot-read", "%s cannot be read: %v", name, p))
		}
	}()
	do()
}

// engineName names the engine on zone data of a version.
func engineName(zones string) string { return strconv.Itoa(EngineVersion) + "/" + zones }
