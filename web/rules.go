package web

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"calbell"
	"calbell/api/types"
)

// ruleRoutes registers the pages about rules. No ID of one holds an underscore.
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
	Path string // "" = not the viewer's to change
	When []string
	Goes []string
	// Times are when it reminds, AllDay of all-day events.
	Times, AllDay string
}

// rulesPage is the list of rules, and what they make of an event.
type rulesPage struct {
	rulePages
	Rows   []ruleRow
	Events []choice
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
		row := ruleRow{RuleEntry: r, When: v.conditions(r.Rule), Times: as[fields](v.view).leadsText(r.Remind), AllDay: as[fields](v.view).leadsText(r.RemindAllDay)}
		if r.Editable {
			row.Path = "/rules/" + url.PathEscape(string(r.ID))
		}
		for _, name := range r.Webhooks {
			row.Goes = append(row.Goes, as[calendarPages](v.view).webhookName(name))
		}
		p.Rows = append(p.Rows, row)
	}
	events, err := v.site.s.Events.List(v.ctx(), v.Who, types.EventQuery{From: v.Now, To: v.Now.AddDate(0, 0, soon), Limit: 50})
	for _, e := range events {
		if !offers(p.Events, e.ID) { // its next instance
			p.Events = append(p.Events, choice{Value: e.ID, Text: as[eventPages](v.view).startText(e) + " " + v.Subject(e.Subject)})
		}
	}
	choose(p.Events, v.value("event"))
	if err != nil {
		return err
	}
	return v.show("rules", v.T("nav.rules"), p)
}

// conditions are what an event must be for a rule, in words.
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

// spanText writes a length of time; "" is none.
func (v rulePages) spanText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return as[fields](v.view).exact(d)
}

// yesNo is a condition as a form holds it: yes, no, or any.
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

// testRules says what the rules make of an event.
func (v rulePages) testRules() error {
	tested, err := v.site.s.Rules.Test(v.ctx(), v.Who, v.value("event"), v.Now)
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
	Leads     []leadField
	Webhooks  []choice
	Calendars []choice
	Modes     []choice
	Busy      []choice
	WholeDay  []choice
	Owners    []choice // none: there is no choice
}

// Where is the address of the rule's page.
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
	if p.Owners, err = as[fields](v.view).ownerChoices(p.ID == "", owner); err != nil {
		return err
	}
	if chosen(p.Owners) == ownerHouse {
		owner = ""
	}
	webhooks, err := v.site.s.Webhooks.ListOf(v.ctx(), v.Who, owner)
	if err != nil {
		return err
	}
	if v.r.Method == "POST" {
		p.N, _ = v.ruleAsked(p.N)
		p.Tag = v.tag(p.Tag)
	}
	p.Leads = as[fields](v.view).leadFields(p.N.Remind, p.N.RemindAllDay)
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
		p.Webhooks = append(p.Webhooks, choice{Value: string(w.ID), Text: w.Name, Chosen: chosen[string(w.ID)]})
	}
	for _, id := range p.N.Webhooks { // it has them, whoever may use them now
		if !offers(p.Webhooks, id) {
			p.Webhooks = append(p.Webhooks, choice{Value: id, Text: as[calendarPages](p.view).webhookName(id), Chosen: true})
		}
	}
	p.Calendars = []choice{{Value: "", Text: p.T("rule.calendar.any")}}
	for _, c := range p.Status.Calendars {
		if !offers(p.Calendars, c.Name) {
			p.Calendars = append(p.Calendars, choice{Value: c.Name, Text: c.Name, Chosen: c.Name == p.N.Calendar})
		}
	}
	p.Calendars = keep(p.Calendars, p.N.Calendar)
	p.Modes = as[fields](p.view).modeChoices(p.N.Mode)
	three := func(key string, now *bool) []choice {
		return choose([]choice{
			{Value: "", Text: p.T("rule.any")}, {Value: "yes", Text: p.T("rule." + key + ".yes")}, {Value: "no", Text: p.T("rule." + key + ".no")},
		}, yesNo(now))
	}
	p.Busy, p.WholeDay = three("busy", p.N.Busy), three("all_day", p.N.AllDay)
}

func (v rulePages) ruleAsked(n types.NewRule) (types.NewRule, error) {
	n.Name, n.Calendar, n.Subject, n.Location = v.value("name"), v.value("calendar"), v.value("subject"), v.value("location")
	n.Category, n.Organizer, n.Mode = v.value("category"), v.value("organizer"), calbell.Mode(v.value("mode"))
	n.MinDuration, n.MaxDuration = v.value("min_duration"), v.value("max_duration")
	n.Busy, n.AllDay = boolOf(v.value("busy")), boolOf(v.value("all_day"))
	n.Webhooks, n.Owner = v.r.Form["webhooks"], as[fields](v.view).owner()
	position, err := strconv.Atoi(cmp.Or(v.value("position"), "0"))
	if n.Position = position; err != nil {
		return n, fieldError("position", "", &calbell.Error{Kind: calbell.KindUsage, What: v.T("rule.position.wrong")})
	}
	if n.Remind, err = as[fields](v.view).leads("remind"); err != nil {
		return n, err
	}
	n.RemindAllDay, err = as[fields](v.view).leads("remind_all_day")
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
		_, err = v.site.s.Rules.Set(v.ctx(), v.Who, id, v.value("etag"), n)
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
