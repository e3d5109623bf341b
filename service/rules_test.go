package service_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// What a rule must have, and what excludes each other.
func TestAddRule(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	w.Webhook("Anna", "hers", false)
	good := types.NewRule{Name: "r", RuleSpec: calbell.RuleSpec{Webhooks: []string{"mine"}}}
	for _, tt := range []struct {
		field  string // "": it is stored
		change func(*types.NewRule)
	}{
		{"", func(*types.NewRule) {}},
		{"", func(n *types.NewRule) { n.Subject, n.MinDuration, n.MaxDuration = "/^(a|b)$/", "30m", "1d" }},
		{"", func(n *types.NewRule) { n.Mode, n.Webhooks = calbell.ModeOff, nil }},
		{"name", func(n *types.NewRule) { n.Name = "#" }},
		{"webhooks", func(n *types.NewRule) { n.Webhooks = nil }},
		{"webhooks", func(n *types.NewRule) { n.Webhooks = slices.Repeat([]string{"mine"}, calbell.MaxRouted+1) }},
		{"webhooks[1]", func(n *types.NewRule) { n.Webhooks = []string{"mine", "hers"} }},
		{"subject", func(n *types.NewRule) { n.Subject = "/(/" }},
		{"organizer", func(n *types.NewRule) { n.Organizer = "/[/" }},
		{"min_duration", func(n *types.NewRule) { n.MinDuration = "long" }},
		{"max_duration", func(n *types.NewRule) { n.MinDuration, n.MaxDuration = "2h", "1h" }},
		{"mode", func(n *types.NewRule) { n.Mode = calbell.ModeReplace }},
		{"mode", func(n *types.NewRule) { n.Mode = "sometimes" }},
	} {
		n := good
		tt.change(&n)
		row, err := w.Rules.Add(ctx, bob, n)
		field := ""
		if fields := calbell.FieldsOf(err); len(fields) > 0 {
			field = fields[0].Name
		}
		if field != tt.field || (err == nil) != (tt.field == "") {
			t.Errorf("%+v: %v, want an error of %q", n, err, tt.field)
		}
		if err == nil && len(n.Webhooks) > 0 && row.Webhooks[0] != "bob.mine" {
			t.Errorf("it sends to %q: names change", row.Webhooks)
		}
	}
}

// Rules are asked in their order: the file's first, then by position; a new one comes last. Each sees
// their own.
func TestOrderOfRules(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	w.Program.FileRules = []calbell.Rule{{Name: "of the file"}}
	anna, bob := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	event := w.Event(w.Account("Bob", "work", "Own"), "Meeting", now.Add(24*time.Hour), "")
	for n, name := range []string{"first", "second", "third"} {
		in := types.NewRule{Name: name, RuleSpec: calbell.RuleSpec{Webhooks: []string{"mine"}}}
		if name == "first" {
			in.Subject = "nothing of the kind"
		}
		if row, err := w.Rules.Add(ctx, bob, in); err != nil || row.Position != n {
			t.Fatalf("%+v, %v", row, err)
		}
	}
	names := func(who calbell.Caller) (list []string) {
		rows, err := w.Rules.List(ctx, who)
		w.OK(err)
		for _, r := range rows {
			list = append(list, r.Name)
		}
		return list
	}
	if got := names(bob); !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("Bob has %q", got)
	}
	if got := names(anna); !slices.Equal(got, []string{"of the file"}) {
		t.Errorf("the admin sees %q", got)
	}
	test := func() (text string) {
		rows, err := w.Rules.Test(ctx, bob, event, now)
		w.OK(err)
		for _, r := range rows {
			text += fmt.Sprintf("%s %v %v;", r.Name, r.Matches, r.Decides)
		}
		return text
	}
	if got := test(); got != "first false false;second true true;third true false;" {
		t.Errorf("decided by %s", got)
	}
	n, tag, err := w.Rules.Request(ctx, bob, "third")
	w.OK(err)
	n.Position = -1
	_, err = w.Rules.Set(ctx, bob, "third", tag, n)
	w.OK(err)
	if got := test(); got != "third true true;first false false;second true false;" {
		t.Errorf("decided by %s", got)
	}
	refused(t, w.Rules.Remove(ctx, calbell.LocalAdmin(), "of the file", ""), "in the configuration file")
	_, err = w.Rules.Add(ctx, bob, types.NewRule{Name: "second", RuleSpec: calbell.RuleSpec{Webhooks: []string{"mine"}}})
	w.OK(err)
	refused(t, w.Rules.Remove(ctx, bob, "second", ""), "2 rules are called")
}
