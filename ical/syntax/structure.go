package syntax

import (
	"strconv"
	"strings"

	"calbell"
)

// Bounds of the reader beside those of package calbell.
const (
	maxHeld  = 10000 // components inside an unknown one that may turn out to be unclosed
	maxParts = 256   // observances of a VTIMEZONE; calbell.MaxAlarms is lower
	// A component of less than 64 bytes on average says nothing; texts full of them only
	// cost memory.
	minComponentBytes = 64
	usualDepth        = 4 // VCALENDAR, VEVENT, VALARM, and something of tomorrow's
	freeComponents    = 1000
)

// Span is a part of a text.
type Span struct{ From, To int }

// Block is a closed component: where its content stands, and its parts.
type Block struct {
	Name string
	Line int // of its BEGIN
	Body Body
	// Parts are the VALARMs of an event or to-do, the observances of a VTIMEZONE.
	Parts []Part
	lost  int // parts beyond the limit
}

// Part is a closed component inside a block.
type Part struct {
	Name  string
	Index int // position among the parts of the block, unclosed ones included
	Line  int // of its BEGIN
	Body  Body
	Whole Span // from its BEGIN line to the end of its END line
}

// role says what a component means for the structure.
type role uint8

const (
	roleOther    role = iota // unknown, or without a meaning where it stands
	roleCalendar             // VCALENDAR
	roleMain                 // VEVENT and its like, which stand in a VCALENDAR
	rolePart                 // VALARM in an event, an observance in a VTIMEZONE
)

// frame is an open component.
type frame struct {
	role  role
	block Block
	begin int     // offset of the BEGIN line
	count int     // parts begun
	held  []Block // closed components inside one of roleOther
}

// structure finds the components of a text, whatever is missing in it (D1): a component
// that is not closed is dropped, and what stands beside it stays.
type structure struct {
	Lines
	stack    []frame
	overflow int // BEGINs below MaxComponentDepth that are not on the stack
	room     int // how many more components may be kept

	problems *Problems
	keep     func(Block)
	calendar func(Line) // a property of a VCALENDAR
	seen     bool       // a component was seen
}

// Read walks a whole text: keep takes each closed component that stands for itself, calendar
// each line of a VCALENDAR's own. It reports whether there was a component at all.
func Read(text string, p *Problems, keep func(Block), calendar func(Line)) bool {
	s := structure{Lines: Lines{text: text, next: 1}, problems: p, keep: keep, calendar: calendar}
	s.run()
	return s.seen
}

// run walks the whole text.
func (s *structure) run() {
	s.room = freeComponents + len(s.text)/minComponentBytes
	s.stack = make([]frame, 0, usualDepth)
	for {
		l, ok := s.Scan()
		if !ok {
			break
		}
		switch l.Raw[0] {
		case 'B', 'b', 'E', 'e':
			if s.mark(l) {
				continue
			}
		}
		if n := len(s.stack); n > 0 && s.stack[n-1].role == roleCalendar {
			s.calendar(l)
		}
	}
	if len(s.stack) > 0 {
		s.problems.Warn(s.next-1, "", calbell.WarnCut, s.stack[0].block.Name)
	}
	s.unwind(0, len(s.text))
}

// mark handles a BEGIN or END line; false when the line is neither.
func (s *structure) mark(l Line) bool {
	name := l.Name()
	if name != "BEGIN" && name != "END" {
		return false
	}
	p, ok := l.Property()
	if !ok {
		return false
	}
	component := upperName(strings.TrimSpace(p.Value))
	if len(component) > maxName {
		component = ""
	}
	if name == "BEGIN" {
		s.begin(component, l)
	} else {
		s.end(component, l)
	}
	return true
}

// begin opens a component. One that cannot stand where it does tells that the END of
// another is missing.
func (s *structure) begin(name string, l Line) {
	s.seen = true
	role := s.roleOf(name)
	switch role {
	case roleCalendar:
		s.unwind(0, l.at)
	case roleMain:
		if i := s.outermost(roleMain); i >= 0 {
			s.unwind(i, l.at)
		} else if s.overflow > 0 {
			s.unwind(s.outermost(roleCalendar)+1, l.at)
		}
	case rolePart:
		if i := s.outermost(rolePart); i >= 0 {
			s.unwind(i, l.at)
		}
	}
	if len(s.stack) >= calbell.MaxComponentDepth {
		if s.overflow == 0 {
			s.problems.Warn(l.Num, "", calbell.WarnNested, strconv.Itoa(calbell.MaxComponentDepth))
		}
		s.overflow++
		return
	}
	f := frame{role: role, begin: l.at, block: Block{Name: name, Line: l.Num, Body: Body{from: int32(s.pos), first: int32(s.next)}}}
	if role == rolePart {
		s.stack[len(s.stack)-1].count++
	}
	s.stack = append(s.stack, f)
}

