package plan

import (
	"slices"
	"strings"
	"unicode"

	"calbell"
	"calbell/templates"
)

// carried holds the directives on an instance: what it says about its webhooks.
type carried struct {
	heard bool // its organizer is trusted
	none  bool // "#remind none"
	timed bool // a line adds reminders
	lines []calbell.RemindLine
	event []string // X-CALBELL-WEBHOOK of the component
	tags  []string // its categories
	// alarms is the number of the event's own alarms. It excludes bindings that Calbell wrote
	// into the event.
	alarms int
}

// webhookWord is the prefix of a category or an alarm's description that names a webhook.
const webhookWord = "webhook:"

// read reads the directives on an instance. It ignores those of strangers: anyone who can send
// an invitation, or share a calendar, could otherwise post in a team's chat.
func (r *Router) read(i *calbell.Instance) (c carried) {
	c.alarms = i.Alarms
	if c.heard = !r.off && (r.trust || r.mine(i)); !c.heard {
		return c
	}
	c.lines, c.event, c.tags = r.remindLines(i.Description), i.Webhooks, i.Categories
	for _, l := range c.lines {
		c.none = c.none || l.None
		c.timed = c.timed || len(l.Leads) > 0
	}
	return c
}

// mine reports whether nobody else organizes an instance.
func (r *Routing) mine(i *calbell.Instance) bool {
	return i.Organizer == calbell.Person{} || slices.Contains(r.own, person(i.Organizer.Address))
}

// remindLines parses the lines of a description, which may be HTML, with a cache: most
// instances of an event have the same description, and it may be long.
func (r *Router) remindLines(description string) []calbell.RemindLine {
	if !strings.Contains(description, "#") && !strings.Contains(description, "&") { // &#35; is a # too
		return nil
	}
	lines, known := r.lines[description]
	if !known {
		lines = calbell.RemindLines(templates.Plain(description))
		r.lines[description] = lines
	}
	return lines
}

// BadLines returns what cannot be parsed in the instance's #remind lines, unless they are
// ignored.
func (r *Router) BadLines(i *calbell.Instance) (bad []calbell.Text) {
	for _, l := range r.read(i).lines {
		if !l.Bad.IsZero() {
			bad = append(bad, calbell.T("plan:bad-line", "a #remind line is not read as it was meant: %s", l.Bad))
		}
	}
	return bad
}

// alarmNames returns the webhooks that a VALARM names: in our property or, for clients that
// drop it, at the beginning of its text. There the name is the first word, unless the whole
// line is a name.
func (r *Routing) alarmNames(a calbell.Alarm) []string {
	if len(a.Webhooks) > 0 {
		return a.Webhooks
	}
	text, ok := afterWord(strings.TrimSpace(a.Description))
	if !ok {
		return nil
	}
	line, _, _ := strings.Cut(text, "\n")
	if len(r.look(line)) > 0 {
		return []string{line}
	}
	word, _, _ := strings.Cut(line, " ")
	return strings.FieldsFunc(word, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })
}

// afterWord returns the text after "webhook:", ignoring letter case.
func afterWord(text string) (rest string, ok bool) {
	if len(text) <= len(webhookWord) || !strings.EqualFold(text[:len(webhookWord)], webhookWord) {
		return "", false
	}
	return strings.TrimSpace(text[len(webhookWord):]), true
}

// byCarrier applies the directives on the event: our property, its categories, its lines. more
// is a further reason.
func (d *decision) byCarrier(more calbell.Text) bool {
	if d.names(d.carried.event, calbell.StepEvent, more) {
		return true
	}
	for _, tag := range d.carried.tags {
		if name, ok := afterWord(tag); ok {
			d.names([]string{name}, calbell.StepCategory, more)
		} else if id, ok := d.categories[calbell.Slug(tag)]; ok {
			d.add(id, calbell.StepCategory, also(calbell.T("plan:category", "the category %s", tag), more))
		}
	}
	if len(d.Routes) > 0 && d.Routes[len(d.Routes)-1].Step == calbell.StepCategory {
		return true
	}
	found := false
	for _, l := range d.carried.lines {
		found = d.names(l.Webhooks, calbell.StepLine, more) || found
	}
	return found
}
