package web

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// ruleRoutes registers the pages of rules. IDs of rules contain no underscore.
func (w *site) ruleRoutes() {
	w.page("GET /rules", on(rulePages.ruleList))
	w.page("POST /rules", on(rulePages.testRules))
	w.page("GET /rules/_new", on(rulePages.rulePage))
	w.page("POST /rules/_new", on(rulePages.saveRule))
	w.page("GET /rules/{id}", on(rulePages.rulePage))
	w.page("POST /rules/{id}", on(rulePages.saveRule))
	w.page("POST /rules/{id}/remove", on(rulePages.removeRule))
}

// ruleRow is a rule in words.
type ruleRow struct {
	types.RuleEntry
	Path string // "" = the viewer may not change it
	When []string
	Goes []string
	// Times is when it reminds of events with a time, AllDay of all-day ones.
	Times, AllDay string
}

// rulesPage is the list of rules, and their test on an event.
type rulesPage struct {
	rulePages
	Rows   []ruleRow
	Events []form.Choice
	Tested []types.RuleRow
}

func (v rulePages) ruleList() error { return v.rules(nil) }

func (v rulePages) rules(tested []types.RuleRow) error {
	rules, err := v.site.s.Rules.List(v.ctx(), v.Who)
	if err != nil {
		return err
	}
	p := rulesPage{rulePages: v, Tested: tested}
	for _, r := range rules {
		row := ruleRow{RuleEntry: r, When: v.conditions(r.Rule), Times: v.LeadsText(r.Remind), AllDay: v.LeadsText(r.RemindAllDay)}
		if r.Editable {
			row.Path = "/rules/" + url.PathEscape(string(r.ID))
		}
		for _, name := range r.Webhooks {
			row.Goes = append(row.Goes, v.WebhookName(calbell.WebhookID(name)))
		}
		p.Rows = append(p.Rows, row)
	}
	events, err := v.site.s.Events.List(v.ctx(), v.Who, types.EventQuery{From: v.Now, To: v.Now.AddDate(0, 0, soon), Limit: 50})
	for _, e := range events {
		if !form.Offers(p.Events, e.ID) { // its next instance
			p.Events = append(p.Events, form.Choice{Value: e.ID, Text: v.StartText(e) + " " + v.Subject(e.Subject)})
		}
	}
	form.Choose(p.Events, v.Trimmed("event"))
	if err != nil {
		return err
	}
	return v.show("rules", v.T("nav.rules"), p)
}

// conditions describes the conditions of a rule.
func (v rulePages) conditions(r calbell.Rule) []string {
	var list []string
	for _, c := range []struct{ key, value string }{
		{"calendar", r.Calendar},
		{"subject", r.Subject},
		{"location", r.Location},
		{"category", r.Category},
		{"organizer", r.Organizer},
		{"min_duration", v.spanText(r.MinDuration)},
		{"max_duration", v.spanText(r.MaxDuration)},
	} {
		if c.value != "" {
			list = append(list, v.T("colon", v.T("rule."+c.key), c.value))
		}
	}
	for _, c := range []struct {
		key   string
		value *bool
	}{{"busy", r.Busy}, {"all_day", r.AllDay}} {
		if c.value != nil {
			list = append(list, v.T("rule."+c.key+"."+yesNo(c.value)))
		}
	}
	return list
}

// spanText formats a duration; "" for zero.
func (v rulePages) spanText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return v.ExactSpan(d)
}

// yesNo returns a condition as a form's value: yes, no, or any.
func yesNo(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "yes"
	}
	return "no"
}

func boolOf(text string) *bool {
	if text == "" {
		return nil
	}
	yes := text == "yes"
	return &yes
}

// testRules tests the rules on an event.
func (v rulePages) testRules() error {
	tested, err := v.site.s.Rules.Test(v.ctx(), v.Who, v.Trimmed("event"), v.Now)
	if err != nil {
		return v.again(err, v.ruleList)
	}
	return v.rules(tested)
}

// ruleForm is the page of a rule.
type ruleForm struct {
	rulePages
	N         types.NewRule
	ID, Tag   string
	Leads     []form.LeadField
	Webhooks  []form.Choice
	Calendars []form.Choice
	Modes     []form.Choice
	Busy      []form.Choice
	WholeDay  []form.Choice
	Owners    []form.Choice // none: there is no choice
}

// Where returns the address of the rule's page.
func (p ruleForm) Where() string {
	if p.ID == "" {
		return "/rules/_new"
	}
	return "/rules/" + url.PathEscape(p.ID)
}

