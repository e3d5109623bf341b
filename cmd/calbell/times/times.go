package times

import (
	"strconv"
	"time"

	"calbell"
)

// The layouts of days and times: ISO 8601 dates, which sort as text, with the day of the week.
const (
	Day    = "Mon 2006-01-02"
	Minute = Day + " 15:04 MST" // with the zone, since the daemon's may differ
	Second = Day + " 15:04:05 MST"
)

// When formats an instant in the local zone; "" for the zero time.
func When(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(Second)
}

// WhenPtr is [When] for a time that may be nil.
func WhenPtr(t *time.Time) string {
	if t == nil {
		return ""
	}
	return When(*t)
}

// Span formats when an instance takes place. The days of an all-day instance are those of
// its own zone; its end is exclusive (RFC 5545 §3.6.1), so the last day shown is the one
// before. A to-do may have no date: then it returns "".
func Span(start, end time.Time, allDay bool) string {
	if start.IsZero() {
		return ""
	}
	if !allDay {
		return start.Local().Format(Minute)
	}
	last := end.AddDate(0, 0, -1)
	if !last.After(start) {
		return start.Format(Day)
	}
	return start.Format(Day) + " – " + last.Format(Day)
}

// Parse reads a time that a person typed: RFC 3339, or a date with or without a time of
// day, in loc. A date alone is midnight. "" is the zero time. flag names the source in the
// error.
func Parse(flag, text string, loc *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.English("%s %s is no time", flag, strconv.Quote(text)),
		Hint: calbell.English("write 2026-12-01 or 2026-12-01T09:00:00+01:00"),
	}
}
