package web

import (
	"time"

	"calbell"
)

// state is a chip that tells how things are: a word, a sign and a colour.
type state struct {
	Class, Sign, Text string
	Path              string // where it is mended; "": nowhere
}

// failingWebhook says whether a webhook, by its state, does not take what it should.
func failingWebhook(w calbell.WebhookRow) bool { return w.State == "refused" || w.State == "suspended" }

// Failing is how many webhooks and calendars do not do what they should.
func (v *view) Failing() int {
	webhooks, calendars := v.failing()
	return webhooks + calendars
}

func (v *view) failing() (webhooks, calendars int) {
	for _, w := range v.Status.Webhooks {
		if failingWebhook(w) {
			webhooks++
		}
	}
	for _, c := range v.Status.Calendars {
		if !c.FailingSince.IsZero() {
			calendars++
		}
	}
	return webhooks, calendars + len(v.Status.ListTroubles)
}

// States are the chips of the header: what fails or, when nothing does, how fresh all is.
func (v *view) States() []state {
	webhooks, calendars := v.failing()
	var list []state
	if webhooks > 0 {
		list = append(list, state{"bad", "▲", v.N("status.webhooks", webhooks), "/webhooks"})
	}
	if calendars > 0 {
		list = append(list, state{"bad", "▲", v.N("status.failing", calendars), "/calendars"})
	}
	if len(list) > 0 {
		return list
	}
	if len(v.Status.Syncing) > 0 {
		return []state{{"", "↻", v.T("status.syncing"), ""}}
	}
	var oldest time.Time
	for _, c := range v.Status.Calendars {
		if oldest.IsZero() || c.SyncedAt.Before(oldest) {
			oldest = c.SyncedAt
		}
	}
	if oldest.IsZero() { // none, or not all were synced yet
		return nil
	}
	return []state{{"ok", "●", v.T("status.synced", v.From(oldest, v.Now)), ""}}
}

// PauseText says in words what is paused.
func (v *view) PauseText(p calbell.PauseRow) string {
	until := v.Moment(p.Until.In(v.Zone), v.Now)
	switch {
	case p.Webhook != "":
		return v.T("pause.webhook", until, p.WebhookName)
	case p.Calendar != "":
		return v.T("pause.calendar", until, p.CalendarName)
	}
	return v.T("pause.everything", until)
}
