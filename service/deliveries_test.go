package service

import (
	"encoding/base64"
	"testing"
	"time"

	"calbell"
	"calbell/service/eventindex"
)

// Cursors are read as they were written, each by its own list, and nothing else is.
func TestCursors(t *testing.T) {
	for _, in := range []string{inUpcoming, inTried, inEnded} {
		m := deliveryMark{in, t0.Add(time.Nanosecond), "abc"}
		if got, err := parseMark(m.cursor()); err != nil || *got != m {
			t.Errorf("%+v, %v", got, err)
		}
	}
	p := &eventindex.Place{Start: -5, Title: "Réunion", Event: "abc", Instance: "2026-12-01"}
	encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, bad := range []string{"!", "bm8", encoded("40"), encoded("ended yesterday abc"), encoded("other 2026-11-23T09:00:00Z abc"), encoded("ended 2026-11-23T09:00:00Z a b"), p.Cursor()} {
		if _, err := parseMark(bad); calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"!", "bm8", encoded("[]"), encoded(`{"s":"x"}`), encoded("40"), (deliveryMark{inEnded, t0, "abc"}).cursor()} {
		if _, err := eventindex.ParseCursor(bad); err == nil {
			t.Errorf("%q was read as a cursor of events", bad)
		}
	}
}
