package authz

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/store/bolt"
	"calbell/store/record"
)

// t0 is when Bob was made.
var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// looking is what Bob sees: he has a calendar and a webhook, Carol has both, she shares a webhook, and so
// do the admins. He was made at t0.
func looking(who calbell.Caller) *Visibility {
	hook := func(owner string, share bool) calbell.Webhook {
		return calbell.Webhook{Owner: owner, WebhookSpec: calbell.WebhookSpec{Share: share}}
	}
	v := &Visibility{
		who: who, since: t0, looked: looked{map[calbell.CalendarID]bool{"gone": true}, map[calbell.WebhookID]bool{"gone": true, "": true}}, calendars: map[calbell.CalendarID]bool{"bobs": false, "carols": false},
		webhooks: map[calbell.WebhookID]calbell.Webhook{
			"bob.mine": hook("Bob", false), "carol.hers": hook("Carol", false), "carol.shared": hook("Carol", true), "team": hook("", false), "open": hook("", true),
		},
	}
	v.calendars["bobs"] = SamePerson(who.Name, "Bob") || who.Local
	v.calendars["carols"] = who.Local
	return v
}

// A delivery is seen by whoever sees a calendar that it comes from; without any, and as a notice, by the
// owner of its webhook; a test also by who made it. Nobody sees what an earlier user of their name had.
func TestHides(t *testing.T) {
	bob, anna, local := calbell.Caller{Name: "Bob"}, calbell.Caller{Name: "Anna", Admin: true}, calbell.LocalAdmin()
	from := func(calendars ...calbell.CalendarID) (sources []calbell.Source) {
		for _, c := range calendars {
			sources = append(sources, calbell.Source{Calendar: c})
		}
		return sources
	}
	after := t0.Add(time.Hour)
	for _, tt := range []struct {
		name            string
		webhook         calbell.WebhookID
		sources         []calbell.Source
		notice          *calbell.Notice
		finished        time.Time // zero: it has not ended
		bob, anna, soak bool      // who sees it; soak: over the socket
	}{
		{"his own", "bob.mine", from("bobs"), nil, after, true, false, true},
		{"his own, through another's", "carol.shared", from("bobs"), nil, after, true, false, true},
		{"another's, through a shared one", "open", from("carols"), nil, after, false, false, true},
		{"another's, through his own", "bob.mine", from("carols"), nil, after, false, false, true},
		{"of two", "carol.shared", from("carols", "bobs"), nil, after, true, false, true},
		{"of a calendar that is gone", "bob.mine", from("gone"), nil, after, true, false, true},
		{"of a calendar that is gone, planned", "bob.mine", from("gone"), nil, time.Time{}, true, false, true},
		{"before he was made", "bob.mine", from("gone"), nil, t0.Add(-time.Hour), false, false, true},
		{"his own, before he was made", "bob.mine", from("bobs"), nil, t0.Add(-time.Hour), true, false, true},
		{"of a gone calendar, to the admins'", "team", from("gone"), nil, after, false, true, true},
		{"of a gone calendar, to the admins' that all use", "open", from("gone"), nil, after, false, false, true},
		{"to a webhook that is gone", "gone", from("gone"), nil, after, false, false, true},
		{"to no webhook", "", from("gone"), nil, after, false, true, true},
		{"a notice of his webhook", "bob.mine", nil, &calbell.Notice{}, after, true, false, true},
		{"a notice of a shared one", "carol.shared", nil, &calbell.Notice{}, after, false, false, true},
		{"a notice of the admins'", "open", nil, &calbell.Notice{}, after, false, true, true},
		{"his test of a shared one", "carol.shared", nil, &calbell.Notice{Kind: calbell.NoticeTest, By: "bob"}, after, true, false, true},
		{"a test before he was made", "carol.shared", nil, &calbell.Notice{Kind: calbell.NoticeTest, By: "Bob"}, t0.Add(-time.Hour), false, false, true},
	} {
		d := calbell.Delivery{Reminder: calbell.Reminder{Webhook: tt.webhook, Sources: tt.sources, Notice: tt.notice}, Status: calbell.StatusPlanned}
		if !tt.finished.IsZero() {
			d.Status, d.FinishedAt = calbell.StatusSent, tt.finished
		}
		for _, c := range []struct {
			who  calbell.Caller
			sees bool
		}{{bob, tt.bob}, {anna, tt.anna}, {local, tt.soak}} {
			v := looking(c.who)
			if got := !v.Hides(d); got != c.sees {
				t.Errorf("%s: %s sees it: %v", tt.name, c.who.Name, got)
			}
			if got, err := v.Visible(t.Context(), d, d); (len(got) == 2) != c.sees || err != nil {
				t.Errorf("%s: %s sees %d of a list (%v)", tt.name, c.who.Name, len(got), err)
			}
		}
	}
}

