package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/web/form"
	"calbell/web/words"
)

// shownFires limits the next instants that a preview shows.
const shownFires = 3

func (w *site) eventRoutes() {
	w.page("GET /events/{id}", on(eventPages.eventPage))
	w.page("POST /events/{id}", on(eventPages.remind))
	w.page("POST /events/{id}/preview", on(eventPages.answerFires))
	w.page("POST /events/{id}/mute", on(eventPages.mute))
	w.page("POST /events/{id}/unmute", on(eventPages.unmute))
	w.page("POST /events/{id}/reminders/{binding}/remove", on(eventPages.unbind))
	w.page("GET /explain/{id}", on(eventPages.explainPage))
}

// eventPage is an event with its reminders, and the form for more.
type eventPage struct {
	eventPages
	Event    types.EventDetail
	Named    calbell.RecurrenceID // the instance that is shown; "": the next, or the only one
	When     string
	There    string // time on the event's own clock; "": the same as the viewer's
	Alarms   []alarmLine
	Others   []bindingLine // attached to other instances
	Mutes    []bindingLine
	Lines    []deliveryLine // unfinished ones, then ended ones
	Preview  *firesPart
	Leads    []form.Choice
	Units    []form.Choice
	Webhooks []form.Choice
	Scopes   []form.Choice
}

// alarmLine is a reminder of the instance that is shown.
type alarmLine struct {
	types.AlarmRow
	Lead, At string
	Past     bool
	Webhook  string
	From     string            // its source, in words
	Binding  calbell.BindingID // that can be removed; "": none
}

// bindingLine is an attached reminder or mute, in words.
type bindingLine struct {
	calbell.Binding
	Text, Scope string
}

// firesPart is the preview of when the form's reminder would fire.
type firesPart struct {
	eventPages
	Text    string
	Problem error
}

func (v eventPages) eventPage() error { return v.event(nil) }

// event shows the event's page, with a preview if one was requested; nil: none.
func (v eventPages) event(shown *firesPart) error {
	at := calbell.RecurrenceID(v.Value("at"))
	d, err := v.site.s.Events.GetAt(v.ctx(), v.Who, v.r.PathValue("id"), at, v.Now)
	if err != nil {
		return err
	}
	p := eventPage{eventPages: v, Event: d, Named: d.RecurrenceID, Lines: as[deliveryPages](v.view).lines(slices.Concat(d.Open, d.Deliveries)), Preview: shown}
	p.When, p.There = v.Times(d.Instance)
	for _, a := range d.Reminders {
		p.Alarms = append(p.Alarms, v.alarmLines(a, d)...)
	}
	for _, b := range d.Bindings {
		line := bindingLine{b, v.bindingText(b), v.scopeText(b, d.AllDay)}
		switch {
		case b.Mute:
			p.Mutes = append(p.Mutes, line)
		case !b.Covers(d.RecurrenceID):
			p.Others = append(p.Others, line)
		}
	}
	rings := slices.ContainsFunc(d.Reminders, func(a types.AlarmRow) bool { return a.Before == nil })
	onTheDay := d.OnTheDay
	if !d.AllDay {
		onTheDay = calbell.Lead{}
	}
	p.Leads, p.Units = v.LeadChoices(d.AllDay, rings, onTheDay, v.Trimmed("before")), v.UnitChoices(v.Trimmed("unit"))
	offered, err := v.webhooksFor(cmp.Or(v.Trimmed("webhook"), string(d.Offered)), "", d.Account)
	if err != nil {
		return err
	}
	p.Webhooks, p.Scopes = offered[1:], v.scopeChoices(d)
	if shown == nil && v.Problem == nil && len(p.Webhooks) > 0 {
		p.Preview = v.firesOf(v.offered(p))
	}
	return v.show("event", v.Subject(d.Subject), p)
}

// Recurs describes how often something recurs, as messages do.
func (v eventPages) Recurs(rule string) string {
	return words.UpperFirst(service.Recurrence(rule, v.Lang()))
}

