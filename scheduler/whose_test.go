package scheduler_test

import (
	"context"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/scheduler/syncer"
	"calbell/store"
)

// neighbours is a server on which other people have calendars, too, and share them. Its
// calendars are what list says; what is in one follows from the last part of its path.
type neighbours struct {
	*server
	list []calbell.Calendar
}

// Calendars implements syncer.Remote.
func (n *neighbours) Calendars(context.Context) ([]calbell.Calendar, error) {
	return slices.Clone(n.list), n.err
}

// Changes implements syncer.Remote.
func (n *neighbours) Changes(ctx context.Context, c calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(syncer.Batch) error) error {
	name := c.Name
	c.Name = path.Base(c.URL)
	return n.server.Changes(ctx, c, known, func(b syncer.Batch) error {
		b.Calendar.Name = name
		return yield(b)
	})
}

// Put implements syncer.Writer.
func (n *neighbours) Put(ctx context.Context, c calbell.Calendar, href calbell.Href, raw []byte, ifMatch calbell.ETag) error {
	c.Name = path.Base(c.URL)
	return n.server.Put(ctx, c, href, raw, ifMatch)
}

// own and bobs are calendars of the account's person, and of somebody else. at is the last part of
// their address.
func own(name, at string) calbell.Calendar {
	url := "https://dav.example.org/anna/" + at + "/"
	return calbell.Calendar{ID: calbell.NewCalendarID("home", url), Account: "home", URL: url, Name: name, Ownership: calbell.OwnershipOwn}
}

func bobs(name, at string) calbell.Calendar {
	c := own(name, at)
	c.Ownership, c.SharedBy = calbell.OwnershipOther, "/principals/bob/"
	return c
}

// unknown is a calendar as a version stored it that did not ask whose it is.
func unknown(c calbell.Calendar) calbell.Calendar {
	c.Ownership, c.SharedBy = calbell.OwnershipUnknown, ""
	return c
}

// inNeighbourhood is inWorld with such a server; the account lists "work".
func inNeighbourhood(t *testing.T, test func(w *world, n *neighbours)) {
	inWorld(t, func(w *world) {
		n := &neighbours{server: newServer()}
		w.end()
		w.account.Calendars = []calbell.CalendarSettings{{Name: "work", Webhook: "team"}}
		w.connect = func(calbell.Account) (syncer.Remote, error) { return n, nil }
		w.start()
		n.putIn("mine", "/a.ics", event("a", "Mine", time.Hour, "PT0S"))
		n.putIn("new", "/a.ics", event("c", "New", time.Hour, "PT0S"))
		n.putIn("bobs", "/a.ics", event("b", "Bob's", time.Hour, "PT0S"))
		n.putIn("work", "/a.ics", event("w", "Work", time.Hour, "PT0S"))
		test(w, n)
	})
}

// listed are the calendars that are listed, and what is wrong with names.
func (w *world) listed() (lines []string) {
	w.Helper()
	list, err := w.store.Calendars(w.Context())
	w.ok(err)
	for _, c := range list {
		if c.Listed != "" {
			lines = append(lines, c.Listed+" "+path.Base(c.URL))
		}
	}
	names, err := store.AllListedNames(w.Context(), w.store.ListedNames())
	w.ok(err)
	for _, n := range names {
		if !n.Trouble.IsZero() {
			lines = append(lines, n.Name+": "+n.Trouble.English)
		}
	}
	return lines
}

const (
	isTaken = "work: the calendar that this name was for is gone, and one of somebody else has the name now: it is not used"
	isGiven = "work: at the address of the calendar that this name was for is one of somebody else now: it is not used"
	areMany = "work: several calendars of other people have this name: none of them is used"
)

