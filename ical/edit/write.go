package edit

import (
	"fmt"
	"strings"
	"time"

	"calbell"

	goical "github.com/emersion/go-ical"
)

// Draft is an event to be written as a new object.
type Draft struct {
	UID   calbell.UID
	Title string
	// Start and End carry the zone in which the event is written. Of an all-day event only
	// their days count; End is exclusive.
	Start, End            time.Time
	AllDay                bool
	Location, Description string
}

// Write returns the text of an object that holds the event, made at the instant now. A zone
// that has no name to be found by is written as UTC.
func (d Draft) Write(now time.Time) ([]byte, error) {
	object := goical.NewCalendar()
	object.Props.SetText(goical.PropVersion, "2.0")
	object.Props.SetText(goical.PropProductID, "-//Calbell//EN")
	start, end := d.Start.UTC(), d.End.UTC()
	if zone := d.Start.Location(); !d.AllDay && zone != time.UTC && strings.Contains(zone.String(), "/") {
		object.Children = append(object.Children, timezone(zone, d.Start))
		start, end = d.Start, d.End.In(zone)
	}
	object.Children = append(object.Children, d.event(start, end, now))
	return Encode(object)
}

// event returns the VEVENT.
func (d Draft) event(start, end, now time.Time) *goical.Component {
	e := goical.NewComponent(goical.CompEvent)
	e.Props.SetText(goical.PropUID, clean(string(d.UID)))
	e.Props.SetDateTime(goical.PropDateTimeStamp, now.UTC())
	if d.AllDay {
		e.Props.SetDate(goical.PropDateTimeStart, d.Start)
		e.Props.SetDate(goical.PropDateTimeEnd, d.End)
	} else {
		e.Props.SetDateTime(goical.PropDateTimeStart, start)
		e.Props.SetDateTime(goical.PropDateTimeEnd, end)
	}
	e.Props.SetText(goical.PropSummary, clean(d.Title))
	if d.Location != "" {
		e.Props.SetText(goical.PropLocation, clean(d.Location))
	}
	if d.Description != "" {
		e.Props.SetText(goical.PropDescription, clean(d.Description))
	}
	return e
}

// Encode returns the text of a new object. go-ical's encoder refuses what RFC 5545 forbids, and does not
// fold long lines: that is done here. Objects that exist are patched, never encoded anew.
func Encode(object *goical.Calendar) ([]byte, error) {
	var plain, folded strings.Builder
	if err := goical.NewEncoder(&plain).Encode(object); err != nil {
		return nil, calbell.Errorf("edit:write-event", "write event: %w", err)
	}
	for line := range strings.Lines(plain.String()) {
		writeLine(&folded, strings.TrimSuffix(line, "\r\n"), "\r\n")
	}
	return []byte(folded.String()), nil
}

// timezone returns a VTIMEZONE with the changes of the clock from a year before an instant to a
// year after it: readers that do not know the zone's name need no others.
func timezone(z *time.Location, around time.Time) *goical.Component {
	c := goical.NewComponent(goical.CompTimezone)
	c.Props.SetText(goical.PropTimezoneID, z.String())
	first, last := around.AddDate(-1, 0, 0).In(z), around.AddDate(1, 0, 0)
	begin, _ := first.ZoneBounds()
	if begin.IsZero() { // no change before
		begin = first
	}
	_, before := begin.Add(-time.Second).In(z).Zone()
	for !begin.IsZero() && !begin.After(last) {
		name, offset := begin.In(z).Zone()
		c.Children = append(c.Children, clockChange(begin.In(z), name, before, offset))
		begin, before = nextChange(begin, last), offset
	}
	return c
}

// nextChange is when the offset of a zone changes after an instant; zero when it does not
// until last. Package time names the ends of years too, where nothing changes, and some of
// them as the end of themselves: for ever.
func nextChange(after, last time.Time) time.Time {
	_, offset := after.Zone()
	for at := after; ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(last) {
			return time.Time{}
		}
		if _, changed := end.Zone(); changed != offset {
			return end
		}
		if !end.After(at) {
			end = at.AddDate(0, 0, 1)
		}
		at = end
	}
}

// localForm is a time by the clock of a zone that stands elsewhere (RFC 5545 §3.3.5).
const localForm = "20060102T150405"

// clockChange returns one change of the clock; its start is by the clock of before.
func clockChange(at time.Time, name string, before, after int) *goical.Component {
	kind := goical.CompTimezoneStandard
	if at.IsDST() {
		kind = goical.CompTimezoneDaylight
	}
	c := goical.NewComponent(kind)
	set := func(name, value string) { c.Props.Set(&goical.Prop{Name: name, Value: value}) }
	set(goical.PropDateTimeStart, at.UTC().Add(time.Duration(before)*time.Second).Format(localForm))
	set(goical.PropTimezoneOffsetFrom, offsetText(before))
	set(goical.PropTimezoneOffsetTo, offsetText(after))
	c.Props.SetText(goical.PropTimezoneName, name)
	return c
}

// offsetText writes a UTC offset (RFC 5545 §3.3.14).
func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if s := seconds % 60; s > 0 {
		text += fmt.Sprintf("%02d", s)
	}
	return text
}
