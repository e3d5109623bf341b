package calbell

import (
	"strings"
	"testing"
	"time"
)

// wantFields compares the fields that are found wrong.
func wantFields(t *testing.T, name string, wrong []FieldError, want ...string) {
	t.Helper()
	got := []string{}
	for _, f := range wrong {
		got = append(got, f.Name)
	}
	if len(got) != len(want) {
		t.Errorf("%s: %q, want %q", name, got, want)
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A rule says where reminders go, or that there are none; what contradicts itself is rejected.
func TestCheckRule(t *testing.T) {
	rule := func(change func(*Rule)) Rule {
		r := Rule{Name: "on call"}
		r.Webhooks = []string{"ops"}
		change(&r)
		return r
	}
	wantFields(t, "webhooks alone", CheckRule(rule(func(*Rule) {})))
	wantFields(t, "no webhooks", CheckRule(rule(func(r *Rule) { r.Webhooks = nil })), "webhooks")
	wantFields(t, "silent", CheckRule(rule(func(r *Rule) { r.Webhooks, r.Mode = nil, ModeOff })))
	wantFields(t, "many webhooks", CheckRule(rule(func(r *Rule) { r.Webhooks = make([]string, MaxRouted+1) })), "webhooks")
	wantFields(t, "no length fits", CheckRule(rule(func(r *Rule) { r.MinDuration, r.MaxDuration = time.Hour, time.Minute })), "max_duration")
	wantFields(t, "one length fits", CheckRule(rule(func(r *Rule) { r.MinDuration, r.MaxDuration = time.Hour, time.Hour })))
	wantFields(t, "nothing instead", CheckRule(rule(func(r *Rule) { r.Mode = ModeReplace })), "mode")
	wantFields(t, "all at once", CheckRule(Rule{MinDuration: 2, MaxDuration: 1, RuleSpec: RuleSpec{Mode: ModeReplace}}), "webhooks", "max_duration", "mode")
}

// An account signs in in one way, by all that this way needs.
func TestCheckSignIn(t *testing.T) {
	wantFields(t, "none", CheckSignIn(Account{URL: "https://a.example"}))
	wantFields(t, "password", CheckSignIn(Account{URL: "https://a.example", Username: "anna", Password: "x"}))
	wantFields(t, "token", CheckSignIn(Account{URL: "https://a.example", Token: "x"}))
	wantFields(t, "token and name", CheckSignIn(Account{URL: "https://a.example", Token: "x", Username: "anna"}), "token")
	wantFields(t, "token and password", CheckSignIn(Account{URL: "https://a.example", Token: "x", Password: "x"}), "token")
	wantFields(t, "no password", CheckSignIn(Account{URL: "https://a.example", Username: "anna"}), "password")
	wantFields(t, "no name", CheckSignIn(Account{URL: "https://a.example", Password: "x"}), "username")
	wantFields(t, "mail address as name", CheckSignIn(Account{URL: "anna@a.example", Password: "x"}))
	wantFields(t, "local file", CheckSignIn(Account{URL: "file:///a.ics", Token: "x"}), "url")
	wantFields(t, "key alone", CheckSignIn(Account{ClientKey: "a.key"}), "client_key")
	wantFields(t, "key alone as text", CheckSignIn(Account{ClientKeyPEM: "x"}), "client_key_pem")
}

// A name is one line of a bounded length with a letter or digit.
func TestCheckName(t *testing.T) {
	for _, name := range []string{"ops", "7", "kChat #team", "日本", " a ", strings.Repeat("x", MaxNameBytes)} {
		wantFields(t, name, CheckName(name))
	}
	for _, name := range []string{"", " ", "#!", "one\ntwo", "bell\x07", strings.Repeat("x", MaxNameBytes+1), strings.Repeat("é", MaxNameBytes/2+1)} {
		wrong := CheckName(name)
		wantFields(t, name, wrong, "name")
		if len(wrong) == 1 && len(wrong[0].What.English) > 80 {
			t.Errorf("the name is repeated: %s", wrong[0].What)
		}
	}
}