// TestListedName: a name stays with the calendar that it first matched, and never moves to one of
// somebody else. Each step is what the server lists from then on; after each comes a restart.
func TestListedName(t *testing.T) {
	type step struct {
		server []calbell.Calendar
		want   []string
	}
	mine, bob := own("Work", "mine"), bobs("work", "bobs")
	carol := bobs("WORK", "carols")
	carol.SharedBy = "/principals/carol/"
	tests := []struct {
		name  string
		steps []step
		posts []string
	}{
		{"one's own where both are there", []step{{[]calbell.Calendar{bob, mine}, []string{"work mine"}}}, []string{"1h0m0s Mine"}},
		{"one's own by its path, somebody's by their name", []step{{[]calbell.Calendar{bob, own("Office", "work")}, []string{"work work"}}}, []string{"1h0m0s Work"}},
		{"a share that comes later", []step{{[]calbell.Calendar{mine}, []string{"work mine"}}, {[]calbell.Calendar{bob, mine}, []string{"work mine"}}}, []string{"1h0m0s Mine"}},
		{
			"one's own is renamed, and a share gets its name",
			[]step{{[]calbell.Calendar{mine}, []string{"work mine"}}, {[]calbell.Calendar{own("Office", "mine"), bob}, []string{"work mine"}}},
			[]string{"1h0m0s Mine"},
		},
		{
			"one's own is gone, and a share has its name: the plan goes on by the copy",
			[]step{{[]calbell.Calendar{mine}, []string{"work mine"}}, {[]calbell.Calendar{bob}, []string{"work mine", isTaken}}},
			[]string{"1h0m0s Mine"},
		},
		{
			"... and another own one has it again",
			[]step{
				{[]calbell.Calendar{mine}, []string{"work mine"}},
				{[]calbell.Calendar{bob}, []string{"work mine", isTaken}},
				{[]calbell.Calendar{bob, own("Work", "new")}, []string{"work new"}},
			},
			[]string{"1h0m0s New"},
		},
		{
			"a share at the very address",
			[]step{{[]calbell.Calendar{mine}, []string{"work mine"}}, {[]calbell.Calendar{bobs("Work", "mine")}, []string{isGiven}}},
			nil,
		},
		{
			"a share alone is what was listed, and stays so",
			[]step{{[]calbell.Calendar{bob}, []string{"work bobs"}}, {[]calbell.Calendar{bob, mine}, []string{"work bobs"}}},
			[]string{"1h0m0s Bob's"},
		},
		{
			"that share is gone: another's does not follow",
			[]step{{[]calbell.Calendar{bob}, []string{"work bobs"}}, {[]calbell.Calendar{carol}, []string{"work bobs", isTaken}}},
			[]string{"1h0m0s Bob's"},
		},
		{"two shares: nobody knows which was meant", []step{{[]calbell.Calendar{bob, carol}, []string{areMany}}}, nil},
		{
			"the server has got another name",
			[]step{
				{[]calbell.Calendar{mine}, []string{"work mine"}},
				{[]calbell.Calendar{bob, movedTo(own("Office", "mine"), "https://new.example.org/anna/mine/")}, []string{"work mine"}},
			},
			[]string{"1h0m0s Mine"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inNeighbourhood(t, func(w *world, n *neighbours) {
				for _, s := range tt.steps {
					n.list = s.server
					w.sync()
					w.restart(0)
					w.sync()
					if got := w.listed(); !slices.Equal(got, s.want) {
						t.Errorf("%d calendars: listed %q, want %q", len(s.server), got, s.want)
					}
				}
				w.pass(2 * time.Hour)
				w.posts(tt.posts...)
			})
		})
	}
}

func movedTo(c calbell.Calendar, url string) calbell.Calendar {
	c.URL, c.ID = url, calbell.NewCalendarID("home", url)
	return c
}

// TestListedAddress: who is meant on purpose is listed by the address, whoever it is.
func TestListedAddress(t *testing.T) {
	for _, name := range []string{"/anna/bobs/", "/anna/bobs", "/anna/%62obs/"} {
		inNeighbourhood(t, func(w *world, n *neighbours) {
			w.account.Calendars[0].Name = name
			w.configure()
			n.list = []calbell.Calendar{own("/anna/bobs/", "mine"), bobs("Whatever", "bobs")}
			w.sync()
			w.pass(2 * time.Hour)
			w.posts("1h0m0s Bob's")
		})
	}
}

// TestSharesStaySilent: without a list all calendars are synced, and a share posts nothing by the
// account's default, also when it was planned before that was known and is not synced since.
func TestSharesStaySilent(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		w.account.Calendars, w.account.Default.Webhook = nil, "team"
		w.configure()
		n.list = []calbell.Calendar{unknown(own("Work", "mine")), unknown(bobs("Work", "bobs"))}
		w.sync()
		if n := w.count(calbell.StatusPlanned); n != 2 {
			t.Fatalf("%d are planned before it is known whose they are", n)
		}
		n.list = []calbell.Calendar{own("Work", "mine"), bobs("Work", "bobs")}
		w.ok(w.syncer.Sync(w.Context(), syncOnly(w.account, n.list[0].ID))) // bob's is not read
		w.pass(2 * time.Hour)
		w.posts("1h0m0s Mine")
	})
}

