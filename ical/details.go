package ical

import (
	"slices"
	"strings"
	"time"

	"calbell/ical/syntax"

	"calbell"

	goical "github.com/emersion/go-ical"
)

// maxListed bounds the people, categories and conferences listed of one component.
const maxListed = 500

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
	for walk := c.body.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			break
		}
		switch name := l.Name(); name {
		case goical.PropSummary, goical.PropDescription, goical.PropLocation, goical.PropURL, goical.PropStatus, goical.PropClass,
			goical.PropTransparency, goical.PropCategories, "CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MOZ-LASTACK", goical.PropOrganizer, goical.PropAttendee,
			syntax.PropWebhook:
			if p, ok := l.Property(); ok {
				out.take(p)
			}
		}
	}
	return out
}

// take takes a property. Of those that stand once, the first counts.
func (d *described) take(p syntax.Property) {
	switch p.Name {
	case goical.PropSummary:
		first(&d.Summary, syntax.Unescape(p.Value))
	case goical.PropDescription:
		first(&d.Description, syntax.Unescape(p.Value))
	case goical.PropLocation:
		first(&d.Location, syntax.Unescape(p.Value))
	case goical.PropURL:
		first(&d.URL, strings.TrimSpace(p.Value))
	case goical.PropStatus:
		first(&d.Status, word(p.Value))
	case goical.PropClass:
		first(&d.Class, word(p.Value))
	case goical.PropTransparency:
		first(&d.Transparency, word(p.Value))
	case goical.PropCategories:
		list := syntax.TextList(p.Value)
		d.Categories = append(d.Categories, list[:min(len(list), maxListed-len(d.Categories))]...)
	case "CONFERENCE", "X-GOOGLE-CONFERENCE":
		if len(d.Conferences) < maxListed {
			d.Conferences = append(d.Conferences, strings.TrimSpace(p.Value))
		}
	case goical.PropOrganizer, goical.PropAttendee:
		d.person(p)
	case syntax.PropWebhook:
		d.Webhooks = webhooks(d.Webhooks, p.Value)
	case "X-MOZ-LASTACK":
		d.lastAck = later(d.lastAck, p.Value)
	}
}

// webhooks adds the names that a line of X-CALBELL-WEBHOOK lists, each once.
func webhooks(known []string, value string) []string {
	for _, name := range syntax.TextList(value) {
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
func (d *described) person(p syntax.Property) {
	person := calbell.Person{
		Name:    syntax.Uncaret(p.Param(goical.ParamCommonName)),
		Address: address(p.Value),
		Status:  word(p.Param(goical.ParamParticipationStatus)),
	}
	switch {
	case p.Name == goical.PropAttendee && len(d.Attendees) < maxListed:
		d.Attendees = append(d.Attendees, person)
	case p.Name == goical.PropOrganizer && d.Organizer == calbell.Person{}:
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
	for walk := a.body.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			return out
		}
		switch l.Name() {
		case goical.PropSummary, goical.PropDescription, goical.PropAttendee, "ACKNOWLEDGED", syntax.PropWebhook, syntax.PropBinding:
		default:
			continue
		}
		p, ok := l.Property()
		switch {
		case !ok:
		case p.Name == goical.PropSummary:
			first(&out.Summary, syntax.Unescape(p.Value))
		case p.Name == goical.PropDescription:
			first(&out.Description, syntax.Unescape(p.Value))
		case p.Name == "ACKNOWLEDGED":
			out.Acknowledged = later(out.Acknowledged, p.Value)
		case p.Name == syntax.PropWebhook:
			out.Webhooks = webhooks(out.Webhooks, p.Value)
		case p.Name == syntax.PropBinding:
			first(&out.Binding, calbell.BindingID(strings.TrimSpace(syntax.Unescape(p.Value))))
		case len(out.Attendees) < maxListed:
			out.Attendees = append(out.Attendees, address(p.Value))
		}
	}
}
