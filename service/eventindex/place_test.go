package eventindex

import (
	"slices"
	"testing"

	"calbell"
)

// A cursor names the place that it was made of; "" is the beginning.
func TestCursor(t *testing.T) {
	for _, p := range []*Place{nil, {Start: -5, Title: "Réunion", Event: "abc", Instance: "2026-12-01"}, {Start: 1}} {
		got, err := ParseCursor(p.Cursor())
		if err != nil || (got == nil) != (p == nil) || p != nil && *got != *p {
			t.Errorf("%+v became %+v, %v", p, got, err)
		}
	}
}

// Instances of one instant stand by title, then by their names; of a long title the start counts.
func TestPlacesAreOrdered(t *testing.T) {
	long := string(make([]byte, maxPlaced))
	at := func(title, event, instance string) *Place {
		return placeOf(Item{Instance: &calbell.Instance{Summary: title, RecurrenceID: calbell.RecurrenceID(instance)}, id: event})
	}
	want := []*Place{at("", "b", ""), at(long+"z", "a", ""), at(long+"a", "b", ""), at("A", "a", ""), at("A", "a", "1"), at("A", "b", ""), at("B", "a", "")}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, (*Place).compare)
	for i := range want {
		if *got[i] != *want[i] {
			t.Errorf("place %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}