// alarmLines returns a line for each webhook of an alarm, or one with the reason why it has
// none.
func (v eventPages) alarmLines(a types.AlarmRow, d types.EventDetail) []alarmLine {
	line := alarmLine{AlarmRow: a, Lead: v.AlarmText(a, d.AllDay), At: v.Moment(a.Trigger.In(v.Zone), v.Now), Past: a.Trigger.Before(v.Now)}
	if len(a.Routes) == 0 {
		line.From = v.Say(a.Silent)
		return []alarmLine{line}
	}
	var list []alarmLine
	for _, r := range a.Routes {
		one := line
		one.Webhook, one.From = v.WebhookName(r.Webhook), v.T("step."+string(r.Step))
		if !r.From.IsZero() {
			one.From = v.T("colon", one.From, v.Say(r.From))
		}
		if r.Step == calbell.StepBinding {
			one.Binding = bindingOf(d.Bindings, a, r.Webhook)
		}
		list = append(list, one)
	}
	return list
}

// bindingOf returns the binding that made an alarm go to a webhook; "" when there is none.
func bindingOf(list []calbell.Binding, a types.AlarmRow, id calbell.WebhookID) calbell.BindingID {
	for _, b := range list {
		same := b.AtAlarm && a.Before == nil || !b.AtAlarm && a.Before != nil && b.Lead == *a.Before
		if same && !b.Mute && b.Webhook == id && b.Covers(a.RecurrenceID) {
			return b.ID
		}
	}
	return ""
}

// bindingText describes an attached reminder or mute.
func (v eventPages) bindingText(b calbell.Binding) string {
	switch {
	case b.Mute:
		return v.T("event.muted")
	case b.AtAlarm:
		return v.T("lead.alarm") + " → " + v.WebhookName(b.Webhook)
	}
	return v.LeadText(b.Lead) + " → " + v.WebhookName(b.Webhook)
}

// scopeText describes the instances that a binding applies to.
func (v eventPages) scopeText(b calbell.Binding, allDay bool) string {
	switch {
	case b.Instance == "":
		return v.T("scope.all")
	case b.Onwards:
		return v.T("scope.from", v.InstanceText(b.Instance))
	}
	return v.T("scope.only", v.InstanceText(b.Instance))
}

// scopeChoices returns the choices of instances for a reminder; nil when there is only one
// instance.
func (v eventPages) scopeChoices(d types.EventDetail) []form.Choice {
	if d.RecurrenceID == "" {
		return nil
	}
	day := v.InstanceText(d.RecurrenceID)
	chosen := v.Trimmed("scope")
	if chosen == "" {
		chosen = "all"
	}
	return form.Choose([]form.Choice{
		{Value: "all", Text: v.T("scope.all")},
		{Value: "one", Text: v.T("scope.only", day)},
		{Value: "from", Text: v.T("scope.from", day)},
	}, chosen)
}

// reminder reads the form.
func (v eventPages) reminder() (types.NewReminder, error) {
	n := v.scoped()
	n.Webhook = v.Trimmed("webhook")
	lead, alarm, err := v.ReadLead()
	if n.AtAlarm = alarm; !alarm {
		n.Before = []calbell.Lead{lead}
	}
	return n, err
}

// scoped returns a request for the instances that the form selects.
func (v eventPages) scoped() types.NewReminder {
	n := types.NewReminder{Event: v.r.PathValue("id")}
	if scope := v.Trimmed("scope"); scope == "one" || scope == "from" {
		n.Instance, n.Onwards = calbell.RecurrenceID(v.Trimmed("at")), scope == "from"
	}
	return n
}

// remind adds a reminder or, when the form asks for a preview, shows when it would fire.
func (v eventPages) remind() error {
	if v.Trimmed("do") == "preview" {
		return v.event(v.fires())
	}
	n, err := v.reminder()
	if err == nil {
		_, err = v.site.s.Reminders.Add(v.ctx(), v.Who, n)
	}
	if err != nil {
		return v.again(err, v.eventPage)
	}
	return v.done(v.eventBack(), "reminder-added")
}

