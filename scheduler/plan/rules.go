package plan

import (
	"cmp"
	"slices"
	"time"

	"calbell"
)

// rule is a calbell.Rule compiled for a calendar.
type rule struct {
	made
	subject, location, category, organizer *calbell.Matcher // nil: any
	busy, whole                            *bool            // nil: both
	least, most                            time.Duration    // 0: no limit
}

// compileRule compiles a rule with its resolved webhooks. It fails for an invalid pattern,
// which was rejected when the rule was written.
func (p *Policy) compileRule(r calbell.Rule, webhooks []calbell.WebhookID) (rule, error) {
	c := rule{busy: r.Busy, whole: r.AllDay, least: r.MinDuration, most: r.MaxDuration}
	c.made = made{
		webhooks: webhooks, step: calbell.StepRule, from: calbell.T("plan:rule", "rule %q", r.Name),
		mode: cmp.Or(r.Mode, calbell.ModeAdd), timed: r.Remind, allDay: r.RemindAllDay,
	}
	c.at = atTimeOf(c.from)
	for _, f := range []struct {
		text string
		into **calbell.Matcher
	}{{r.Subject, &c.subject}, {r.Location, &c.location}, {r.Category, &c.category}, {r.Organizer, &c.organizer}} {
		if f.text == "" {
			continue
		}
		m, err := p.matcher(f.text)
		if err != nil {
			return rule{}, err
		}
		*f.into = m
	}
	return c, nil
}

// matcher returns the compiled pattern of a rule. All calendars share it: an expression may
// take half a megabyte.
func (p *Policy) matcher(text string) (*calbell.Matcher, error) {
	if known, ok := p.matchers.Load(text); ok {
		return known.(*calbell.Matcher), nil
	}
	m, err := calbell.NewMatcher(text)
	if err != nil {
		return nil, err
	}
	shared, _ := p.matchers.LoadOrStore(text, &m) // one per pattern
	return shared.(*calbell.Matcher), nil
}

// matches reports whether an instance meets all conditions of the rule.
func (r *rule) matches(i *calbell.Instance) bool { return r.misses(i) == "" }

// misses returns the condition of the rule that an instance does not meet; "" when it meets
// all.
func (r *rule) misses(i *calbell.Instance) string {
	length := i.End.Sub(i.Start)
	switch {
	case r.whole != nil && *r.whole != i.AllDay:
		return "all_day"
	case r.busy != nil && *r.busy != (i.Transparency != "TRANSPARENT"):
		return "busy"
	case r.least > 0 && length < r.least:
		return "min_duration"
	case r.most > 0 && length > r.most:
		return "max_duration"
	case !holds(r.subject, i.Summary):
		return "subject"
	case !holds(r.location, i.Location):
		return "location"
	case !holds(r.category, i.Categories...):
		return "category"
	case !holds(r.organizer, i.Organizer.Address, i.Organizer.Name):
		return "organizer"
	}
	return ""
}

// RuleTest is the result of applying a rule to an instance.
type RuleTest struct {
	Rule calbell.Rule
	// Misses is the key of the condition that failed; "" when all hold. The first rule without
	// one decides.
	Misses string
}

// TestRules applies each rule to an instance of the calendar.
func (p *Policy) TestRules(c calbell.Calendar, i *calbell.Instance) (tests []RuleTest) {
	for _, r := range p.rulesOf(p.accounts[c.Account]) {
		t := RuleTest{Rule: r.Rule}
		if ready, err := p.compileRule(r.Rule, nil); !p.concerns(r.Calendar, c) {
			t.Misses = "calendar"
		} else if err != nil {
			t.Misses = err.Error()
		} else {
			t.Misses = ready.misses(i)
		}
		tests = append(tests, t)
	}
	return tests
}

// holds reports whether one of the texts matches; a nil matcher matches anything.
func holds(m *calbell.Matcher, texts ...string) bool {
	return m == nil || slices.ContainsFunc(texts, m.Match)
}
