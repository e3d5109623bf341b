package zone

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"calbell/ical/recur"
)

// Limits of one VTIMEZONE. Real ones hold two observances, histories some dozens.
const (
	maxObservances = 256
	maxOnsets      = 1024 // changes of one observance
	maxKinds       = 64   // different offsets; TZif can hold 255
)

// The years for which changes are written out. Rules that go on beyond keep the last
// offset, as a clock would whose keeper has gone.
const (
	firstYear = 1900
	lastYear  = 2200
)

// Observance is a STANDARD or DAYLIGHT part of a VTIMEZONE (RFC 5545 §3.6.5).
type Observance struct {
	Daylight bool
	Name     string        // TZNAME
	Start    recur.Wall    // DTSTART, by the clock before the change
	From, To int           // TZOFFSETFROM, TZOFFSETTO, seconds east of UTC
	Rules    []*recur.Rule // RRULE
	Dates    []recur.Wall  // RDATE, by the clock before the change
}

// onset is one change to an observance.
type onset struct {
	at   int64 // Unix seconds
	kind uint8
}

// kind is what clocks show after a change.
type kind struct {
	offset   int
	daylight bool
	name     string
}

// Compile makes a zone out of the observances of a VTIMEZONE.
func Compile(name string, list []Observance) (*time.Location, error) {
	switch {
	case len(list) == 0:
		return nil, fmt.Errorf("compile zone %q: it has no STANDARD and no DAYLIGHT part", name)
	case len(list) > maxObservances:
		return nil, fmt.Errorf("compile zone %q: more than %d parts", name, maxObservances)
	}
	first := slices.MinFunc(list, func(a, b Observance) int { return cmp.Compare(a.Start, b.Start) })
	kinds := []kind{{offset: first.From}}
	// What holds before the first change must be said, or time takes a guess.
	onsets := []onset{{at: math.MinInt64 >> 8}}
	for _, o := range list {
		k := kindIndex(&kinds, kind{o.To, o.Daylight, o.Name})
		if len(kinds) > maxKinds {
			return nil, fmt.Errorf("compile zone %q: more than %d offsets", name, maxKinds)
		}
		for _, w := range o.onsets() {
			onsets = append(onsets, onset{at: int64(w) - int64(o.From), kind: k})
		}
	}
	slices.SortStableFunc(onsets, func(a, b onset) int { return cmp.Compare(a.at, b.at) })
	loc, err := time.LoadLocationFromTZData(name, tzif(onsets, kinds))
	if err != nil {
		return nil, fmt.Errorf("compile zone %q: %w", name, err)
	}
	return loc, nil
}

// kindIndex returns the position of k in the list, adding it when it is new.
func kindIndex(list *[]kind, k kind) uint8 {
	i := slices.Index(*list, k)
	if i < 0 {
		i = len(*list)
		*list = append(*list, k)
	}
	return uint8(min(i, maxKinds))
}

// onsets returns when the observance sets in, by the clock before the change.
func (o *Observance) onsets() []recur.Wall {
	list := append([]recur.Wall{o.Start}, o.Dates...)
	from := recur.WallOf(firstYear, time.January, 1, 0, 0, 0)
	to := recur.WallOf(lastYear, time.January, 1, 0, 0, 0)
	for _, r := range o.Rules {
		it := r.Iterate(o.Start, min(to, o.until(r)))
		it.Seek(max(from, o.Start))
		for range maxOnsets {
			w, ok := it.Next()
			if !ok {
				break
			}
			list = append(list, w)
		}
	}
	return list
}

// until returns the bound of a rule by the observance's own clock; in UTC is how
// RFC 5545 §3.6.5 wants it.
func (o *Observance) until(r *recur.Rule) recur.Wall {
	switch {
	case r.Until == nil:
		return recur.NoUntil
	case r.Until.UTC:
		return r.Until.Bound() + recur.Wall(o.From)
	}
	return r.Until.Bound()
}

// tzif writes a zone in the format of RFC 8536: an empty block of version 1, which no
// reader of version 2 looks at, then the data.
func tzif(onsets []onset, kinds []kind) []byte {
	names, at := abbreviations(kinds)
	b := make([]byte, 0, 128+9*len(onsets)+6*len(kinds)+len(names))
	b = tzifHeader(b, 0, 0, 0)
	b = tzifHeader(b, len(onsets), len(kinds), len(names))
	for _, o := range onsets {
		b = binary.BigEndian.AppendUint64(b, uint64(o.at))
	}
	for _, o := range onsets {
		b = append(b, o.kind)
	}
	for i, k := range kinds {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(k.offset)))
		daylight := byte(0)
		if k.daylight {
			daylight = 1
		}
		b = append(b, daylight, at[i])
	}
	b = append(b, names...)
	return append(b, '\n', '\n') // no rule for the time after the last change
}

// tzifHeader appends a header of version 2 for so many changes, kinds and bytes of names.
func tzifHeader(b []byte, changes, kinds, names int) []byte {
	b = append(b, "TZif2"...)
	b = append(b, make([]byte, 15)...)
	for _, n := range [...]int{0, 0, 0, changes, kinds, names} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// abbreviations lays the names of kinds out as TZif wants them, NUL behind each, and
// returns where each begins. Offsets are bytes: names that do not fit become "".
func abbreviations(kinds []kind) (names []byte, at []byte) {
	names = []byte{0}
	at = make([]byte, len(kinds))
	for i, k := range kinds {
		name := k.name
		if name == "" || strings.ContainsFunc(name, notInName) {
			name = offsetName(k.offset)
		}
		if len(names)+len(name) > math.MaxUint8 {
			continue
		}
		at[i] = byte(len(names))
		names = append(append(names, name...), 0)
	}
	return names, at
}

// notInName says which characters people do not want to read in a zone's abbreviation.
func notInName(r rune) bool { return r <= ' ' || r > '~' }

// offsetName writes an offset as IANA abbreviates nameless ones: "+0545".
func offsetName(offset int) string {
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%c%02d%02d", sign, offset/3600, offset/60%60)
}