func (v rulePages) rulePage() error {
	p := ruleForm{rulePages: v, ID: v.r.PathValue("id")}
	owner := v.Who.Name
	if p.ID != "" {
		rule, err := v.site.s.Rules.Get(v.ctx(), v.Who, p.ID)
		if err != nil {
			return err
		}
		owner = rule.Owner
		if p.N, p.Tag, err = v.site.s.Rules.Request(v.ctx(), v.Who, p.ID); err != nil {
			return err
		}
	}
	var err error
	if p.Owners, err = v.ownerChoices(p.ID == "", owner); err != nil {
		return err
	}
	if form.Chosen(p.Owners) == form.OwnerHouse {
		owner = ""
	}
	webhooks, err := v.site.s.Webhooks.ListOf(v.ctx(), v.Who, owner)
	if err != nil {
		return err
	}
	if v.r.Method == "POST" {
		p.N, _ = v.ruleAsked(p.N)
		p.Tag = v.ETag(p.Tag)
	}
	p.Leads = v.LeadFields(p.N.Remind, p.N.RemindAllDay)
	p.lists(webhooks)
	title := v.T("rule.new")
	if p.ID != "" {
		title = p.N.Name
	}
	return v.show("rule", title, p)
}

func (p *ruleForm) lists(webhooks []types.WebhookRow) {
	chosen := map[string]bool{}
	for _, id := range p.N.Webhooks {
		chosen[id] = true
	}
	for _, w := range webhooks {
		p.Webhooks = append(p.Webhooks, form.Choice{Value: string(w.ID), Text: w.Name, Chosen: chosen[string(w.ID)]})
	}
	for _, id := range p.N.Webhooks { // keep its webhooks, even if they may no longer be chosen
		if !form.Offers(p.Webhooks, id) {
			p.Webhooks = append(p.Webhooks, form.Choice{Value: id, Text: p.WebhookName(calbell.WebhookID(id)), Chosen: true})
		}
	}
	p.Calendars = []form.Choice{{Value: "", Text: p.T("rule.calendar.any")}}
	for _, c := range p.Status.Calendars {
		if !form.Offers(p.Calendars, c.Name) {
			p.Calendars = append(p.Calendars, form.Choice{Value: c.Name, Text: c.Name, Chosen: c.Name == p.N.Calendar})
		}
	}
	p.Calendars = form.Keep(p.Calendars, p.N.Calendar)
	p.Modes = p.ModeChoices(p.N.Mode)
	three := func(key string, now *bool) []form.Choice {
		return form.Choose([]form.Choice{
			{Value: "", Text: p.T("rule.any")}, {Value: "yes", Text: p.T("rule." + key + ".yes")}, {Value: "no", Text: p.T("rule." + key + ".no")},
		}, yesNo(now))
	}
	p.Busy, p.WholeDay = three("busy", p.N.Busy), three("all_day", p.N.AllDay)
}

func (v rulePages) ruleAsked(n types.NewRule) (types.NewRule, error) {
	n.Name, n.Calendar, n.Subject, n.Location = v.Trimmed("name"), v.Trimmed("calendar"), v.Trimmed("subject"), v.Trimmed("location")
	n.Category, n.Organizer, n.Mode = v.Trimmed("category"), v.Trimmed("organizer"), calbell.Mode(v.Trimmed("mode"))
	n.MinDuration, n.MaxDuration = v.Trimmed("min_duration"), v.Trimmed("max_duration")
	n.Busy, n.AllDay = boolOf(v.Trimmed("busy")), boolOf(v.Trimmed("all_day"))
	n.Webhooks, n.Owner = v.Values["webhooks"], v.ReadOwner(v.Who.Name)
	position, err := strconv.Atoi(cmp.Or(v.Trimmed("position"), "0"))
	if n.Position = position; err != nil {
		return n, form.FieldError("position", calbell.Text{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.Plain(v.T("rule.position.wrong"))})
	}
	if n.Remind, err = v.ReadLeads("remind"); err != nil {
		return n, err
	}
	n.RemindAllDay, err = v.ReadLeads("remind_all_day")
	return n, err
}

func (v rulePages) saveRule() error {
	id := v.r.PathValue("id")
	var now types.NewRule
	var err error
	if id != "" {
		if now, _, err = v.site.s.Rules.Request(v.ctx(), v.Who, id); err != nil {
			return err
		}
	}
	n, err := v.ruleAsked(now)
	switch {
	case err != nil:
	case id == "":
		_, err = v.site.s.Rules.Add(v.ctx(), v.Who, n)
	default:
		_, err = v.site.s.Rules.Set(v.ctx(), v.Who, id, v.Trimmed("etag"), n)
	}
	if err != nil {
		return v.again(err, v.rulePage)
	}
	return v.done("/rules", "rule-saved")
}

func (v rulePages) removeRule() error {
	if err := v.site.s.Rules.Remove(v.ctx(), v.Who, v.r.PathValue("id"), ""); err != nil {
		return v.again(err, v.rulePage)
	}
	return v.done("/rules", "rule-removed")
}
