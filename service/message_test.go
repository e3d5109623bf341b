package service_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
	"calbell/store"
)

// The message of a delivery is that of its event as it is now; when the event is gone it is what was
// planned, and without a webhook, or of a test, there is none. Its body is for the webhook's owner.
func TestMessageOfADelivery(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob, carol := w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	w.Webhook("Carol", "shared", true)
	c := w.Account("Bob", "work", "Own")
	_, err := w.Calendars.Set(ctx, bob, "Own", "", types.CalendarEdit{Webhook: "shared"})
	w.OK(err)
	w.Event(c, "Meeting", now.Add(10*time.Minute), "")
	ids := w.Finish(now.Add(time.Second), calbell.StatusDead)
	if len(ids) != 1 {
		t.Fatalf("ended are %q", ids)
	}
	m, err := w.Deliveries.Message(ctx, bob, ids[0], now)
	if err != nil || !strings.Contains(m.Text, "Meeting") || m.Length == 0 || m.Cut == 0 || m.Body != "" || m.ContentType != "" {
		t.Errorf("through another's webhook: %+v, %v", m, err)
	}
	if m, err := w.Deliveries.Message(ctx, calbell.LocalAdmin(), ids[0], now); err != nil || !strings.Contains(m.Body, "Meeting") || m.ContentType == "" {
		t.Errorf("over the socket: %+v, %v", m, err)
	}
	_, err = w.Deliveries.Message(ctx, carol, ids[0], now)
	says(t, err, "no delivery")
	w.OK(w.Store.Apply(ctx, store.Change{Calendar: c, Delete: []calbell.Href{"/meeting.ics"}}, now))
	if m, err := w.Deliveries.Message(ctx, bob, ids[0], now); err != nil || !strings.Contains(m.Text, "Meeting") {
		t.Errorf("without its event: %+v, %v", m, err)
	}
	tested, err := w.Webhooks.Test(ctx, bob, "shared", types.Sample{})
	w.OK(err)
	_, err = w.Deliveries.Message(ctx, bob, tested.Delivery, now)
	says(t, err, "it was a test")
	w.OK(w.Store.Webhooks().Remove(ctx, "carol.shared"))
	_, err = w.Deliveries.Message(ctx, bob, ids[0], now)
	says(t, err, "no webhook any more")
}

// When many expire at once listeners are told of a gap, since they are not told of each.
func TestGapWhenManyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		l, err := w.Feed.Listen(t.Context(), calbell.LocalAdmin())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		heard, ended := hear(t.Context(), l)
		w.Watcher().Expired(map[calbell.WebhookID]int{"team": 1000})
		time.Sleep(time.Minute) // the next beat tells
		synctest.Wait()
		if got := heard(); !slices.Contains(got, "gap") {
			t.Errorf("heard %q", got)
		}
		select {
		case err := <-ended:
			t.Errorf("the stream ended: %v", err)
		default:
		}
	})
}

// What a change of objects or an extended layout says of them is counted, and of a calendar that is
// gone nothing is remembered.
func TestCountsFollowTheStore(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	c := w.Account("Bob", "work", "Own")
	count := func(want types.ProblemCount) {
		t.Helper()
		if row, err := w.Calendars.Get(ctx, bob, string(c.ID)); err != nil || row.Problems != want {
			t.Errorf("problems %+v, %v, want %+v", row.Problems, err, want)
		}
	}
	bad := servicetest.Object(c, "Broken", now.Add(time.Hour), "")
	bad.Raw = []byte(strings.Replace(string(bad.Raw), "DTSTART:", "DTSTART:X", 1))
	count(types.ProblemCount{})
	w.Put(c, bad)
	count(types.ProblemCount{Bad: 1})
	w.Watcher().Extended([]store.Planned{{Object: bad}}) // which says nothing is wrong: it is looked at anew
	count(types.ProblemCount{Bad: 1})
	w.Put(c, servicetest.Object(c, "Broken", now.Add(time.Hour), ""))
	count(types.ProblemCount{})
	w.Put(c, bad)
	w.OK(w.Store.RemoveCalendar(ctx, c.ID, now))
	again := w.Calendar(c.Account, "Own")
	if again.ID != c.ID {
		t.Fatalf("another calendar %s", again.ID)
	}
	count(types.ProblemCount{})
}

// The page offers what messages know: variables, languages, the default text of each kind, and how
// often something repeats.
func TestWhatMessagesKnow(t *testing.T) {
	for _, want := range []string{"subject", "date", "location"} {
		if !slices.Contains(service.Variables(), want) {
			t.Errorf("no variable %q among %q", want, service.Variables())
		}
	}
	for _, want := range []string{"en", "de", "fr", "it"} {
		if !slices.Contains(service.Locales(), want) {
			t.Errorf("no language %q among %q", want, service.Locales())
		}
	}
	if !slices.Contains(service.TimeZones(), "Europe/Zurich") {
		t.Error("no zone Europe/Zurich")
	}
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
		if text := service.DefaultTemplate(kind); !strings.Contains(text, "%subject%") {
			t.Errorf("%s: %q", kind, text)
		}
	}
	if text := service.Recurrence("FREQ=DAILY", "en"); text == "" || text == service.Recurrence("FREQ=DAILY", "de") || service.Recurrence("", "en") != "" {
		t.Errorf("daily is %q", text)
	}
}
