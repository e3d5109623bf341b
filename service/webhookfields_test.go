package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// broken returns definitions of which one field cannot be used, by that field.
func broken() map[string]func(*types.NewWebhook) {
	return map[string]func(*types.NewWebhook){
		"name":            func(n *types.NewWebhook) { n.Name = strings.Repeat("x", calbell.MaxNameBytes+1) },
		"url":             func(n *types.NewWebhook) { n.URL = "http://chat.example.org" },
		"success":         func(n *types.NewWebhook) { n.Success = "maybe" },
		"template":        func(n *types.NewWebhook) { n.Template = "one\n  %subjcet%" },
		"channel":         func(n *types.NewWebhook) { n.Channel = "town square" },
		"username":        func(n *types.NewWebhook) { n.Username = strings.Repeat("x", 1001) },
		"icon_url":        func(n *types.NewWebhook) { n.IconURL = "javascript:alert(1)" },
		"attachments":     func(n *types.NewWebhook) { n.Attachments = "text" },
		"payload":         func(n *types.NewWebhook) { n.Payload = map[string]any{"text": "x"} },
		"style":           func(n *types.NewWebhook) { n.Style = "loud" },
		"max_length":      func(n *types.NewWebhook) { n.MaxLength = 1 },
		"locale":          func(n *types.NewWebhook) { n.Locale = "xx" },
		"time_zone":       func(n *types.NewWebhook) { n.TimeZone = "Mars" },
		"rate_per_second": func(n *types.NewWebhook) { n.RatePerSecond = new(-1.0) },
		"missed":          func(n *types.NewWebhook) { n.Missed = "later" },
	}
}

// A webhook that could not be used is rejected at the field that is wrong, as a new one and as a change
// of one alike. A preview only warns of it.
func TestBrokenWebhooksAreRejected(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	_, err := w.Webhooks.Add(ctx, bob, asked("good"))
	w.OK(err)
	good, tag, err := w.Webhooks.Request(ctx, bob, "good")
	w.OK(err)
	for field, change := range broken() {
		fresh, edit := asked("new"), good
		change(&fresh)
		change(&edit)
		_, added := w.Webhooks.Add(ctx, bob, fresh)
		_, set := w.Webhooks.Set(ctx, bob, "good", tag, edit)
		for what, err := range map[string]error{"add": added, "change": set} {
			if fields := fieldsOf(err); calbell.KindOf(err) != calbell.KindUsage || !slices.Equal(fields, []string{field}) {
				t.Errorf("%s with another %s: %v, wrong are %q", what, field, err, fields)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("%s with another %s: the problem is %d bytes long", what, field, len(err.Error()))
			}
		}
		p, err := w.Webhooks.Preview(ctx, bob, types.PreviewRequest{Webhook: types.WebhookDraft{NewWebhook: fresh, Name: fresh.Name, URL: fresh.URL}}, time.Now())
		if err != nil || len(p.Warnings) != 1 || p.Warnings[0].Name != field {
			t.Errorf("preview with another %s: %+v, %v", field, p.Warnings, err)
		}
	}
	if rows, err := w.Webhooks.List(ctx, bob); err != nil || len(rows) != 1 || rows[0].ETag != tag {
		t.Errorf("stored are %+v, %v", rows, err)
	}
}

// fieldsOf returns the names of the fields that an error is about.
func fieldsOf(err error) (names []string) {
	for _, f := range calbell.FieldsOf(err) {
		names = append(names, f.Name)
	}
	return names
}

// A name is one line of at most 200 bytes with a letter or digit, whatever it names. The problem does not
// repeat a name that may be as long as a request.
func TestNamesAreBounded(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob, root := w.User("Bob", calbell.RoleMember), calbell.LocalAdmin()
	for what, add := range map[string]func(name string) error{
		"webhook": func(name string) error {
			n := asked("x")
			n.Name = name
			return second(w.Webhooks.Add(ctx, bob, n))
		},
		"rule": func(name string) error {
			return second(w.Rules.Add(ctx, bob, types.NewRule{Name: name, RuleSpec: calbell.RuleSpec{Mode: calbell.ModeOff}}))
		},
		"account": func(name string) error {
			return second(w.Accounts.Add(ctx, bob, types.NewAccount{Name: name, URL: "https://cal.example.org", Username: "bob", Password: "x"}))
		},
		"user": func(name string) error {
			return second(w.People.Add(ctx, root, types.NewUser{Name: name, CalDAV: true, Role: calbell.RoleMember}, now))
		},
	} {
		for name, reason := range map[string]string{
			strings.Repeat("x", calbell.MaxNameBytes):     "",
			strings.Repeat("y", calbell.MaxNameBytes+1):   "longer than 200 bytes",
			strings.Repeat("é", calbell.MaxNameBytes/2+1): "longer than 200 bytes",
			strings.Repeat("z", 100<<10):                  "longer than 200 bytes",
			"two\nlines":                                  "line break",
			"a bell \x07":                                 "control character",
			"":                                            "letter or a digit",
			strings.Repeat("#", 100<<10):                  "letter or a digit",
			"ünïcode " + strings.Repeat("#", calbell.MaxNameBytes): "longer than 200 bytes",
		} {
			err := add(name)
			if reason == "" {
				w.OK(err)
				continue
			}
			if err == nil || !slices.Contains(fieldsOf(err), "name") || !strings.Contains(err.Error(), reason) || len(fmt.Sprint(err, calbell.FieldsOf(err))) > 1000 {
				t.Errorf("%s called %.20q: %.300v", what, name, err)
			}
		}
	}
}

// second returns the error of a call.
func second[T any](_ T, err error) error { return err }

// What an account is given is bounded, field by field, whoever asks: the schema of the API does not stand
// before the page.
func TestFieldsOfAnAccountAreBounded(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	for _, tt := range []struct {
		field string
		most  int
		set   func(n *types.NewAccount, text string)
	}{
		{"username", 200, func(n *types.NewAccount, text string) { n.Username = text }},
		{"password", 1024, func(n *types.NewAccount, text string) { n.Password = text }},
		{"token", 4096, func(n *types.NewAccount, text string) { n.Username, n.Password, n.Token = "", "", text }},
		{"url", 4096, func(n *types.NewAccount, text string) { n.URL = ("https://cal.example.org/" + text)[:len(text)] }},
		{"addresses", 4000, func(n *types.NewAccount, text string) { n.Addresses = []string{text} }},
		{"ca_pem", 64 << 10, func(n *types.NewAccount, text string) { n.CAPEM = text }},
		{"client_certificate_pem", 64 << 10, func(n *types.NewAccount, text string) { n.ClientCertificatePEM, n.ClientKeyPEM = text, "key" }},
		{"client_key_pem", 16 << 10, func(n *types.NewAccount, text string) { n.ClientCertificatePEM, n.ClientKeyPEM = "cert", text }},
	} {
		for over, want := range []string{"ok", "usage"} {
			n := types.NewAccount{Name: "work " + tt.field, URL: "https://cal.example.org", Username: "bob", Password: "x"}
			tt.set(&n, strings.Repeat("x", tt.most+over))
			_, err := w.Accounts.Add(ctx, bob, n)
			if outcome(err) != want || over > 0 && (!slices.Equal(fieldsOf(err), []string{tt.field}) || len(err.Error()) > 200) {
				t.Errorf("%d bytes more of %s than it takes: %.300v, want %s", over, tt.field, err, want)
			}
		}
	}
}
