package throttle

import (
	"context"
	"errors"
	"testing"
	"time"

	"calbell"
)

// A user has other servers asked so often in a row, then at a pace, whatever their name is spelt like;
// others and the command line are not held back by it.
func TestOutward(t *testing.T) {
	d, now := New(), time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	ask := func(who calbell.Caller, at time.Duration) bool { return d.Outward(who, now.Add(at)) == nil }
	bob := calbell.Caller{Name: "Bob"}
	for n := range outwardBurst {
		if !ask(bob, 0) {
			t.Fatalf("question %d was refused", n)
		}
	}
	var e *calbell.Error
	if err := d.Outward(calbell.Caller{Name: "bob!"}, now); !errors.As(err, &e) || e.Kind != calbell.KindNotAllowed || e.RetryAfter <= 0 || e.RetryAfter > outwardPause || e.What.English != "too many servers asked" {
		t.Errorf("one too many: %v", err)
	}
	for _, tt := range []struct {
		name string
		who  calbell.Caller
		at   time.Duration
		want bool
	}{
		{"another user", calbell.Caller{Name: "Carol"}, 0, true},
		{"the command line", calbell.LocalAdmin(), 0, true},
		{"too soon", bob, outwardPause - time.Second, false},
		{"in time", bob, outwardPause, true},
		{"again at once", bob, outwardPause, false},
	} {
		if got := ask(tt.who, tt.at); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Passwords are hashed, and the calendar server is asked, where there is a place.
func TestPlaces(t *testing.T) {
	d := New()
	for name, do := range map[string]func(context.Context, *Attempt, func()) error{"hash": d.Hash, "ask": d.AskServer} {
		ran := false
		if err := do(t.Context(), KnownCaller(), func() { ran = true }); err != nil || !ran {
			t.Errorf("%s: %v, %v", name, ran, err)
		}
	}
}

// A wait is told in whole seconds, and is never none.
func TestTooMany(t *testing.T) {
	for wait, want := range map[time.Duration]time.Duration{0: time.Second, time.Millisecond: time.Second, time.Second: time.Second, 1500 * time.Millisecond: 2 * time.Second, -time.Hour: time.Second} {
		var e *calbell.Error
		if err := TooMany(wait); !errors.As(err, &e) || e.RetryAfter != want || e.Hint.English != "try again in "+want.String() {
			t.Errorf("%s: %v", wait, err)
		}
	}
}
