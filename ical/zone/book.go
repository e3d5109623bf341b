package zone

import (
	"path"
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

// Source tells how the zone of a TZID was found (D2).
type Source uint8

// The sources. Those from Defined on are not what the name alone says, and worth a warning.
const (
	Nowhere Source = iota // no zone
	Named                 // an IANA name, a definition of the file, a name of Windows
	Defined               // a fixed offset by its name, but the file defines another
	Display               // a display name, such as "(UTC+01:00) Amsterdam, Berlin, Bern"
	Offset                // a name that only gives an offset, such as "GMT+0200"
	Part                  // a part of the name, beside something that slid into it
)

// Book finds zones for the TZIDs of one text (D2). It is for one goroutine.
type Book struct {
	lastName string // the name asked for last, and its zone: most texts use one
	last     entry
	defined  map[string]Definition
	found    map[string]entry // without zone: known to mean none
}

// entry is a zone with how it was found.
type entry struct {
	loc    *time.Location
	source Source
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

// Find returns the zone that a TZID means and how it was found; nil when it means none: an
// IANA name (also behind a vendor's prefix), else the X-LIC-LOCATION and then the parts of the
// file's VTIMEZONE, else a name of Windows, its display name, a name that gives an offset, or
// one of these beside something that slid into the name. It also returns nil for further names
// once a text has used very many.
func (b *Book) Find(tzid string) (*time.Location, Source) {
	if b.last.loc != nil && b.lastName == tzid {
		return b.last.loc, b.last.source
	}
	e, ok := b.found[tzid]
	if !ok {
		if len(b.found) >= maxNames {
			return nil, Nowhere
		}
		if b.found == nil {
			b.found = map[string]entry{}
		}
		e = b.find(Clean(tzid))
		if e.loc == nil {
			e = b.part(Clean(tzid))
		}
		b.found[strings.Clone(tzid)] = e
	}
	b.lastName, b.last = tzid, e
	return e.loc, e.source
}

// find looks for a whole name.
func (b *Book) find(name string) entry {
	loc := iana(name)
	if loc != nil && (len(b.defined) == 0 || !fixedName(name)) {
		return entry{loc, Named}
	}
	if d, ok := b.defined[fold(name)]; ok {
		if own := d.zone(name); own != nil && (loc == nil || !same(own, loc)) {
			if loc != nil {
				return entry{own, Defined}
			}
			return entry{own, Named}
		}
	}
	switch {
	case loc != nil:
		return entry{loc, Named}
	case windows(name) != nil:
		return entry{windows(name), Named}
	}
	return described(name)
}

// zone returns the zone that a definition gives: that of X-LIC-LOCATION, else its parts; nil
// when it gives none.
func (d *Definition) zone(name string) *time.Location {
	if loc := iana(Clean(d.Location)); loc != nil && !fixedName(d.Location) {
		return loc
	}
	loc, err := Compile(name, d.Observances())
	if err != nil {
		return iana(Clean(d.Location))
	}
	return loc
}

// part looks for a name beside something that slid into it: a parameter behind a semicolon
// ("Europe/Zurich;VALUE=DATE-TIME"), a path or a scheme before it ("example.org/Europe/Zurich"),
// quotes of another kind, percent signs of an address.
func (b *Book) part(name string) entry {
	const maxParts = 8 // slashes looked at; a name with a vendor and a version has three
	name = strings.Trim(strings.ReplaceAll(strings.ReplaceAll(name, "%2F", "/"), "%2f", "/"), " '`\u2018\u2019\u201c\u201d")
	name, _, _ = strings.Cut(name, ";")
	name = strings.TrimSpace(name)
	if e := b.find(name); e.loc != nil {
		return entry{e.loc, Part}
	}
	rest := name
	for range maxParts {
		var ok bool
		if _, rest, ok = strings.Cut(rest, "/"); !ok || !strings.Contains(rest, "/") {
			break
		}
		if loc := exact(rest); loc != nil {
			return entry{loc, Part}
		}
	}
	return entry{}
}

// fixedName reports whether an IANA name means one offset for good, so that a definition with
// other offsets under it cannot be a copy of it.
func fixedName(name string) bool {
	folder, last := path.Split(Clean(name))
	if strings.EqualFold(path.Base(folder), "etc") {
		return true
	}
	for _, fixed := range []string{"utc", "gmt", "z", "uct", "zulu", "universal", "greenwich", "gmt0", "gmt+0", "gmt-0", "est", "mst", "hst"} {
		if strings.EqualFold(last, fixed) {
			return true
		}
	}
	return false
}

// same reports whether a zone shows the same as a fixed one: since 1970, for each season of a
// sample of years.
func same(loc, fixed *time.Location) bool {
	for year := 1970; year <= 2070; year += 4 {
		for month := time.January; month <= time.December; month += 3 {
			at := time.Date(year, month, 15, 0, 0, 0, 0, time.UTC)
			if offsetAt(loc, at) != offsetAt(fixed, at) {
				return false
			}
		}
	}
	return true
}

// offsetAt returns a zone's offset at an instant, in seconds east of UTC.
func offsetAt(loc *time.Location, at time.Time) int {
	_, offset := at.In(loc).Zone()
	return offset
}