// TestUpgradeHealsNames: a share that an earlier version took for what was listed makes way for
// one's own; a share that was listed alone goes on.
func TestUpgradeHealsNames(t *testing.T) {
	for _, tt := range []struct {
		server []calbell.Calendar
		posts  string
	}{
		{[]calbell.Calendar{own("Work", "mine"), bobs("work", "bobs")}, "1h0m0s Mine"},
		{[]calbell.Calendar{bobs("work", "bobs"), own("Holidays", "mine")}, "1h0m0s Bob's"},
		{[]calbell.Calendar{bobs("renamed since", "bobs"), bobs("work", "new")}, "1h0m0s Bob's"},
	} {
		inNeighbourhood(t, func(w *world, n *neighbours) {
			for _, c := range tt.server {
				c = unknown(c)
				if c.Name != "Holidays" && !strings.Contains(c.URL, "new") {
					c.Listed = "work"
					w.ok(w.store.SaveCalendar(w.Context(), c))
				}
			}
			w.restart(0)
			n.list = tt.server
			w.sync()
			w.pass(2 * time.Hour)
			w.posts(tt.posts)
		})
	}
}

// TestListTroubleIsTold: the error webhook hears once that a listed name is taken.
func TestListTroubleIsTold(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		w.errors = "other"
		n.list = []calbell.Calendar{own("Work", "mine")}
		w.sync()
		n.list = []calbell.Calendar{bobs("Work", "bobs")}
		w.pass(2 * time.Hour)
		w.sync()
		w.pass(time.Minute)
		w.restart(time.Minute)
		w.sync()
		w.pass(time.Hour)
		var told []string
		for _, p := range w.chat.posts() {
			if p.hook == "other" && strings.Contains(p.msg.Text, `"home/work": the calendar that this name was for is gone`) {
				told = append(told, p.msg.Text)
			}
		}
		if len(told) != 1 || !strings.Contains(told[0], "/anna/bobs/") {
			t.Errorf("told %q", told)
		}
	})
}

// TestAttachedToACopy: what is attached to one's own event does not fire for a copy of it in
// somebody else's calendar, whatever it says and whenever it takes place.
func TestAttachedToACopy(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		w.account.Calendars = nil
		w.configure()
		n.list = []calbell.Calendar{own("Work", "mine")}
		for _, at := range []string{"bobs", "b1", "b2", "b3"} { // before one's own in the store, and behind it
			n.putIn(at, "/a.ics", event("a", "Forged", 30*time.Minute, "PT0S"))
			n.list = append(n.list, bobs("Work", at))
		}
		w.sync()
		attach := calbell.Binding{ID: "1", Account: "home", UID: "a", Webhook: "team", Lead: calbell.Lead{Exact: 5 * time.Minute}}
		w.ok(w.syncer.Attach(w.Context(), "home", func([]calbell.Binding) ([]calbell.Binding, []calbell.BindingID, error) {
			return []calbell.Binding{attach}, nil, nil // of an earlier version: it does not say in which calendar
		}))
		w.ok(w.syncer.TendBindings(w.Context()))
		w.pass(2 * time.Hour)
		w.posts("55m0s Mine")
	})
}

// TestAgendaOfShares: an agenda leaves out what is not switched on, unless it names that very
// calendar by what nobody else can take.
func TestAgendaOfShares(t *testing.T) {
	for _, tt := range []struct {
		calendars []string
		bobs      bool
	}{
		{nil, false},
		{[]string{"Work"}, false},
		{[]string{"home/Work"}, false},
		{[]string{"Work", "/anna/bobs/"}, true},
		{[]string{"Work", string(bobs("", "bobs").ID)}, true},
	} {
		inNeighbourhood(t, func(w *world, n *neighbours) {
			w.account.Calendars, w.account.Default = nil, calbell.Default{Webhook: "team", Mode: calbell.ModeOff}
			w.configure()
			n.list = []calbell.Calendar{bobs("Work", "bobs"), own("Work", "mine")}
			w.sync()
			d := daily("30 1 * * *") // Europe/Zurich
			d.Calendars = tt.calendars
			w.digest(d)
			w.pass(40 * time.Minute)
			var text string
			for _, p := range w.chat.posts() {
				text += p.msg.Text
			}
			if !strings.Contains(text, "Mine") || strings.Contains(text, "Bob's") != tt.bobs {
				t.Errorf("calendars %q: %q", tt.calendars, text)
			}
		})
	}
}

