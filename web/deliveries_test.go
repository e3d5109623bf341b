package web

import (
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/i18n"
	"calbell/web/words"
)

// A message of Calbell's own says what it tells, in every language, also without a subject.
func TestNoticesInWords(t *testing.T) {
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, lang := range i18n.Languages() {
		v := viewOf(words.Reader{Words: catalogue.In(lang), Now: now, Zone: time.UTC})
		for _, kind := range []calbell.NoticeKind{
			calbell.NoticeMissed, calbell.NoticeSuspended, calbell.NoticeRestored, calbell.NoticeFailing, calbell.NoticeRecovered, calbell.NoticeTrouble,
			calbell.NoticeAgenda, calbell.NoticeMoved, calbell.NoticeCancelled, calbell.NoticeTest,
		} {
			row := types.DeliveryRow{Status: calbell.StatusSent, Due: now, Notice: kind}
			if l := as[deliveryPages](v).line(row); !v.Has("notice."+string(kind)) || l.Title != l.Kind || l.Kind == "" {
				t.Errorf("%s in %s: %q, %q", kind, lang, l.Title, l.Kind)
			}
			row.Subject = "Team"
			if l := as[deliveryPages](v).line(row); l.Title != "Team" || l.Kind == "" {
				t.Errorf("%s in %s, with a subject: %q, %q", kind, lang, l.Title, l.Kind)
			}
		}
		if l := as[deliveryPages](v).line(types.DeliveryRow{Status: calbell.StatusPlanned, Due: now}); l.Title != v.T("no-title") || l.Kind != "" {
			t.Errorf("a reminder without a title in %s: %q, %q", lang, l.Title, l.Kind)
		}
	}
}

// What there is to say of a delivery that waits: when it is tried next, and how it went so far.
func TestWaitingInWords(t *testing.T) {
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	past, next := now.Add(-time.Hour), now.Add(30*time.Second)
	v := viewOf(words.Reader{Words: catalogue.In("en"), Now: now, Zone: time.UTC})
	for want, row := range map[string]types.DeliveryRow{
		"Next try: Today 09:00:30. One try so far: answered 503": {Status: calbell.StatusWaiting, NextAt: &next, Attempts: 1, Error: calbell.Plain("answered 503")},
		"Next try: Today 09:00:30. 4 tries so far: answered 503": {Status: calbell.StatusWaiting, NextAt: &next, Attempts: 4, Error: calbell.Plain("answered 503")},
		"Next try: soon. 2 tries so far: answered 404 Not Found": {Status: calbell.StatusHeld, NextAt: &past, Attempts: 2, Error: calbell.Plain("answered 404 Not Found")},
		"Next try: soon.": {Status: calbell.StatusHeld, NextAt: &past},
	} {
		if got := as[deliveryPages](v).line(row).Detail; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
