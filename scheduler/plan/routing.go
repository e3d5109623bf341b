package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
)

// Routing holds the rules for one calendar: where the reminders of its events go, and which
// reminders are added to their alarms. Planning, the page and explain all use it. It is
// immutable.
type Routing struct {
	calendar calbell.CalendarID
	// off is set when the calendar is another person's and not switched on. Then only settings
	// of this calendar, and bindings to its events, send reminders.
	off bool
	// silent is why no reminders are sent at all: the calendar is gone. Zero: they are.
	silent calbell.Text

	own     []string // addresses of the account's person, lower-case
	trust   bool     // strangers may choose a webhook
	echoes  bool     // bindings are written into events and appear there as alarms
	private string   // treatment of private events: "skip", "busy" or "full"
	skip    []string // kinds of events without reminders: "free", "tentative"

	rules    []rule // the rules that can match, in order
	fallback *made  // the calendar's default, else the account's; nil: none

	aliases, categories map[string]calbell.WebhookID // as the file maps them
	// named maps names in events to webhooks that the account's owner may use, by slug.
	named map[string]calbell.WebhookID
}

// made is a rule or a default: the reminders that it adds, and their webhooks.
type made struct {
	webhooks      []calbell.WebhookID
	step          calbell.Step
	from          calbell.Text
	at            calbell.Text // from, as the reason of a time; made once, since each instance asks for it
	mode          calbell.Mode
	timed, allDay []calbell.Lead
}

// leads returns the times of its reminders for an instance.
func (m *made) leads(i *calbell.Instance) []calbell.Lead {
	if i.AllDay {
		return m.allDay
	}
	return m.timed
}

// makes reports whether it adds a reminder at a time before an instance. ACTION:NONE suppresses
// the reminders of defaults, but not of rules: a rule was written for such events.
func (m *made) makes(lead calbell.Lead, i *calbell.Instance, c *carried) bool {
	switch m.mode {
	case calbell.ModeOff:
		return false
	case calbell.ModeFallback:
		if c.alarms > 0 || c.timed {
			return false
		}
	}
	if i.NoAlarm && m.step != calbell.StepRule {
		return false
	}
	return slices.Contains(m.leads(i), lead)
}

// Decision is the webhooks of an alarm, with reasons.
type Decision struct {
	Routes []calbell.Route
	// Silent is why it goes to no webhook; zero when it goes to one.
	Silent calbell.Text
	// Unrouted is set when it is silent because no webhook was chosen, not because somebody
	// suppressed it.
	Unrouted bool
	// Unknown are the names of webhooks that do not exist.
	Unknown []string
}

// Router is a Routing with the bindings of one event. It caches what it read last, so it is not
// safe for concurrent use.
type Router struct {
	*Routing
	bindings []calbell.Binding
	removed  []calbell.BindingID // removed bindings, whose alarms may still be in the event

	event *ical.Event                     // the argument of Event, without added alarms
	lines map[string][]calbell.RemindLine // by description, which most instances share

	last    *calbell.Instance
	carried carried             // by last
	bearing []calbell.BindingID // bindings that alarms of last name
}

// On returns the router of an event with these bindings.
func (r *Routing) On(bindings []calbell.Binding) *Router {
	on := &Router{Routing: r, lines: map[string][]calbell.RemindLine{}}
	for _, b := range bindings {
		switch {
		case b.Removed:
			on.removed = append(on.removed, b.ID)
		case !r.Holds(b):
		case len(on.bindings) < calbell.MaxBindings:
			if !b.Mute && r.named[string(b.Webhook)] != b.Webhook { // removed, or no longer shared
				b.Webhook = b.Webhook.Unusable()
			}
			on.bindings = append(on.bindings, b)
		}
	}
	return on
}

