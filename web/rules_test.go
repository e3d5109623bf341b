package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/api/types"
)

// ruleOf is what is stored of a rule with a name.
func (h *house) ruleOf(name string) calbell.StoredRule {
	h.t.Helper()
	all, err := h.Store.Rules().All(h.t.Context())
	h.OK(err)
	i := slices.IndexFunc(all, func(r calbell.StoredRule) bool { return r.Name == name })
	if i < 0 {
		return calbell.StoredRule{}
	}
	return all[i]
}

// What a new rule's form holds is what is stored; the list says it in words, and its page holds it again.
func TestNewRule(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	typed := []string{
		"name", "Night <b>", "position", "-3", "calendar", "Private", "subject", "stand", "location", "Room", "category", "Work", "organizer", "eve@example.org",
		"min_duration", "30m", "max_duration", "2h", "busy", "yes", "all_day", "no", "webhooks", "bob.mine", "mode", "add", "remind", "15m", "remind_all_day", "1d@18:00",
	}
	bob.submits(bob.get("/rules/_new"), "/rules/_new", typed...).leads("/rules?done=rule-saved")
	got := h.ruleOf("Night <b>")
	if got.Owner != "Bob" || got.Position != -3 || got.Calendar != "Private" || got.Subject != "stand" || got.Location != "Room" || got.Category != "Work" ||
		got.Organizer != "eve@example.org" || got.Mode != calbell.ModeAdd || !slices.Equal(got.Webhooks, []string{"bob.mine"}) {
		t.Errorf("stored is %+v", got)
	}
	if got.Busy == nil || !*got.Busy || got.AllDay == nil || *got.AllDay || len(got.Remind) != 1 || len(got.RemindAllDay) != 1 || got.MinDuration.Minutes() != 30 || got.MaxDuration.Hours() != 2 {
		t.Errorf("stored is %+v", got.RuleSpec)
	}
	list := bob.get("/rules").holds("Night &lt;b&gt;", "15 min before", "The day before at 18:00", "At least so long: 30 min,", "At most so long: 2 h", "bobs rule")
	if strings.Index(list.text, "bobs rule") < strings.Index(list.text, "Night") {
		t.Error("the rule with the lowest number is not the first")
	}
	path := "/rules/" + string(got.ID)
	bob.get(path).keeps(path, typed...)
	bob.does(bob.get(path), path)
	if again := h.ruleOf("Night <b>"); again.MinDuration != got.MinDuration || !slices.Equal(again.Remind, got.Remind) || again.Position != -3 {
		t.Errorf("saved as it is: %+v, before %+v", again, got)
	}
	bob.ask("POST", path+"/remove", bob.get(path).form(path)).leads("/rules?done=rule-removed")
	bob.ask("GET", path, nil).is(http.StatusNotFound)
}

// Each field that cannot be is told at that field, and nothing that was typed is lost.
func TestRuleFieldsThatAreWrong(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	for _, c := range []struct{ field, value, told string }{
		{"name", "", "name"},
		{"position", "first", "must be a number"},
		{"min_duration", "abc <b>", "“abc <b>”"},
		{"max_duration", "-1h", "-1h"},
		{"subject", "/(/", "regular expression"},
		{"location", "/[/", "regular expression"},
		{"webhooks", "bob.none", "bob.none"},
		{"remind", "soon", "“soon”"},
	} {
		a := bob.submits(bob.get("/rules/_new"), "/rules/_new", "name", "new", "webhooks", "bob.mine", "remind_all_day", "1d@18:00", c.field, c.value)
		a.what += " with the " + c.field + " " + c.value
		at := c.field
		if at == "remind" {
			at = "remind_own" // the last control of its row
		}
		a.refuses(http.StatusUnprocessableEntity, at, c.told).keeps("/rules/_new", "remind_all_day", "1d@18:00")
		if c.field != "position" && c.value != "" {
			a.keeps("/rules/_new", c.field, c.value)
		}
	}
	if all, _ := h.Store.Rules().All(t.Context()); len(all) != 1 {
		t.Errorf("%d rules are stored, want Bob's one", len(all))
	}
}

// "Try" says of an event which rule decides, which fit and which do not, and why not.
func TestRulesAreTried(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	bob.submits(bob.get("/rules/_new"), "/rules/_new", "name", "fits", "subject", "secret", "webhooks", "bob.mine", "remind", "15m").is(http.StatusSeeOther)
	bob.submits(bob.get("/rules/_new"), "/rules/_new", "name", "fits too", "position", "9", "webhooks", "bob.mine", "remind", "5m").is(http.StatusSeeOther)
	page := bob.get("/rules")
	page.keeps("/rules", "event", h.event)
	tried := bob.submits(page, "/rules").is(http.StatusOK).holds(`role="status"`)
	for name, says := range map[string]string{"fits": "decides", "fits too": "fits", "bobs rule": "does not fit"} {
		if _, after, _ := strings.Cut(tried.text, `role="status"`); !strings.Contains(before(after, "<b>"+name+"</b>"), says) {
			t.Errorf("of the rule %q: not that it %q\n%s", name, says, tried.main())
		}
	}
	bob.ask("POST", "/rules", values("event", "no-such")).is(http.StatusNotFound)
}

// before is the entry of a list that ends with some words.
func before(page, words string) string {
	head, _, _ := strings.Cut(page, words)
	return head[strings.LastIndex(head, "<li>")+1:]
}

// A rule keeps what it names and the lists do not have: a calendar by another name, and a webhook that is
// its owner's no more to choose.
func TestRuleKeepsWhatListsDoNotHave(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	path := "/rules/" + h.rule
	n, tag, err := h.Rules.Request(t.Context(), h.callers["Bob"], h.rule)
	h.OK(err)
	n.Calendar = "private"
	_, err = h.Rules.Set(t.Context(), h.callers["Bob"], h.rule, tag, n)
	h.OK(err)
	bob.does(bob.get(path).keeps(path, "calendar", "private"), path)
	if got := h.ruleOf("bobs rule"); got.Calendar != "private" || !slices.Equal(got.Webhooks, []string{"bob.mine"}) {
		t.Errorf("stored is %+v", got)
	}
}

// Rules of the configuration's file are listed for everybody whom they are for, say where they come from, and
// have no form.
func TestRulesOfTheFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Webhook("", "team", false)
	h.Program.FileRules = []calbell.Rule{{Name: "of the file <b>", RuleSpec: calbell.RuleSpec{Webhooks: []string{"team"}, Mode: calbell.ModeOff}}}
	_, err := h.Upkeep.Reload(t.Context(), h.callers["Anna"])
	h.OK(err)
	h.as("Anna").get("/rules").holds("of the file &lt;b&gt;", "configuration file", "every event", "team").lacks("/rules/of")
	h.as("Carol").get("/rules").lacks("of the file")
	_, err = h.Rules.Add(t.Context(), h.callers["Anna"], types.NewRule{Name: "of Anna", RuleSpec: calbell.RuleSpec{Webhooks: []string{"team"}}})
	h.OK(err)
	h.as("Anna").get("/rules").holds("of Anna")
}
