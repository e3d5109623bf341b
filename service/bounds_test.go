package service_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
)

// One user makes so many rules and tokens, and no more until one is removed.
func TestRulesAndTokensAreBounded(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	for _, tt := range []struct {
		name   string
		add    func(n int) (string, error)
		remove func(id string) error
	}{
		{"rules", func(n int) (string, error) {
			r, err := w.Rules.Add(ctx, bob, types.NewRule{Name: fmt.Sprint("r", n), RuleSpec: calbell.RuleSpec{Mode: calbell.ModeOff}})
			return string(r.ID), err
		}, func(id string) error { return w.Rules.Remove(ctx, bob, id, "") }},
		{"tokens", func(n int) (string, error) {
			m, err := w.Tokens.Add(ctx, bob, types.NewToken{Name: fmt.Sprint("t", n), Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
			return string(m.ID), err
		}, func(id string) error { return w.Tokens.Remove(ctx, bob, calbell.TokenID(id)) }},
	} {
		var last string
		n, limit := 0, 1000
		for ; n < limit; n++ {
			id, err := tt.add(n)
			if err != nil {
				refused(t, err, fmt.Sprintf("%d %s are enough", n, tt.name))
				break
			}
			last = id
		}
		if n < 50 || n == limit {
			t.Errorf("%d %s could be made", n, tt.name)
		}
		w.OK(tt.remove(last))
		if _, err := tt.add(n); err != nil {
			t.Errorf("%s: in the room of one that was removed: %v", tt.name, err)
		}
	}
}

// Two rules of a name are told apart by their ID alone, and a rule keeps its place when another part of
// it is changed.
func TestRulesOfAName(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob, anna := w.User("Bob", calbell.RoleMember), w.User("Anna", calbell.RoleAdmin)
	off := calbell.RuleSpec{Mode: calbell.ModeOff}
	first, err := w.Rules.Add(ctx, bob, types.NewRule{Name: "twin", Position: 7, RuleSpec: off})
	w.OK(err)
	second, err := w.Rules.Add(ctx, bob, types.NewRule{Name: "Twin", RuleSpec: off})
	w.OK(err)
	if second.Position != 8 {
		t.Errorf("the second is at %d", second.Position)
	}
	_, err = w.Rules.Get(ctx, bob, "twin")
	refused(t, err, `2 rules are called "twin"`, "by its ID")
	n, tag, err := w.Rules.Request(ctx, bob, string(first.ID))
	w.OK(err)
	n.Subject = "x"
	changed, err := w.Rules.Set(ctx, bob, string(first.ID), tag, n)
	if err != nil || changed.Position != 7 || changed.Subject != "x" || changed.Name != "twin" {
		t.Errorf("changed: %+v, %v", changed, err)
	}
	house := ""
	n.Owner = &house
	_, err = w.Rules.Set(ctx, bob, string(first.ID), "", n)
	says(t, err, "by others")
	own, err := w.Rules.Add(ctx, anna, types.NewRule{Name: "given", RuleSpec: off})
	w.OK(err)
	n.Name = "given"
	if given, err := w.Rules.Set(ctx, anna, string(own.ID), "", n); err != nil || given.Owner != "" || !given.Editable {
		t.Errorf("given to the admins: %+v, %v", given, err)
	}
}

// A token notes when it was used, to the hour: a request costs no commit.
func TestLastUseOfAToken(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	made, err := w.Tokens.Add(ctx, bob, types.NewToken{Name: "t", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	w.OK(err)
	for _, tt := range []struct{ at, want time.Duration }{{0, 0}, {59 * time.Minute, 0}, {time.Hour, time.Hour}, {90 * time.Minute, time.Hour}} {
		_, ok, err := w.Tokens.Bearer(ctx, made.Text, now.Add(tt.at))
		list, listErr := w.Tokens.List(ctx, bob)
		if err = errors.Join(err, listErr); err != nil || !ok || len(list) != 1 || !list[0].LastUsedAt.Equal(now.Add(tt.want)) {
			t.Errorf("used after %s: %v, %+v, %v", tt.at, ok, list, err)
		}
	}
	w.User("Bob", calbell.RoleAdmin) // what they are now counts, not what they were when it was made
	if who, _, err := w.Tokens.Bearer(ctx, made.Text, now); err != nil || !who.Admin || who.Allows(calbell.ScopeWrite) {
		t.Errorf("it stands for %+v, %v", who, err)
	}
}

// What cannot be a sign-in is refused before it is judged, and after too many wrong ones from a network
// the right one has to wait; a browser that is known as the user's does not.
func TestSignInsAreBounded(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	_, err := w.People.Add(ctx, calbell.LocalAdmin(), types.NewUser{Name: "Bob", Password: servicetest.Password}, now)
	w.OK(err)
	for _, in := range []types.SignIn{
		{}, {Name: "Bob"}, {Name: "#", Password: "x"}, {Name: strings.Repeat("x", 201), Password: "x"}, {Name: "Bob", Password: strings.Repeat("x", 1025)},
	} {
		if _, err := w.People.SignIn(ctx, in, peer(1), now); outcome(err) != "denied" || err.Error() != "name or password is wrong" {
			t.Errorf("%.30q: %v", in.Name, err)
		}
	}
	if got := w.People.SignIns(); got != (service.SignIns{}) {
		t.Errorf("counted are %+v", got)
	}
	limited := 0
	for range 15 {
		_, err := w.People.SignIn(ctx, types.SignIn{Name: "Bob", Password: "wrong"}, peer(1), now)
		var e *calbell.Error
		if errors.As(err, &e) && e.RetryAfter > 0 {
			limited++
		}
	}
	if got := w.People.SignIns(); limited == 0 || got.Wrong+got.Limited != 15 || int(got.Limited) != limited {
		t.Errorf("%d limited, counted are %+v", limited, got)
	}
	right := types.SignIn{Name: " bob ", Password: servicetest.Password}
	if _, err := w.People.SignIn(ctx, right, peer(1), now); outcome(err) != "denied" {
		t.Errorf("from the network of the wrong ones: %v", err)
	}
	known := peer(1)
	known.Browser = "bobs"
	for who, from := range map[string]calbell.Peer{"a known browser": known, "another network": peer(2)} {
		if u, err := w.People.SignIn(ctx, right, from, now); err != nil || u.Name != "Bob" {
			t.Errorf("from %s: %v", who, err)
		}
	}
	if _, err := w.People.SignIn(ctx, right, peer(1), now.Add(time.Hour)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// A series is muted and reminded of at one occurrence, by any of its names, and from one on, which is
// the next unless it is named.
func TestOccurrences(t *testing.T) {
	start := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Hour)
	w, bob, event := bobsEvent(t, start)
	name := func(days int, form string) calbell.RecurrenceID {
		return calbell.RecurrenceID(start.AddDate(0, 0, days).Format(form))
	}
	for _, tt := range []struct {
		rule     string
		instance calbell.RecurrenceID
		onwards  bool
		days     []int // on which the reminder fires, of the first five; nil: it is refused
	}{
		{"all", "", false, []int{0, 1, 2, 3, 4}},
		{"by its start", name(2, time.RFC3339), false, []int{2}},
		{"by its day", name(3, time.DateOnly), false, []int{3}},
		{"from one on", name(2, time.DateOnly), true, []int{2, 3, 4}},
		{"from the next on", "", true, []int{0, 1, 2, 3, 4}},
		{"an hour off", calbell.RecurrenceID(start.Add(time.Hour).Format(time.RFC3339)), false, nil},
		{"before the first", name(-1, time.DateOnly), false, nil},
		{"no name", "tomorrow", false, nil},
	} {
		made, err := w.Reminders.Preview(t.Context(), bob, types.NewReminder{Event: event, Webhook: "mine", Before: hours(1), Instance: tt.instance, Onwards: tt.onwards})
		if tt.days == nil {
			says(t, err, "no occurrence", "name it by its start")
			continue
		}
		w.OK(err)
		var days []int
		for _, row := range made.Fires {
			if day := int(row.Start.Sub(start) / (24 * time.Hour)); day < 5 {
				days = append(days, day)
			}
		}
		if !slices.Equal(days, tt.days) {
			t.Errorf("%s: fires on days %v, want %v", tt.rule, days, tt.days)
		}
	}
	past := w.Event(mustCalendar(t, w, bob), "Over", time.Now().Add(-48*time.Hour), "")
	_, err := w.Reminders.Add(t.Context(), bob, types.NewReminder{Event: past, Webhook: "mine", Before: hours(1), Onwards: true})
	refused(t, err, "no further occurrences")
}

// mustCalendar returns the calendar that somebody has.
func mustCalendar(t *testing.T, w *servicetest.World, who calbell.Caller) calbell.Calendar {
	t.Helper()
	c, err := w.Calendars.Get(t.Context(), who, "Own")
	w.OK(err)
	return c.Calendar
}
