package ics

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strings"

	"calbell"
)

const (
	// MaxObjects bounds the objects of one calendar: more than people have, and what fits into
	// some 100 MB of memory while a server that lies is being read.
	MaxObjects = 250_000
	// maxZoneBytes bounds the VTIMEZONEs that go with one object of a file, which are copied to
	// each object; most have one of some kB, and the longest history of a zone has some 20.
	maxZoneBytes = 64 << 10
	// maxHeadLine bounds a property of the VCALENDAR, which is copied to each object, too: what
	// made the file, its zone.
	maxHeadLine = 1000
	// maxVCalendars of one file: VCALENDARs in a row are legal, and rare.
	maxVCalendars = 10_000
	// maxZones bounds the VTIMEZONEs of a file: there are some 600 zones.
	maxZones = 10_000
	// maxPieces bounds the components of a file: a series has one for each changed instance.
	maxPieces = 2 * MaxObjects
	// pieceCost is about what a component takes in memory beside its UID, with its place among
	// the objects and the members.
	pieceCost = 300
	// zoneCost is about what the name of a zone that a component uses takes beside its text.
	zoneCost = 32
)

// piece is a component of a file, as bytes of it.
type piece struct {
	calendar int // index of its VCALENDAR
	from, to int
	zones    []string // TZIDs that it names
}

// vcalendar is what the pieces of one VCALENDAR share.
type vcalendar struct {
	head  []byte // the properties that an object needs, the first of each name
	names []string
	zone  string // X-WR-TIMEZONE
	zones map[string][2]int
}

// File is an .ics file taken apart: one object per UID, in the order of the file. It holds
// no copies, so that a file costs its own size.
type File struct {
	text      []byte
	props     map[string]string // how often to ask, by property of the first VCALENDAR
	calendars []vcalendar
	order     []string // UIDs
	pieces    map[string][]piece
	uids      map[calbell.Href]string // of those that were listed
}

// splitter reads a file line by line. It does not nest, whatever the file does.
type splitter struct {
	out    File
	grow   func(bytes int) error
	pieces int
	zones  int

	inside bool // a VCALENDAR is open
	closed bool // the last thing that was read is the end of one
	top    string
	depth  int // of components inside the top one
	cur    piece
	uid    string
	tzid   string
}

// Split takes a file apart. A file that does not begin or end as one is an error: what it lacks
// must not be taken for deleted. grow counts the memory that is kept beside the text; its error
// ends the work.
func Split(text []byte, grow func(bytes int) error) (*File, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	s := splitter{grow: grow, out: File{text: text, props: map[string]string{}, pieces: map[string][]piece{}}}
	for at := 0; at < len(text); {
		end := lineEnd(text, at)
		if err := s.line(at, end); err != nil {
			return nil, err
		}
		at = end
	}
	switch {
	case len(s.out.calendars) == 0:
		return nil, calbell.Errorf("caldav:no-calendar-file", "it is no calendar file")
	case s.inside || !s.closed:
		return nil, calbell.Errorf("caldav:ends-middle", "it ends in the middle")
	}
	return &s.out, nil
}

// lineEnd returns where the content line at an offset ends, folds included (RFC 5545 §3.1).
func lineEnd(text []byte, at int) int {
	for {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
		if at >= len(text) || text[at] != ' ' && text[at] != '\t' {
			return at
		}
	}
}