// Of a meeting in several calendars each sees their own source. Of a shared webhook's answers only its
// owner reads the words, which may hold its address; a reason with a key keeps it.
func TestRedacted(t *testing.T) {
	d := calbell.Delivery{
		Reminder: calbell.Reminder{Webhook: "carol.shared", Sources: []calbell.Source{{Calendar: "bobs"}, {Calendar: "carols"}}},
		Reason:   calbell.Plain("given up: no hook at https://chat.example.org/x"),
		Tries: []calbell.Try{
			{Verdict: calbell.NotSent, Error: calbell.Plain("dial chat.example.org")},
			{Verdict: calbell.HookRefused, Answer: "no hook at https://chat.example.org/x"},
		},
	}
	for _, tt := range []struct {
		who     calbell.Caller
		sources int
		words   bool
	}{
		{calbell.Caller{Name: "Bob"}, 1, false},
		{calbell.Caller{Name: "Carol"}, 0, true}, // who sees no calendar here
		{calbell.LocalAdmin(), 2, true},
	} {
		got := looking(tt.who).Redacted(d)
		words := !got.Tries[0].Error.IsZero() && got.Tries[1].Answer != "" && got.Reason == d.Reason
		if len(got.Sources) != tt.sources || words != tt.words || got.Tries[1].Verdict != calbell.HookRefused {
			t.Errorf("%s reads %+v", tt.who.Name, got)
		}
		if !tt.words && got.Reason.English != "given up: "+string(calbell.HookRefused) {
			t.Errorf("%s reads the reason %q", tt.who.Name, got.Reason)
		}
	}
	answered := calbell.T("webhook:answered-words", "answered %s: %s", "404 Not Found", "no hook at https://chat.example.org/x")
	d.Reason, d.Tries[1].Error = calbell.T("dispatch:given-up-once", "given up after 1 try: %s", answered), answered
	want := calbell.T("dispatch:given-up-once", "given up after 1 try: %s", calbell.HookRefused.Text())
	if got := looking(calbell.Caller{Name: "Bob"}).Redacted(d).Reason; got != want {
		t.Errorf("the reason with a key is read as %v %+v, want %+v", got, got.Args(), want.Args())
	}
	if len(d.Sources) != 2 || d.Tries[1].Answer == "" {
		t.Errorf("the delivery itself was changed: %+v", d)
	}
}

// Something is sent again through what its sender may use now; over the socket also where nothing is
// there any more.
func TestCanSendTo(t *testing.T) {
	for _, tt := range []struct {
		who  calbell.Caller
		want []calbell.WebhookID
	}{
		{calbell.Caller{Name: "Bob"}, []calbell.WebhookID{"bob.mine", "carol.shared", "open"}},
		{calbell.Caller{Name: "Anna", Admin: true}, []calbell.WebhookID{"carol.shared", "open", "team"}},
		{calbell.LocalAdmin(), []calbell.WebhookID{"bob.mine", "carol.hers", "carol.shared", "gone", "open", "team"}},
	} {
		v := looking(tt.who)
		var got []calbell.WebhookID
		for _, id := range []calbell.WebhookID{"bob.mine", "carol.hers", "carol.shared", "gone", "open", "team"} {
			if v.CanSendTo(id) {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s may send to %q, want %q", tt.who.Name, got, tt.want)
		}
	}
}

// What others have is looked up where a delivery needs it: what came since the visibility was made is
// seen by whom it belongs to.
func TestLearns(t *testing.T) {
	db, err := bolt.Open(filepath.Join(t.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	accounts := NewAccountIndex([]calbell.Account{{Name: "bobs", Owner: "Bob"}, {Name: "carols", Owner: "Carol"}})
	v := NewVisibility(Eyes{Store: db, Accounts: accounts, Caller: calbell.Caller{Name: "Bob"}}, nil, nil)
	for _, account := range []string{"bobs", "carols"} {
		err = errors.Join(err, db.SaveCalendar(t.Context(), calbell.Calendar{ID: calbell.CalendarID(account), Account: account}))
	}
	err = errors.Join(err, db.Webhooks().Put(t.Context(), calbell.Webhook{ID: "bob.new", Owner: "Bob"}, calbell.Webhook{ID: "carol.new", Owner: "Carol"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		webhook   calbell.WebhookID
		calendars []calbell.CalendarID
		want      bool
	}{
		{"carol.new", []calbell.CalendarID{"bobs"}, true},
		{"bob.new", []calbell.CalendarID{"carols"}, false},
		{"bob.new", []calbell.CalendarID{"unknown"}, true},
		{"carol.new", []calbell.CalendarID{"unknown"}, false},
		{"unknown", nil, false},
	} {
		d := calbell.Delivery{Reminder: calbell.Reminder{Webhook: tt.webhook}}
		for _, id := range tt.calendars {
			d.Sources = append(d.Sources, calbell.Source{Calendar: id})
		}
		if got, err := v.Visible(t.Context(), d); (len(got) == 1) != tt.want || err != nil {
			t.Errorf("%q to %s: %d seen (%v)", tt.calendars, tt.webhook, len(got), err)
		}
	}
	if ids := v.CalendarIDs(); !slices.Equal(ids, []calbell.CalendarID{"bobs"}) {
		t.Errorf("Bob's calendars are %q", ids)
	}
}
