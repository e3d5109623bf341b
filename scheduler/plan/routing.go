package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
)

// Routing decides where the reminders of one calendar's events go, and which ones are made
// beside the calendar's own alarms. It is the one resolver, for the plan, the page and
// explain alike. It does not change.
type Routing struct {
	calendar calbell.CalendarID
	// off: the calendar is another person's and not switched on. Only what people said of this
	// very calendar, or attached to its events, sends anything.
	off bool
	// silent is why nothing at all rings, in words: the calendar is gone. zero: it is there.
	silent calbell.Text

	own     []string // addresses of the account's person, lower-case
	trust   bool     // strangers may choose a webhook
	echoes  bool     // bindings are written into events, and come back as alarms
	private string   // what becomes of private events: "skip", "busy" or "full"
	skip    []string // left out by choice: "free", "tentative"

	rules    []rule // those that may match, in their order
	fallback *made  // the calendar's default, else the account's; nil: none

	aliases, categories map[string]calbell.WebhookID // as the file maps them
	// named is what events call webhooks: those that the account's owner may use, by slug.
	named map[string]calbell.WebhookID
}

// made are the reminders that a rule or a default makes, and where they go.
type made struct {
	webhooks      []calbell.WebhookID
	step          calbell.Step
	from          calbell.Text
	at            calbell.Text // from, as the reason of a time; made once, since each instance asks for it
	mode          calbell.Mode
	timed, allDay []calbell.Lead
}

// leads are the times that it makes for an instance.
func (m *made) leads(i *calbell.Instance) []calbell.Lead {
	if i.AllDay {
		return m.allDay
	}
	return m.timed
}

// makes reports whether it makes a reminder at a time before an instance. ACTION:NONE says that
// the event wants none of the defaults; a rule was written for it.
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

// Decision is where one alarm goes, and why.
type Decision struct {
	Routes []calbell.Route
	// Silent says in words why it goes nowhere; zero when it goes somewhere.
	Silent calbell.Text
	// Unrouted: it is silent for want of a webhook, not because somebody wants it so.
	Unrouted bool
	// Unknown are the names of webhooks that were said and that nobody has.
	Unknown []string
}

// Router is a Routing with the bindings of one event. It remembers what it read last, so it
// is for one goroutine.
type Router struct {
	*Routing
	bindings []calbell.Binding
	removed  []calbell.BindingID // whose alarms may still be in the event

	event *ical.Event                     // as it was given to Event, without the times that others want
	lines map[string][]calbell.RemindLine // by description: the same for all instances, mostly

	last    *calbell.Instance
	carried carried             // by last
	bearing []calbell.BindingID // those that alarms of last bear
}

// On returns the router of an event, whose bindings these are.
func (r *Routing) On(bindings []calbell.Binding) *Router {
	on := &Router{Routing: r, lines: map[string][]calbell.RemindLine{}}
	for _, b := range bindings {
		switch {
		case b.Removed:
			on.removed = append(on.removed, b.ID)
		case !r.Holds(b):
		case len(on.bindings) < calbell.MaxBindings:
			if !b.Mute && r.named[string(b.Webhook)] != b.Webhook { // gone, or not shared any more
				b.Webhook = b.Webhook.Unusable()
			}
			on.bindings = append(on.bindings, b)
		}
	}
	return on
}

// Event is the event with every time at which a reminder of it may be wanted: its own
// alarms, and what bindings, defaults, rules and lines add. Lines come last: those of a
// stranger leave room for the others.
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

// follow has what was attached to one instance go with it when its series is moved to another
// time of day.
func follow(e *ical.Event, b *calbell.Binding) {
	start, err := time.Parse(time.RFC3339, string(b.Instance))
	if err != nil || b.Onwards { // onwards compares
		return
	}
	if i := InstanceNow(e, b.Instance, start); i != nil {
		b.Instance = i.RecurrenceID
	}
}

// maxLeads bounds the different times before a start at which one event may ring: each is
// one more walk through its recurrences.
const maxLeads = 128

// Route says where an alarm of the event goes.
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

// decision is a Decision on its way.
type decision struct {
	Decision
	*Router
	a       calbell.AlarmInstant
	carried *carried
}

// decide takes the steps in their order.
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

// byBinding adds what people attached. True: the alarm has found its place, and the other
// steps are not asked.
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

// byLead routes a reminder that a line, a rule or a default makes. Where a line says a time
// and no webhook that there is, it goes where the event's alarms go.
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

// byAlarm asks the VALARM itself; false when it names no webhook that there is.
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

// byEvent routes what names no webhook itself: where the event says, else where the rule or
// default says. more is a further reason.
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

// also returns a reason with a further one, which may be zero.
func also(reason, more calbell.Text) calbell.Text {
	if more.IsZero() {
		return reason
	}
	return calbell.List(reason, more)
}

// chosen is the rule that decides for an instance, else the default; nil: nothing does.
func (d *decision) chosen(i *calbell.Instance) *made {
	for k := range d.rules {
		if d.rules[k].matches(i) {
			return &d.rules[k].made
		}
	}
	return d.fallback
}

// names adds the webhooks of those names; false when none of them is known.
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

// look returns the webhook of that name; or those of its parts, since there are servers that
// make one name of a list.
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

// add notes a route; one webhook gets an alarm once.
func (d *decision) add(id calbell.WebhookID, step calbell.Step, from calbell.Text) {
	same := func(r calbell.Route) bool { return r.Webhook == id }
	if len(d.Routes) < calbell.MaxRouted && !slices.ContainsFunc(d.Routes, same) {
		d.Routes = append(d.Routes, calbell.Route{Webhook: id, Step: step, From: from})
	}
}
