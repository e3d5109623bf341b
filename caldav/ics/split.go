package ics

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
	"math"
	"slices"
	"strings"

	"calbell"
)

const (
	// MaxObjects bounds the objects of one calendar: more than people have, and what fits into
	// some 100 MB of memory while a server that lies is being read.
	MaxObjects = 250_000
	// maxHeadLine bounds a property of the VCALENDAR, which is copied to each object, too: what
	// made the file, its zone.
	maxHeadLine = 1000
	// maxVCalendars of one file: VCALENDARs in a row are legal, and rare.
	maxVCalendars = 10_000
	// maxZones bounds the VTIMEZONEs of a file: there are some 600 zones.
	maxZones = 10_000
	// maxPieces bounds the components of a file: a series has one for each changed instance.
	maxPieces = 2 * MaxObjects
	// pieceCost and objectCost are about what a component and an object take in memory, at worst:
	// in lists that are being copied as they grow, and a map.
	pieceCost, objectCost = 100, 150
	// zoneCost is about what a zone, or the name of one that a component uses, takes beside its text.
	zoneCost = 100
)

// splitter reads a file line by line. It does not nest, whatever the file does.
type splitter struct {
	out   *File
	whole hash.Hash // of the file
	zones int

	inside bool // a VCALENDAR is open
	closed bool // the last thing that was read is the end of one
	ended  bool // the top component ends with the line that was read last
	top    string
	depth  int // of components inside the top one
	cur    span
	digest hash.Hash // of the top component, as far as it was read
	uid    string
	tzid   string
	used   []string // zones that the top component names
}

