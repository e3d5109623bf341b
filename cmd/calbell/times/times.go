package times

import (
	"strconv"
	"time"

	"calbell"
)

// How days and times are shown: sortable by eye, with the day that people plan by.
const (
	Day    = "Mon 2006-01-02"
	Minute = Day + " 15:04 MST" // the zone is named: the server's may be another
	Second = Day + " 15:04:05 MST"
)

// when shows an instant in the reader's zone.
func When(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(Second)
}

// whenPtr is when for a time that may be absent.
func WhenPtr(t *time.Time) string {
	if t == nil {
		return ""
	}
	return When(*t)
}

// span shows when an instance takes place: days for all-day ones, in their own zone.
func Span(start, end time.Time, allDay bool) string {
	if start.IsZero() {
		return "" // a to-do without any date
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

// parseTime reads a time that a person typed: RFC 3339, or a date, which is midnight in
// loc. "" is the zero time.
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