// roleOf says what a component that begins here means.
func (s *structure) roleOf(name string) role {
	switch name {
	case "VCALENDAR":
		return roleCalendar
	case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE":
		return roleMain
	case "VALARM", "STANDARD", "DAYLIGHT":
		owner := len(s.stack) - 1
		if i := s.outermost(rolePart); i >= 0 {
			owner = i - 1
		}
		if s.overflow == 0 && owner >= 0 && owns(s.stack[owner].block.Name, name) {
			return rolePart
		}
	}
	return roleOther
}

// owns reports whether a component has parts of that name.
func owns(owner, part string) bool {
	switch owner {
	case "VEVENT", "VTODO":
		return part == "VALARM"
	case "VTIMEZONE":
		return part != "VALARM"
	}
	return false
}

// outermost returns the position of the outermost open component of a role, -1 when there
// is none.
func (s *structure) outermost(r role) int {
	for i := range s.stack {
		if s.stack[i].role == r {
			return i
		}
	}
	return -1
}

// end closes a component, and drops those inside it that are still open.
func (s *structure) end(name string, l Line) {
	if s.overflow > 0 && name != "VCALENDAR" {
		s.overflow--
		return
	}
	for i := len(s.stack) - 1; i >= 0; i-- {
		if s.stack[i].block.Name == name {
			s.unwind(i+1, l.at)
			s.close(l)
			return
		}
	}
	s.problems.Warn(l.Num, "", calbell.WarnNoBegin, name)
}

// close takes the innermost component off the stack and keeps what it stands for.
func (s *structure) close(l Line) {
	top := len(s.stack) - 1
	f := s.stack[top]
	s.stack = s.stack[:top]
	f.block.Body.text = s.text[:l.at]
	switch f.role {
	case rolePart:
		s.addPart(f)
	case roleMain:
		s.add(f.block)
	}
	if f.role != roleCalendar {
		s.skipInOwner(Span{f.begin, s.pos})
	}
}

// addPart gives a closed part to its owner, which is on top of the stack.
func (s *structure) addPart(f frame) {
	owner := &s.stack[len(s.stack)-1]
	limit := maxParts
	if f.block.Name == "VALARM" {
		limit = calbell.MaxAlarms
	}
	if len(owner.block.Parts) == limit {
		if owner.block.lost == 0 {
			s.problems.Bad(f.block.Line, "", calbell.T("syntax:more-than-parts-one", "more than %d %s parts in one component", limit, f.block.Name))
		}
		owner.block.lost++
		return
	}
	owner.block.Parts = append(owner.block.Parts,
		Part{f.block.Name, owner.count - 1, f.block.Line, f.block.Body, Span{f.begin, s.pos}})
}

// add keeps a closed component, unless it stands in another: what a VPOLL proposes is no
// event. It is held then, until the other turns out to be closed.
func (s *structure) add(b Block) {
	if len(b.Body.text)-int(b.Body.from) > calbell.MaxObjectBytes {
		s.problems.Bad(b.Line, "", calbell.T("syntax:more-than-mb", "%s of more than %d MB", b.Name, calbell.MaxObjectBytes>>20))
		return
	}
	for i := len(s.stack) - 1; i >= 0; i-- {
		f := &s.stack[i]
		if f.role != roleOther {
			continue
		}
		if len(f.held) < maxHeld {
			f.held = append(f.held, b)
		}
		return
	}
	s.emit(b)
}

// emit hands a component out, as long as the text may have more.
func (s *structure) emit(b Block) {
	if s.room == 0 {
		s.problems.Bad(b.Line, "", calbell.T("syntax:too-many-components-so", "too many components for so little text; the rest is not read"))
	}
	s.room--
	if s.room >= 0 {
		s.keep(b)
	}
}

// skipInOwner notes that a part of the innermost component's body is not its own text.
func (s *structure) skipInOwner(gone Span) {
	if len(s.stack) == 0 {
		return
	}
	owner := &s.stack[len(s.stack)-1]
	if owner.role != roleMain && owner.role != rolePart {
		return
	}
	list := owner.block.Body.skip
	if n := len(list); n > 0 && list[n-1].To >= gone.From {
		list[n-1].To = gone.To
		return
	}
	owner.block.Body.skip = append(list, gone)
}

// unwind drops the open components from position i up: they end at offset at without
// being closed.
func (s *structure) unwind(i, at int) {
	s.overflow = 0
	for top := len(s.stack) - 1; top >= i; top-- {
		f := s.stack[top]
		s.stack = s.stack[:top]
		if f.role == roleCalendar {
			continue
		}
		lost := f.role != roleOther
		if lost {
			s.problems.Bad(f.block.Line, "", calbell.T("syntax:not-closed", "%s is not closed", clip(f.block.Name)))
		} else {
			s.problems.Warn(f.block.Line, "", calbell.WarnNotEnded, f.block.Name)
		}
		s.skipInOwner(Span{f.begin, at})
		if f.block.Name == "VPOLL" {
			continue
		}
		for _, b := range f.held {
			s.add(b)
		}
	}
}