// line takes one content line, text[at:end].
func (s *splitter) line(at, end int) error {
	raw := s.out.text[at:end]
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
		if kind == s.top {
			return s.leave(end)
		}
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
func (s *splitter) begin(kind string, at int) error {
	switch {
	case kind == "VCALENDAR":
		if len(s.out.calendars) >= maxVCalendars {
			return calbell.Errorf("caldav:holds-more-than-calendars", "it holds more than %d calendars", maxVCalendars)
		}
		err := s.leave(at)
		s.inside = true
		s.out.calendars = append(s.out.calendars, vcalendar{zones: map[string][2]int{}})
		return err
	case !s.inside:
		return calbell.Errorf("caldav:no-calendar-file", "it is no calendar file")
	case s.top != "" && !(isTop(kind) && isTop(s.top)):
		s.depth++
	default:
		err := s.leave(at)
		s.top, s.depth, s.uid, s.tzid = kind, 0, "", ""
		s.cur = piece{calendar: len(s.out.calendars) - 1, from: at}
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

// leave ends the open component before an offset, and keeps it.
func (s *splitter) leave(end int) (err error) {
	s.cur.to = end
	switch s.top {
	case "VTIMEZONE":
		s.out.calendars[s.cur.calendar].zones[s.tzid] = [2]int{s.cur.from, s.cur.to}
		if s.zones++; s.zones > maxZones {
			err = calbell.Errorf("caldav:holds-more-than-zones", "it holds more than %d zones", maxZones)
		}
	case "VEVENT", "VTODO": // nothing else has alarms
		err = s.keep()
	}
	s.top = ""
	return err
}

// keep takes the component that just ended for a part of the object of its UID.
func (s *splitter) keep() error {
	uid := s.uid
	if uid == "" { // it is told of as such, and stays apart from the others
		uid = "\x00" + digest32(s.out.text[s.cur.from:s.cur.to])
	}
	parts, known := s.out.pieces[uid]
	if !known {
		s.out.order = append(s.out.order, uid)
	}
	s.out.pieces[uid] = append(parts, s.cur)
	s.pieces++
	switch {
	case len(s.out.order) > MaxObjects:
		return calbell.Errorf("ics:holds-more-than-objects", "it holds more than %d objects", MaxObjects)
	case s.pieces > maxPieces:
		return calbell.Errorf("caldav:holds-more-than-components", "it holds more than %d components", maxPieces)
	}
	return s.grow(pieceCost + len(uid))
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
		s.uid = strings.Clone(value)
	case name == "TZID" && s.depth == 0 && s.top == "VTIMEZONE":
		s.tzid = strings.Clone(value)
	}
	_, id, ok := strings.Cut(strings.ToUpper(params), ";TZID=")
	if !ok || len(s.cur.zones) >= calbell.MaxAlarms {
		return nil
	}
	id = params[len(params)-len(id):] // as it was written
	if rest, quoted := strings.CutPrefix(id, `"`); quoted {
		id, _, _ = strings.Cut(rest, `"`)
	} else {
		id, _, _ = strings.Cut(id, ";")
	}
	if slices.Contains(s.cur.zones, id) {
		return nil
	}
	s.cur.zones = append(s.cur.zones, strings.Clone(id)) // a part would keep the whole line
	return s.grow(zoneCost + len(id))
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

// Len returns how many objects the file has.
func (s *File) Len() int { return len(s.order) }

// Objects lists the file's objects, in the order of the file. The key of one follows from its UID
// alone. The ETag is a digest of what is said about the event: some publishers write each DTSTAMP
// anew whenever they are asked.
func (s *File) Objects() iter.Seq2[calbell.Href, calbell.ETag] {
	return func(yield func(calbell.Href, calbell.ETag) bool) {
		s.uids = make(map[calbell.Href]string, len(s.order))
		for _, uid := range s.order {
			if !yield(s.hrefOf(uid), s.etagOf(uid)) {
				return
			}
		}
	}
}

// etagOf returns the tag of an object.
func (s *File) etagOf(uid string) calbell.ETag {
	h := sha256.New()
	for _, p := range s.pieces[uid] {
		h.Write([]byte(s.calendars[p.calendar].zone + "\x00"))
		for at := p.from; at < p.to; {
			end := min(lineEnd(s.text, at), p.to)
			if line := s.text[at:end]; !bytes.HasPrefix(bytes.ToUpper(line[:min(len(line), 8)]), []byte("DTSTAMP:")) {
				h.Write(line)
			}
			at = end
		}
	}
	for _, zone := range s.zonesOf(uid) {
		h.Write(zone)
	}
	return calbell.ETag(hex.EncodeToString(h.Sum(nil)[:16]))
}

// hrefOf returns the key of an object, and remembers whose it is.
func (s *File) hrefOf(uid string) calbell.Href {
	h := calbell.Href("#" + digest32([]byte(uid)))
	s.uids[h] = uid
	return h
}

func digest32(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// zonesOf returns the VTIMEZONEs that an object names, or floats in, as far as the file has
// them; none when they are larger than any real ones.
func (s *File) zonesOf(uid string) [][]byte {
	found := map[[2]int]bool{}
	size := 0
	for _, p := range s.pieces[uid] {
		c := s.calendars[p.calendar]
		for _, id := range append(p.zones[:len(p.zones):len(p.zones)], c.zone) {
			if at, ok := c.zones[id]; ok && !found[at] {
				found[at] = true
				size += at[1] - at[0]
			}
		}
	}
	if size > maxZoneBytes {
		return nil
	}
	var out [][]byte
	for _, at := range slices.SortedFunc(maps.Keys(found), func(a, b [2]int) int { return a[0] - b[0] }) {
		out = append(out, s.text[at[0]:at[1]])
	}
	return out
}

// Object returns the text of an object that was listed: a VCALENDAR of its own. False when it is
// larger than any object may be.
func (s *File) Object(h calbell.Href) (text []byte, ok bool) {
	uid, size := s.uids[h], 0
	for _, p := range s.pieces[uid] {
		size += p.to - p.from
	}
	if size > calbell.MaxObjectBytes {
		return nil, false
	}
	b := bytes.NewBuffer(make([]byte, 0, size+1024))
	b.WriteString("BEGIN:VCALENDAR\r\n")
	parts := append([][]byte{s.calendars[s.pieces[uid][0].calendar].head}, s.zonesOf(uid)...)
	for _, p := range s.pieces[uid] {
		parts = append(parts, s.text[p.from:p.to])
	}
	for _, part := range parts {
		b.Write(part)
		if n := len(part); n > 0 && part[n-1] != '\n' {
			b.WriteString("\r\n")
		}
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes(), true
}
