package templates

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook/dialect"
)

// Each field of the envelope is rendered as a template and posted under its name, in reminders and in
// notices.
func TestNoFieldOfTheEnvelopeIsLost(t *testing.T) {
	w := calbell.Webhook{Name: "Team", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	fields := reflect.ValueOf(&w.Envelope).Elem()
	for i := range fields.NumField() {
		fields.Field(i).SetString("https://example.org/%subject%/" + fields.Type().Field(i).Name)
	}
	hook, err := CompileHook(w)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	for name, d := range map[string]Data{
		"reminder": {Now: now, Due: now, Instance: &calbell.Instance{Summary: "talk", Start: now, End: now}},
		"notice":   {Now: now, Due: now, Notice: &calbell.Notice{Kind: calbell.NoticeRestored, Subject: "talk", Since: now}},
	} {
		body, _, err := dialect.Encode(w, hook.Render(d))
		var posted map[string]any
		if err != nil || json.Unmarshal(body, &posted) != nil {
			t.Fatalf("%s: %s, %v", name, body, err)
		}
		for i := range fields.NumField() {
			f := fields.Type().Field(i)
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if want := "https://example.org/talk/" + f.Name; posted[key] != want {
				t.Errorf("%s: %s is posted as %v, want %q", name, key, posted[key], want)
			}
		}
	}
}
