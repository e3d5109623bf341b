package dates

import "time"

// SameClock reports whether two instants are written with the same offset from UTC.
func SameClock(a, b time.Time) bool { return offsetOf(a) == offsetOf(b) }

// offsetOf returns the seconds east of UTC in t's zone at t.
func offsetOf(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

// offsetName writes "UTC+01:00"; "UTC" at offset 0.
func offsetName(t time.Time) string {
	if offsetOf(t) == 0 {
		return "UTC"
	}
	return t.Format("UTC-07:00")
}

// ZoneName returns the IANA name of t's zone; its offset when it has no such name.
func ZoneName(t time.Time) string {
	switch name := t.Location().String(); name {
	case "", "Local":
		return offsetName(t)
	default:
		return name
	}
}

// isUTC reports whether an instant is written in UTC, under any of its names.
func isUTC(t time.Time) bool {
	switch t.Location().String() {
	case "UTC", "Etc/UTC", "Z", "Zulu", "Etc/Zulu", "GMT", "Etc/GMT", "Etc/UCT":
		return true
	}
	return false
}