// Event returns the event with every possible reminder: its own alarms, and those that
// bindings, defaults, rules and lines add. Lines come last, so that those of a stranger leave
// room for the others.
func (r *Router) Event(e *ical.Event) *ical.Event {
	if r.event = e; !r.silent.IsZero() {
		return e.With(nil)
	}
	for i := range r.bindings {
		follow(e, &r.bindings[i])
	}
	var leads []calbell.Lead
	add := func(more ...calbell.Lead) {
		for _, l := range more {
			if !slices.Contains(leads, l) && len(leads) < maxLeads {
				leads = append(leads, l)
			}
		}
	}
	for _, b := range r.bindings {
		if !b.AtAlarm && !b.Mute {
			add(b.Lead)
		}
	}
	if r.fallback != nil {
		add(r.fallback.timed...)
		add(r.fallback.allDay...)
	}
	for i := range r.rules {
		add(r.rules[i].timed...)
		add(r.rules[i].allDay...)
	}
	for _, text := range r.descriptions(e) {
		for _, l := range r.remindLines(text) {
			add(l.Leads...)
		}
	}
	return e.With(leads)
}

// follow moves a binding of one instance along when its series moves to another time of day.
func follow(e *ical.Event, b *calbell.Binding) {
	start, err := time.Parse(time.RFC3339, string(b.Instance))
	if err != nil || b.Onwards { // Onwards compares IDs instead
		return
	}
	if i := InstanceNow(e, b.Instance, start); i != nil {
		b.Instance = i.RecurrenceID
	}
}

// maxLeads limits the different leads of one event: each takes one more expansion of its
// recurrences.
const maxLeads = 128

// Route decides where an alarm of the event goes.
func (r *Router) Route(a calbell.AlarmInstant) Decision {
	i := a.Instance
	if r.last != i {
		r.last, r.carried = i, r.read(i)
		r.readEchoes(i)
	}
	d := decision{Router: r, a: a, carried: &r.carried}
	d.decide()
	if len(d.Routes) > 0 {
		d.Silent, d.Unrouted = calbell.Text{}, false
	}
	return d.Decision
}

// decision is the state of computing a Decision.
type decision struct {
	Decision
	*Router
	a       calbell.AlarmInstant
	carried *carried
}

// decide applies the steps in order.
func (d *decision) decide() {
	i := d.a.Instance
	if d.Silent = cmp.Or(d.silent, d.muted(i)); !d.Silent.IsZero() {
		return
	}
	if d.Silent = d.skipped(i); !d.Silent.IsZero() {
		return
	}
	if d.byBinding(i) {
		return
	}
	switch {
	case hidden(i) && d.private == "skip":
		d.Silent = calbell.T("plan:private", "the event is private")
		if i.Class == "CONFIDENTIAL" {
			d.Silent = calbell.T("plan:confidential", "the event is confidential")
		}
	case d.carried.none:
		d.Silent = calbell.T("plan:event-says-remind-none", "the event says #remind none")
	case d.a.Alarm.Lead != nil:
		d.byLead(i, *d.a.Alarm.Lead)
	case !d.byAlarm():
		d.byEvent(d.chosen(i), calbell.Text{})
	}
}

// byBinding applies the bindings. It returns true when the alarm is routed and no further steps
// apply.
func (d *decision) byBinding(i *calbell.Instance) (done bool) {
	if d.byEcho() {
		return true
	}
	for _, b := range d.bindings {
		if b.Mute || !b.Covers(i.RecurrenceID) {
			continue
		}
		switch lead := d.a.Alarm.Lead; {
		case lead != nil && !b.AtAlarm && b.Lead == *lead:
			d.add(b.Webhook, calbell.StepBinding, calbell.Text{})
		case lead == nil && b.AtAlarm:
			d.add(b.Webhook, calbell.StepBinding, calbell.Text{})
			done = true
		}
	}
	return done
}

