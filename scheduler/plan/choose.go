package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"calbell"
)

// routingVersion must be increased whenever the same settings lead to different routes.
const routingVersion = 4

// Bindings are the bindings of an account, by event.
type Bindings map[calbell.UID][]calbell.Binding

// BindingsOf groups bindings by account and event.
func BindingsOf(list []calbell.Binding) map[string]Bindings {
	by := map[string]Bindings{}
	for _, b := range list {
		if by[b.Account] == nil {
			by[b.Account] = Bindings{}
		}
		by[b.Account][b.UID] = append(by[b.Account][b.UID], b)
	}
	return by
}

// Routing returns the rules for where the reminders of the calendar's events go.
func (p *Policy) Routing(c calbell.Calendar) *Routing {
	key := p.Key(c)
	if known, ok := p.routings.Load(key); ok {
		return known.(*Routing)
	}
	made, _ := p.routings.LoadOrStore(key, p.newRouting(c)) // one per calendar
	return made.(*Routing)
}

func (p *Policy) newRouting(c calbell.Calendar) *Routing {
	a, set := p.accounts[c.Account], p.SettingsOf(c)
	r := &Routing{
		own: p.Own(c), trust: a.TrustInvitations, echoes: a.WriteBack, private: cmp.Or(set.Private, "skip"), skip: p.set.Skip,
		aliases: p.byName(a, a.Aliases), categories: p.byName(a, a.Categories), named: p.UsableBy(a.Owner),
	}
	r.calendar, r.off, r.silent = c.ID, p.SwitchedOff(c), c.Gone.Reason
	for _, rule := range p.rulesOf(a) {
		if !p.concerns(rule.Calendar, c) {
			continue
		}
		if ready, err := p.compileRule(rule.Rule, rule.To); err == nil {
			r.rules = append(r.rules, ready)
		}
	}
	if !r.off {
		r.fallback = p.fallback(a, set, c)
	}
	return r
}

// fallback returns what applies when no rule matches: the calendar's default, completed by the
// account's. nil: there is none.
func (p *Policy) fallback(a calbell.Account, set calbell.CalendarSettings, c calbell.Calendar) *made {
	m := &made{step: calbell.StepCalendar, from: calbell.T("plan:calendar", "calendar %q", cmp.Or(c.Name, c.Listed)), mode: cmp.Or(set.Mode, a.Default.Mode, calbell.ModeFallback)}
	to := p.sendsTo(c)
	if to == "" && a.Default.Webhook != "" {
		to = p.webhookOf(a, a.Default.Webhook)
	}
	if set.Webhook == "" && set.Remind == nil && set.RemindAllDay == nil && set.Mode == "" {
		if to == "" && a.Default.Mode == "" {
			return nil
		}
		m.step, m.from = calbell.StepAccount, calbell.T("plan:account", "account %q", a.Name)
	}
	if to != "" {
		m.webhooks = []calbell.WebhookID{to}
	}
	m.at = atTimeOf(m.from)
	m.timed, m.allDay = set.Remind, set.RemindAllDay
	if m.timed == nil {
		m.timed = a.Default.Remind
	}
	if m.allDay == nil {
		m.allDay = a.Default.RemindAllDay
	}
	return m
}

// atTimeOf returns the reason of a reminder at a time that a rule or a default sets.
func atTimeOf(from calbell.Text) calbell.Text {
	return calbell.T("plan:at-time-of", "at a time of %s", from)
}

// placedRule is a rule with its webhooks resolved.
type placedRule struct {
	calbell.Rule
	To []calbell.WebhookID
}

// rulesOf returns the rules for the events of an account: those of the file for accounts of the
// file, and those of its owner. Rules of other people do not apply.
func (p *Policy) rulesOf(a calbell.Account) (rules []placedRule) {
	if a.Origin != calbell.OriginStored {
		for _, r := range p.set.Rules {
			rules = append(rules, placedRule{r, p.named(r.Webhooks, p.Webhook)})
		}
	}
	if of := p.owned[a.Owner]; of != nil {
		for _, r := range of.rules {
			rules = append(rules, placedRule{r.Rule, p.named(r.Webhooks, func(name string) calbell.WebhookID { return p.ownWebhook(r.Owner, name) })})
		}
	}
	return rules
}

// named resolves names of webhooks.
func (p *Policy) named(names []string, look func(string) calbell.WebhookID) (ids []calbell.WebhookID) {
	for _, name := range names[:min(len(names), calbell.MaxRouted)] {
		ids = append(ids, look(name))
	}
	return ids
}

