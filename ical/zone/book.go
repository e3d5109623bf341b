package zone

import (
	"strings"
	"time"
)

// maxNames bounds the TZIDs of one text; each unknown one costs a look into the zone data.
const maxNames = 1000

// Definition is what a file says about one TZID: its VTIMEZONE.
type Definition struct {
	TZID     string
	Location string // X-LIC-LOCATION, "" when absent
	// Observances reads the parts. It is called at most once, and only when no other source
	// knows the name: most files define zones that everyone has.
	Observances func() []Observance
}

// Book finds zones for the TZIDs of one text (D2). It is for one goroutine.
type Book struct {
	lastName string // the name asked for last, and its zone: most texts use one
	lastZone *time.Location
	defined  map[string]Definition
	found    map[string]*time.Location // nil values: known to mean no zone
}

// NewBook returns an empty book.
func NewBook() *Book {
	return &Book{}
}

// Define adds a VTIMEZONE. The first definition of a TZID counts.
func (b *Book) Define(d Definition) {
	key := fold(Clean(d.TZID))
	if _, ok := b.defined[key]; ok {
		return
	}
	if b.defined == nil {
		b.defined = map[string]Definition{}
	}
	if len(b.defined) < maxNames {
		b.defined[key] = d
	}
}

// Find returns the zone that a TZID means, nil when it means none: an IANA name (also
// behind a vendor's prefix), else the X-LIC-LOCATION and then the parts of the file's
// VTIMEZONE, else a name of Windows. It also returns nil for further names once a text
// has used very many.
func (b *Book) Find(tzid string) *time.Location {
	if b.lastZone != nil && b.lastName == tzid {
		return b.lastZone
	}
	loc, ok := b.found[tzid]
	if !ok {
		if len(b.found) >= maxNames {
			return nil
		}
		if b.found == nil {
			b.found = map[string]*time.Location{}
		}
		loc = b.find(Clean(tzid))
		b.found[strings.Clone(tzid)] = loc
	}
	b.lastName, b.lastZone = tzid, loc
	return loc
}

func (b *Book) find(name string) *time.Location {
	if loc := iana(name); loc != nil {
		return loc
	}
	if d, ok := b.defined[fold(name)]; ok {
		if loc := iana(Clean(d.Location)); loc != nil {
			return loc
		}
		if loc, err := Compile(name, d.Observances()); err == nil {
			return loc
		}
	}
	return windows(name)
}