// byLead routes a reminder that a line, a rule or a default adds. When a line gives a time but
// no existing webhook, the reminder goes where the event's alarms go.
func (d *decision) byLead(i *calbell.Instance, lead calbell.Lead) {
	homeless := false
	for _, l := range d.carried.lines {
		if slices.Contains(l.Leads, lead) && !d.names(l.Webhooks, calbell.StepLine, calbell.Text{}) {
			homeless = true
		}
	}
	switch m := d.chosen(i); {
	case m != nil && m.makes(lead, i, d.carried):
		if !d.byCarrier(m.at) {
			d.byMade(m, calbell.Text{})
		}
	case homeless && len(d.Routes) == 0:
		d.byEvent(m, calbell.T("plan:at-line-time", "at a time of its #remind line"))
	}
}

// byAlarm applies the webhooks that the VALARM itself names; false when it names no existing
// webhook.
func (d *decision) byAlarm() bool {
	if !d.carried.heard {
		return false
	}
	a := d.a.Alarm
	if d.names(d.alarmNames(a), calbell.StepAlarm, calbell.Text{}) {
		return true
	}
	if a.Action == "EMAIL" {
		for _, address := range a.Attendees {
			if id, ok := d.aliases[strings.ToLower(address)]; ok {
				d.add(id, calbell.StepAlias, calbell.T("plan:address", "the address %s", address))
			}
		}
	}
	return len(d.Routes) > 0
}

// byEvent routes an alarm that names no webhook: by the directives on the event, or else by the
// rule or default. more is a further reason.
func (d *decision) byEvent(m *made, more calbell.Text) {
	switch {
	case d.byCarrier(more):
	case m != nil && (m.mode == calbell.ModeReplace || m.mode == calbell.ModeOff):
		d.Silent = calbell.T("plan:says-alarms-name-no", "%s says %s: alarms that name no webhook are silent", m.from, m.mode)
	default:
		d.byMade(m, more)
	}
}

// byMade adds the webhooks of a rule or default.
func (d *decision) byMade(m *made, more calbell.Text) {
	if m == nil || len(m.webhooks) == 0 {
		d.Silent, d.Unrouted = calbell.T("plan:nothing-says-which-webhook", "nothing says which webhook"), true
		if d.off {
			d.Silent, d.Unrouted = OffReason, false
		}
		return
	}
	for _, id := range m.webhooks {
		d.add(id, m.step, also(m.from, more))
	}
}

// also appends a further reason, which may be zero.
func also(reason, more calbell.Text) calbell.Text {
	if more.IsZero() {
		return reason
	}
	return calbell.List(reason, more)
}

// chosen returns the first rule that matches an instance, or else the default; nil: there is
// none.
func (d *decision) chosen(i *calbell.Instance) *made {
	for k := range d.rules {
		if d.rules[k].matches(i) {
			return &d.rules[k].made
		}
	}
	return d.fallback
}

// names adds the webhooks with some names; false when none of them exists.
func (d *decision) names(names []string, step calbell.Step, more calbell.Text) (found bool) {
	for _, name := range names {
		if ids := d.look(name); len(ids) > 0 {
			found = true
			for _, id := range ids {
				d.add(id, step, more)
			}
		} else if !slices.Contains(d.Unknown, name) {
			d.Unknown = append(d.Unknown, name)
		}
	}
	return found
}

// look returns the webhook with a name, or those of the parts of a list: some servers make one
// name of a list.
func (r *Routing) look(name string) (ids []calbell.WebhookID) {
	if id, ok := r.named[calbell.Slug(name)]; ok {
		return []calbell.WebhookID{id}
	}
	parts := strings.Split(name, ",")
	if len(parts) == 1 || len(parts) > calbell.MaxRouted {
		return nil
	}
	for _, part := range parts {
		id, ok := r.named[calbell.Slug(part)]
		if !ok {
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}

// add adds a route, at most once for each webhook.
func (d *decision) add(id calbell.WebhookID, step calbell.Step, from calbell.Text) {
	same := func(r calbell.Route) bool { return r.Webhook == id }
	if len(d.Routes) < calbell.MaxRouted && !slices.ContainsFunc(d.Routes, same) {
		d.Routes = append(d.Routes, calbell.Route{Webhook: id, Step: step, From: from})
	}
}
