package service_test

import (
	"reflect"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/internal/filltest"
	"calbell/service/servicetest"
)

// Every field that people define of a rule or an account is stored, and asked for again by what would
// make it as it is.
func TestNoFieldOfARuleOrAccountIsLost(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	hook := w.Webhook("Bob", "mine", false)
	leads := []calbell.Lead{{Exact: 15 * time.Minute}}

	var rule calbell.RuleSpec
	filltest.Fill(&rule)
	rule.Webhooks, rule.Mode, rule.Remind, rule.RemindAllDay = []string{string(hook)}, calbell.ModeAdd, leads, leads
	_, err := w.Rules.Add(ctx, bob, types.NewRule{Name: "r", RuleSpec: rule})
	w.OK(err)
	rules, _, err := w.Rules.Request(ctx, bob, "r")
	w.OK(err)
	if !reflect.DeepEqual(rules.RuleSpec, rule) {
		t.Errorf("asked  %+v\nagain  %+v", rule, rules.RuleSpec)
	}

	var account calbell.AccountSpec
	filltest.Fill(&account)
	account.TimeZone, account.Addresses = "Europe/Zurich", []string{"bob@example.org"}
	asked := types.NewAccount{
		Name: "work", URL: "https://cal.example.org", Username: "bob", Password: "secret", ClientKeyPEM: "key", AccountSpec: account,
		Default: calbell.Default{Webhook: string(hook), Remind: leads, RemindAllDay: leads, Mode: calbell.ModeAdd},
	}
	_, err = w.Accounts.Add(ctx, bob, asked)
	w.OK(err)
	again, _, err := w.Accounts.Request(ctx, bob, "work")
	w.OK(err)
	if !reflect.DeepEqual(again.AccountSpec, account) || !reflect.DeepEqual(again.Default, asked.Default) {
		t.Errorf("asked  %+v, %+v\nagain  %+v, %+v", account, asked.Default, again.AccountSpec, again.Default)
	}
}