// Split reads a file once and finds out where its objects are; see [File] for their texts. A file
// that does not begin or end as one is an error: what it lacks must not be taken for deleted. grow
// counts the memory that is kept; its error ends the work. The source must stay readable as long as
// the File is used.
func Split(src io.ReaderAt, size int64, grow func(bytes int) error) (*File, error) {
	if size > math.MaxUint32 {
		return nil, calbell.Errorf("transport:larger-than-allowed", "it is larger than allowed")
	}
	f := newFile(src, size, grow)
	if err := grow(len(f.lines.buf)); err != nil {
		return nil, err
	}
	s := splitter{out: f, whole: sha256.New(), digest: sha256.New()}
	f.lines.reset(0, size)
	for {
		more, err := s.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	switch {
	case len(f.calendars) == 0:
		return nil, calbell.Errorf("caldav:no-calendar-file", "it is no calendar file")
	case s.inside || !s.closed:
		return nil, calbell.Errorf("caldav:ends-middle", "it ends in the middle")
	}
	f.digest = hexOf(s.whole)
	return f, nil
}

// next takes one content line; false at the end of the file.
func (s *splitter) next() (more bool, err error) {
	in := s.out.lines
	at := in.at
	raw, ends, err := in.part()
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.whole.Write(raw)
	if at == 0 {
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	s.ended = false
	if err := s.line(raw, at); err != nil {
		return false, err
	}
	s.hash(raw)
	for !ends {
		if raw, ends, err = in.part(); err != nil {
			return false, err
		}
		s.whole.Write(raw)
		s.hash(raw)
	}
	if s.ended {
		err = s.leave(in.at)
	}
	return true, err
}

// hash counts a part of the top component into its digest.
func (s *splitter) hash(part []byte) {
	if s.top != "" {
		s.digest.Write(part)
	}
}

// line takes one content line that begins at an offset; of a very long one, its beginning.
func (s *splitter) line(raw []byte, at int64) error {
	name, params, value := cutLine(raw)
	if name == "" {
		return nil
	}
	s.closed = false
	switch kind := strings.ToUpper(value); {
	case name == "BEGIN":
		return s.begin(kind, at)
	case name == "END" && kind == "VCALENDAR":
		s.closed = s.inside
		s.inside = false
		return s.leave(at)
	case name == "END" && s.top != "":
		// The end of the top component ends what is open inside it, too: an alarm that was not
		// closed must not swallow the events behind it.
		s.ended = kind == s.top
		s.depth = max(0, s.depth-1)
	case !s.inside:
		return calbell.Errorf("caldav:no-calendar-file", "it is no calendar file")
	case s.top == "":
		s.property(name, value, raw)
	default:
		return s.inner(name, params, value)
	}
	return nil
}

// begin opens a VCALENDAR, a component, or one inside another. One that should have been
// closed before is closed now: it is garbled, and the next one is not.
func (s *splitter) begin(kind string, at int64) error {
	switch {
	case kind == "VCALENDAR":
		if len(s.out.calendars) >= maxVCalendars {
			return calbell.Errorf("caldav:holds-more-than-calendars", "it holds more than %d calendars", maxVCalendars)
		}
		err := s.leave(at)
		s.inside = true
		s.out.calendars = append(s.out.calendars, vcalendar{})
		return err
	case !s.inside:
		return calbell.Errorf("caldav:no-calendar-file", "it is no calendar file")
	case s.top != "" && !(isTop(kind) && isTop(s.top)):
		s.depth++
	default:
		err := s.leave(at)
		s.top, s.depth, s.uid, s.tzid, s.used = kind, 0, "", "", s.used[:0]
		s.cur.from = uint32(at)
		s.digest.Reset()
		return err
	}
	return nil
}

// isTop reports whether a component never stands inside another one of these.
func isTop(kind string) bool {
	switch kind {
	case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE":
		return true
	}
	return false
}

// leave ends the open component before an offset, and keeps where it is.
func (s *splitter) leave(end int64) (err error) {
	s.cur.to = uint32(end)
	switch s.top {
	case "VTIMEZONE":
		err = s.keepZone()
	case "VEVENT", "VTODO": // nothing else has alarms
		err = s.keep()
	}
	s.top = ""
	return err
}

// keepZone takes the component that just ended for the definition of a zone.
func (s *splitter) keepZone() error {
	c := &s.out.calendars[len(s.out.calendars)-1]
	if c.zones == nil {
		c.zones = map[string]span{}
	}
	s.cur.digest = sumOf(s.digest)
	c.zones[s.tzid] = s.cur
	if s.zones++; s.zones > maxZones {
		return calbell.Errorf("caldav:holds-more-than-zones", "it holds more than %d zones", maxZones)
	}
	return s.out.grow(zoneCost + len(s.tzid))
}

// keep takes the component that just ended for a part of the object of its UID.
func (s *splitter) keep() error {
	f := s.out
	s.cur.digest = sumOf(s.digest)
	uid := s.uid
	if uid == "" { // it is told of as such, and stays apart from the others
		uid = "\x00" + hexOf(s.digest)
	}
	key := keyOf(uid)
	cost, number := pieceCost, int32(len(f.pieces))
	n, known := f.byKey[key]
	if known {
		f.pieces[f.objects[n].last].next = number
		f.objects[n].last = number
	} else {
		f.byKey[key] = int32(len(f.objects))
		f.objects = append(f.objects, object{key: key, first: number, last: number})
		cost += objectCost
	}
	f.pieces = append(f.pieces, piece{span: s.cur, calendar: int32(len(f.calendars) - 1), zones: f.zoneSet(s.used), next: -1})
	switch {
	case len(f.objects) > MaxObjects:
		return calbell.Errorf("ics:holds-more-than-objects", "it holds more than %d objects", MaxObjects)
	case len(f.pieces) > maxPieces:
		return calbell.Errorf("caldav:holds-more-than-components", "it holds more than %d components", maxPieces)
	}
	return f.grow(cost)
}

// property takes one of the VCALENDAR's own.
func (s *splitter) property(name, value string, raw []byte) {
	if len(raw) > maxHeadLine {
		return
	}
	c := &s.out.calendars[len(s.out.calendars)-1]
	switch name {
	case "REFRESH-INTERVAL", "X-PUBLISHED-TTL":
		if _, ok := s.out.props[name]; !ok && len(s.out.calendars) == 1 {
			s.out.props[name] = value
		}
	case "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-TIMEZONE":
		if slices.Contains(c.names, name) {
			return
		}
		if name == "X-WR-TIMEZONE" {
			c.zone = value
		}
		c.names = append(c.names, name)
		c.head = append(c.head, raw...)
	}
}

// inner takes a property inside a component: what names it, and the zones that it uses.
func (s *splitter) inner(name, params, value string) error {
	switch {
	case name == "UID" && s.depth == 0 && s.uid == "":
		s.uid = value
	case name == "TZID" && s.depth == 0 && s.top == "VTIMEZONE":
		s.tzid = strings.Clone(value)
	}
	_, id, ok := strings.Cut(strings.ToUpper(params), ";TZID=")
	if !ok || len(s.used) >= calbell.MaxAlarms {
		return nil
	}
	id = params[len(params)-len(id):] // as it was written
	if rest, quoted := strings.CutPrefix(id, `"`); quoted {
		id, _, _ = strings.Cut(rest, `"`)
	} else {
		id, _, _ = strings.Cut(id, ";")
	}
	if slices.Contains(s.used, id) {
		return nil
	}
	name, err := s.out.zoneName(id)
	s.used = append(s.used, name)
	return err
}

// cutLine takes a content line apart: the name in capitals, the parameters with the
// semicolon before them, and the value; unfolded. A name of "" is a line to leave out.
func cutLine(raw []byte) (name, params, value string) {
	if len(raw) > calbell.MaxLineBytes {
		raw = raw[:calbell.MaxLineBytes] // neither names nor zones are that long
	}
	line := strings.TrimRight(string(raw), "\r\n")
	if strings.Contains(line, "\n") {
		line = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(line)
	}
	quoted, colon := false, -1
	// A colon inside quotes belongs to a parameter.
	for i := range len(line) {
		if line[i] == '"' {
			quoted = !quoted
		} else if line[i] == ':' && !quoted {
			colon = i
			break
		}
	}
	if colon < 0 {
		return strings.ToUpper(strings.TrimSpace(line)), "", ""
	}
	name, params, _ = strings.Cut(line[:colon], ";")
	if params != "" {
		params = ";" + params
	}
	return strings.ToUpper(strings.TrimSpace(name)), params, strings.TrimSpace(line[colon+1:])
}
