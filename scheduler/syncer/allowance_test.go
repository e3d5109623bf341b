package syncer

import (
	"context"
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/scheduler/plan"
)

// fullStore is a store whose calendars hold what a test says.
type fullStore struct {
	Collections
	Objects
	objects int
	bytes   int64
	have    map[calbell.Href]int // bytes
	asked   int
}

func (s *fullStore) CalendarsOf(_ context.Context, accounts ...string) ([]calbell.Calendar, error) {
	all := []calbell.Calendar{{ID: "1", Account: "bobs"}, {ID: "2", Account: "bobs too"}, {ID: "3", Account: "annas"}, {ID: "4", Account: "home"}}
	return slices.DeleteFunc(all, func(c calbell.Calendar) bool { return !slices.Contains(accounts, c.Account) }), nil
}

func (s *fullStore) Usage(_ context.Context, id calbell.CalendarID) (int, int64, error) {
	s.asked++
	if id == "1" || id == "2" {
		return s.objects / 2, s.bytes / 2, nil
	}
	return calbell.MaxOwnObjects, calbell.MaxOwnObjectBytes, nil // others' count for nothing
}

func (s *fullStore) Object(_ context.Context, _ calbell.CalendarID, href calbell.Href) (calbell.Object, error) {
	size, ok := s.have[href]
	if !ok {
		return calbell.Object{}, &calbell.Error{Kind: calbell.KindNotFound, What: calbell.Plain("no object")}
	}
	return calbell.Object{Href: href, Raw: make([]byte, size)}, nil
}

// A user's calendars take so many events and bytes together, of all their accounts. What is
// there already stays up to date, and may not grow to anything; the file's accounts are not
// bounded.
func TestAllowance(t *testing.T) {
	const small, large = 1000, calbell.MaxGrownObject + 1
	batch := func() Batch {
		return Batch{Objects: []calbell.Object{
			{Href: "/new", Raw: make([]byte, small)},
			{Href: "/moved", Raw: make([]byte, small+50)},
			{Href: "/grown", Raw: make([]byte, large)},
			{Href: "/always large", Raw: make([]byte, large)},
		}}
	}
	have := map[calbell.Href]int{"/moved": small, "/grown": small, "/always large": large + 5}
	for _, tt := range []struct {
		name, account string
		objects       int
		bytes         int64
		want          string
	}{
		{"room for all", "bobs", calbell.MaxOwnObjects - 4, 0, "/new /moved /grown /always large"},
		{"no room for objects", "bobs", calbell.MaxOwnObjects, 0, "/moved /always large"},
		{"no room for bytes", "bobs", 10, calbell.MaxOwnObjectBytes - 2, "/moved /always large"},
		{"more than may be, from before", "bobs", 2 * calbell.MaxOwnObjects, 2 * calbell.MaxOwnObjectBytes, "/moved /always large"},
		{"the admins' account", "home", 2 * calbell.MaxOwnObjects, 2 * calbell.MaxOwnObjectBytes, "/new /moved /grown /always large"},
	} {
		s := &fullStore{objects: tt.objects, bytes: tt.bytes, have: have}
		p := plan.NewPolicy(plan.Settings{Accounts: []calbell.Account{{Name: "bobs", Owner: "Bob"}, {Name: "bobs too", Owner: "bob"}, {Name: "annas", Owner: "anna"}, {Name: "home"}}})
		r := &syncRun{Syncer: &Syncer{store: Store{Collections: s, Objects: s}}, policy: p, calendar: calbell.Calendar{ID: "1", Account: tt.account, Name: "Team"}}
		b := batch()
		if err := r.admit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range b.Objects {
			got = append(got, string(o.Href))
		}
		if strings.Join(got, " ") != tt.want || r.allowance.refused != 4-len(got) {
			t.Errorf("%s: stored %q, %d refused, want %q", tt.name, got, r.allowance.refused, tt.want)
		}
		if r.allowance.refused > 0 && !strings.Contains(r.full().Error(), "2 events are not stored") {
			t.Error(r.full())
		}
	}
}

// A long sync asks the store for the sum once, unless the bound is near.
func TestAllowanceIsMeasuredOnce(t *testing.T) {
	s := &fullStore{}
	p := plan.NewPolicy(plan.Settings{Accounts: []calbell.Account{{Name: "bobs", Owner: "bob"}}})
	r := &syncRun{Syncer: &Syncer{store: Store{Collections: s, Objects: s}}, policy: p, calendar: calbell.Calendar{ID: "1", Account: "bobs"}}
	for range 100 {
		b := Batch{Objects: make([]calbell.Object, 64)}
		if err := r.admit(t.Context(), &b); err != nil || len(b.Objects) != 64 {
			t.Fatal(len(b.Objects), err)
		}
	}
	if s.asked != 1 {
		t.Errorf("asked %d times", s.asked)
	}
}