// eventBack returns the address of the event's page with the same instance.
func (v eventPages) eventBack() string {
	to := "/events/" + url.PathEscape(v.r.PathValue("id"))
	if at := v.Trimmed("at"); at != "" {
		to += "?at=" + url.QueryEscape(at)
	}
	return to
}

// offered returns the request that the unchanged form would send.
func (v eventPages) offered(p eventPage) (types.NewReminder, error) {
	n := types.NewReminder{Event: v.r.PathValue("id"), Webhook: form.Chosen(p.Webhooks)}
	lead, err := calbell.ParseLead(form.Chosen(p.Leads))
	n.Before = []calbell.Lead{lead}
	return n, err
}

// fires returns the preview of the form's reminder.
func (v eventPages) fires() *firesPart { return v.firesOf(v.reminder()) }

func (v eventPages) firesOf(n types.NewReminder, err error) *firesPart {
	p := &firesPart{eventPages: v}
	var made types.AttachedReminders
	if err == nil {
		made, err = v.site.s.Reminders.Preview(v.ctx(), v.Who, n)
	}
	if err != nil {
		p.Problem = err
		return p
	}
	p.Text = v.firesText(made.Fires)
	return p
}

// firesText describes when something fires.
func (v eventPages) firesText(fires []types.AlarmRow) string {
	if len(fires) == 0 {
		return v.T("fires.never")
	}
	var times []string
	for _, f := range fires[:min(len(fires), shownFires)] {
		at := v.Moment(f.Trigger.In(v.Zone), v.Now)
		if f.Trigger.Before(v.Now) {
			at = v.T("fires.at-once", at)
		}
		times = append(times, at)
	}
	if len(times) == 1 {
		return v.T("fires.once", times[0])
	}
	text := v.T("fires.then", times[0], strings.Join(times[1:], ", "))
	if len(fires) > shownFires {
		text += ", …"
	}
	return text
}

// answerFires answers the script with the preview alone.
func (v eventPages) answerFires() error { return v.fragment("event", "fires", v.fires()) }

func (v eventPages) mute() error {
	n := v.scoped()
	n.Mute = true
	if _, err := v.site.s.Reminders.Add(v.ctx(), v.Who, n); err != nil {
		return v.again(err, v.eventPage)
	}
	return v.done(v.eventBack(), "muted")
}

func (v eventPages) unmute() error {
	if _, err := v.site.s.Reminders.Unmute(v.ctx(), v.Who, v.r.PathValue("id"), ""); err != nil {
		return v.again(err, v.eventPage)
	}
	return v.done(v.eventBack(), "unmuted")
}

func (v eventPages) unbind() error {
	if err := v.site.s.Reminders.Remove(v.ctx(), v.Who, calbell.BindingID(v.r.PathValue("binding"))); err != nil {
		return err
	}
	return v.done(v.eventBack(), "reminder-removed")
}

// explainPage shows why an event, or a delivery's event, has reminders or has none.
type explainPage struct {
	eventPages
	Event types.EventDetail
	Path  string
	Next  []alarmLine
	Last  []alarmLine // the latest alarm, when there is no next one
	Rules []types.RuleRow
	Open  []deliveryLine // fell due and have not ended
	Lines []deliveryLine // have ended
}

func (v eventPages) explainPage() error {
	d, err := v.site.s.Events.Explain(v.ctx(), v.Who, v.r.PathValue("id"), v.Now)
	if err != nil {
		return err
	}
	p := explainPage{eventPages: v, Event: d, Path: eventPath(d.EventRow), Open: as[deliveryPages](v.view).lines(d.Open), Lines: as[deliveryPages](v.view).lines(d.Deliveries)}
	for _, a := range d.Next {
		p.Next = append(p.Next, v.alarmLines(a, d)...)
	}
	if len(d.Next) == 0 && d.Last != nil {
		p.Last = v.alarmLines(*d.Last, d)
	}
	if p.Rules, err = v.site.s.Rules.Test(v.ctx(), v.Who, d.ID, v.Now); err != nil {
		return err
	}
	return v.show("explain", v.T("explain.title", v.Subject(d.Subject)), p)
}