// TestCopyIsNoCorrection: a copy in somebody else's calendar neither tells that an event moves,
// nor keeps it from being told.
func TestCopyIsNoCorrection(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		w.webhooks[0].Corrections = true
		w.ok(w.store.SetFileWebhooks(w.Context(), w.webhooks))
		w.account.Calendars, w.account.Default.Webhook = nil, "team"
		w.configure()
		n.putIn("mine", "/a.ics", event("a", "Mine", 3*time.Hour, "-PT2H"))
		n.putIn("bobs", "/a.ics", event("a", "Forged", 3*time.Hour, "-PT2H"))
		n.list = []calbell.Calendar{bobs("Work", "bobs"), own("Work", "mine")}
		w.sync()
		w.pass(70 * time.Minute)
		n.putIn("bobs", "/a.ics", event("a", "Forged", 4*time.Hour, "-PT2H"))
		w.sync()
		w.pass(time.Minute)
		w.posts("1h0m0s Mine")
		n.putIn("mine", "/a.ics", event("a", "Mine", 5*time.Hour))
		n.putIn("bobs", "/a.ics", event("a", "Forged", 3*time.Hour)) // as it was announced
		w.sync()
		w.pass(time.Minute)
		posts := w.chat.lines()
		if len(posts) != 2 || !strings.Contains(posts[1], "Moved: **Mine**") || !strings.Contains(posts[1], "05:00") {
			t.Errorf("posted %q", posts)
		}
	})
}

// TestSwitchedOn: what people set switches another person's calendar on. What an earlier version
// stored does where it sends reminders somewhere; what was set while the calendar was one's own
// does not.
func TestSwitchedOn(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		set calbell.CalendarSettings
		off bool
	}{
		{calbell.CalendarSettings{}, true},
		{calbell.CalendarSettings{TimeZone: "Europe/Zurich", Private: "busy", Mode: calbell.ModeAdd}, true},
		{calbell.CalendarSettings{Webhook: "team"}, false},
		{calbell.CalendarSettings{Remind: []calbell.Lead{{Exact: time.Hour}}}, false},
		{calbell.CalendarSettings{Webhook: "team", SwitchedOn: &no}, true},
		{calbell.CalendarSettings{SwitchedOn: &yes}, false},
	} {
		c := bobs("Work", "bobs")
		p := plan.NewPolicy(plan.Settings{
			Accounts: []calbell.Account{{Name: "home", URL: "https://dav.example.org/"}}, Zone: time.UTC,
			Calendars: map[calbell.CalendarID]calbell.CalendarSettings{c.ID: tt.set},
		})
		if got := p.SwitchedOff(c); got != tt.off {
			t.Errorf("%+v: off %v", tt.set, got)
		}
		if p.SwitchedOff(own("Work", "bobs")) || p.SwitchedOff(unknown(c)) {
			t.Errorf("%+v: one's own, or not known, is off", tt.set)
		}
	}
	one := plan.NewPolicy(plan.Settings{Accounts: []calbell.Account{{Name: "home", URL: "https://dav.example.org/anna/bobs"}}, Zone: time.UTC})
	if one.SwitchedOff(bobs("Work", "bobs")) || !one.SwitchedOff(bobs("Work", "other")) {
		t.Error("an account with the address of one calendar means that one")
	}
}

// TestNewList: a list that is new takes one's own calendar at once, before any server is asked; a
// share of that name loses nothing, and posts nothing, until the server has said what there is.
func TestNewList(t *testing.T) {
	inNeighbourhood(t, func(w *world, n *neighbours) {
		list := w.account.Calendars
		w.account.Calendars = nil
		w.configure()
		n.list = []calbell.Calendar{bobs("work", "bobs")}
		w.sync()
		w.account.Calendars = list
		w.restart(0)
		if got := w.listed(); len(got) > 0 {
			t.Errorf("listed before the server was asked: %q", got)
		}
		n.list = append(n.list, own("Work", "mine"))
		w.sync()
		if got := w.listed(); !slices.Equal(got, []string{"work mine"}) {
			t.Errorf("listed %q", got)
		}
		w.pass(2 * time.Hour)
		w.posts("1h0m0s Mine")
	})
}
