package ical

import (
	"slices"
	"strings"
	"time"

	"calbell"

	goical "github.com/emersion/go-ical"
)

// maxListed bounds the people, categories and conferences listed of one component.
const maxListed = 500

// Properties by which a calendar client names webhooks, and Calbell its own alarms.
const (
	propWebhook = "X-CALBELL-WEBHOOK"
	propBinding = "X-CALBELL-BINDING"
)

// described is what people read of a component, times excepted.
type described struct {
	calbell.Instance
	of      *component
	lastAck time.Time // X-MOZ-LASTACK, Thunderbird's ACKNOWLEDGED of the whole component
}

// describe reads what people read. Planning looks at far more components than are ever
// shown, so this is done when asked and not when parsing.
func (c *component) describe() *described {
	out := &described{of: c, Instance: calbell.Instance{
		UID: c.uid, Kind: c.kind, Alarms: len(c.alarms), NoAlarm: c.noAlarm,
	}}
	for walk := c.body.lines(); ; {
		l, ok := walk.scan()
		if !ok {
			break
		}
		switch name := l.name(); name {
		case goical.PropSummary, goical.PropDescription, goical.PropLocation, goical.PropURL, goical.PropStatus, goical.PropClass,
			goical.PropTransparency, goical.PropCategories, "CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MOZ-LASTACK", goical.PropOrganizer, goical.PropAttendee,
			propWebhook:
			if p, ok := l.property(); ok {
				out.take(p)
			}
		}
	}
	return out
}

// take takes a property. Of those that stand once, the first counts.
func (d *described) take(p property) {
	switch p.name {
	case goical.PropSummary:
		first(&d.Summary, unescape(p.value))
	case goical.PropDescription:
		first(&d.Description, unescape(p.value))
	case goical.PropLocation:
		first(&d.Location, unescape(p.value))
	case goical.PropURL:
		first(&d.URL, strings.TrimSpace(p.value))
	case goical.PropStatus:
		first(&d.Status, word(p.value))
	case goical.PropClass:
		first(&d.Class, word(p.value))
	case goical.PropTransparency:
		first(&d.Transparency, word(p.value))
	case goical.PropCategories:
		list := textList(p.value)
		d.Categories = append(d.Categories, list[:min(len(list), maxListed-len(d.Categories))]...)
	case "CONFERENCE", "X-GOOGLE-CONFERENCE":
		if len(d.Conferences) < maxListed {
			d.Conferences = append(d.Conferences, strings.TrimSpace(p.value))
		}
	case goical.PropOrganizer, goical.PropAttendee:
		d.person(p)
	case propWebhook:
		d.Webhooks = webhooks(d.Webhooks, p.value)
	case "X-MOZ-LASTACK":
		d.lastAck = later(d.lastAck, p.value)
	}
}

// webhooks adds the names that a line of X-CALBELL-WEBHOOK lists, each once.
func webhooks(known []string, value string) []string {
	for _, name := range textList(value) {
		if len(known) < calbell.MaxRouted && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}

// first sets what is not set yet.
func first[T ~string](into *T, value T) {
	if *into == "" {
		*into = value
	}
}

// word returns a value that is one of a list of words, in upper case.
func word(value string) string { return strings.ToUpper(strings.TrimSpace(value)) }

// later returns the later of t and a time in UTC as written.
func later(t time.Time, value string) time.Time {
	s, err := readStamp(value)
	if err != nil {
		return t
	}
	if u := time.Unix(int64(s.wall), 0).UTC(); u.After(t) {
		return u
	}
	return t
}

// person reads an ORGANIZER or ATTENDEE.
func (d *described) person(p property) {
	person := calbell.Person{
		Name:    uncaret(p.param(goical.ParamCommonName)),
		Address: address(p.value),
		Status:  word(p.param(goical.ParamParticipationStatus)),
	}
	switch {
	case p.name == goical.PropAttendee && len(d.Attendees) < maxListed:
		d.Attendees = append(d.Attendees, person)
	case p.name == goical.PropOrganizer && d.Organizer == calbell.Person{}:
		d.Organizer = person
	}
}

// address returns a calendar address without "mailto:".
func address(value string) string {
	value = strings.TrimSpace(value)
	if len(value) > 7 && strings.EqualFold(value[:7], "mailto:") {
		return value[7:]
	}
	return value
}

// describe reads what people and routes read of an alarm.
func (a *alarm) describe() calbell.Alarm {
	out := calbell.Alarm{Index: a.index, Action: a.action}
	if a.lead != nil {
		own := *a.lead // who changes it changes no other
		out.Lead = &own
		return out
	}
	for walk := a.body.lines(); ; {
		l, ok := walk.scan()
		if !ok {
			return out
		}
		switch l.name() {
		case goical.PropSummary, goical.PropDescription, goical.PropAttendee, "ACKNOWLEDGED", propWebhook, propBinding:
		default:
			continue
		}
		p, ok := l.property()
		switch {
		case !ok:
		case p.name == goical.PropSummary:
			first(&out.Summary, unescape(p.value))
		case p.name == goical.PropDescription:
			first(&out.Description, unescape(p.value))
		case p.name == "ACKNOWLEDGED":
			out.Acknowledged = later(out.Acknowledged, p.value)
		case p.name == propWebhook:
			out.Webhooks = webhooks(out.Webhooks, p.value)
		case p.name == propBinding:
			first(&out.Binding, calbell.BindingID(strings.TrimSpace(unescape(p.value))))
		case len(out.Attendees) < maxListed:
			out.Attendees = append(out.Attendees, address(p.value))
		}
	}
}