// webhookOf resolves a name in the settings of an account. Settings of the file may name any
// webhook, settings of a person only those that the person may use.
func (r *roster) webhookOf(a calbell.Account, name string) calbell.WebhookID {
	if a.Origin == calbell.OriginStored {
		return r.ownWebhook(a.Owner, name)
	}
	return r.Webhook(name)
}

// ownWebhook resolves a name among the webhooks that a person may use. An unknown name gets the
// ID of nobody's webhook: the ID derived from the name may be another person's.
func (r *roster) ownWebhook(owner, name string) calbell.WebhookID {
	names := r.UsableBy(owner)
	return cmp.Or(names[name], names[calbell.Slug(name)], calbell.WebhookID(name).Unusable())
}

// byName resolves the webhooks in a map of the settings.
func (p *Policy) byName(a calbell.Account, names map[string]string) map[string]calbell.WebhookID {
	ids := make(map[string]calbell.WebhookID, len(names))
	for key, name := range names {
		ids[key] = p.webhookOf(a, name)
	}
	return ids
}

// Defaults returns the webhooks for the calendar's reminders when nothing more specific
// applies.
func (p *Policy) Defaults(c calbell.Calendar) []calbell.WebhookID {
	if m := p.Routing(c).fallback; m != nil {
		return m.webhooks
	}
	return nil
}

// Reaches returns the webhooks that the settings can choose; never nil.
func (r *Routing) Reaches() []calbell.WebhookID {
	ids := []calbell.WebhookID{}
	if r.fallback != nil {
		ids = append(ids, r.fallback.webhooks...)
	}
	for i := range r.rules {
		ids = append(ids, r.rules[i].webhooks...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Use is a setting that sends reminders to a webhook.
type Use struct {
	What    calbell.Text // in words: account/calendar, `rule "x"`
	Account string       // the account of the setting; "" = none
	Owner   string       // when Account is ""; "" = the admin's
	// Stored is set when people created it with Calbell, not in the configuration file.
	Stored bool
}

// UsedBy returns the settings that send reminders to the webhook: calendars as
// account/calendar, accounts, rules, aliases and categories.
func (p *Policy) UsedBy(id calbell.WebhookID) (uses []Use) {
	accounts, rules := p.mayUse(id)
	for _, a := range accounts {
		is := func(name string) bool { return name != "" && p.webhookOf(a, name) == id }
		use := func(what calbell.Text) {
			uses = append(uses, Use{What: what, Account: a.Key(), Stored: a.Origin == calbell.OriginStored})
		}
		if is(a.Default.Webhook) {
			use(calbell.Plain(a.Key()))
		}
		for _, s := range a.Calendars {
			if is(s.Webhook) {
				use(calbell.Plain(a.Key() + "/" + s.Name))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(a.Aliases)) {
			if is(a.Aliases[key]) {
				use(calbell.T("plan:alias", "alias %s of %s", key, a.Key()))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(a.Categories)) {
			if is(a.Categories[key]) {
				use(calbell.T("plan:category-of", "category %q of %s", key, a.Key()))
			}
		}
	}
	for _, r := range p.set.Rules {
		if slices.Contains(p.named(r.Webhooks, p.Webhook), id) {
			uses = append(uses, Use{What: calbell.T("plan:rule", "rule %q", r.Name)})
		}
	}
	for _, r := range rules {
		if slices.ContainsFunc(r.Webhooks, func(name string) bool { return p.ownWebhook(r.Owner, name) == id }) {
			uses = append(uses, Use{What: calbell.T("plan:rule", "rule %q", r.Name), Owner: r.Owner, Stored: true})
		}
	}
	for _, c := range slices.Sorted(slices.Values(p.usedBy[string(id)])) {
		s := p.set.Calendars[c]
		account, _, _ := strings.Cut(s.Name, "/")
		uses = append(uses, Use{What: calbell.Plain(s.Name), Account: account, Stored: true})
	}
	return uses
}

// mayUse returns the accounts and the stored rules whose settings can name a webhook: all, where it is
// shared, does not exist, or belongs to the admins; else those of the file and those of its owner.
func (p *Policy) mayUse(id calbell.WebhookID) ([]calbell.Account, []calbell.StoredRule) {
	w := p.hooks[id]
	if w == nil || w.Share || w.Owner == "" {
		return p.set.Accounts, p.set.Stored
	}
	accounts, of := slices.Clone(p.filed), p.owned[w.Owner]
	for _, key := range of.accounts {
		if a := p.accounts[key]; a.Origin == calbell.OriginStored {
			accounts = append(accounts, a)
		}
	}
	return accounts, of.rules
}
