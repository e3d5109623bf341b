package main

import (
	"time"

	"calbell"
)

// parseTime reads a time that a person typed: RFC 3339, or a date, which is midnight in
// loc. "" is the zero time.
func parseTime(flag, text string, loc *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.English("%s %s is no time", flag, quoted(text)),
		Hint: calbell.English("write 2026-12-01 or 2026-12-01T09:00:00+01:00"),
	}
}
