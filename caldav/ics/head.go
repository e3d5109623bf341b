package ics

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// trim takes away what may stand before a text: a byte order mark, and space.
func trim(text []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
}

// Begins reports whether a text begins as iCalendar does.
func Begins(text []byte) bool {
	begin := []byte("BEGIN:VCALENDAR")
	text = trim(text)
	return bytes.EqualFold(text[:min(len(text), len(begin))], begin)
}

// Head returns the properties of the VCALENDAR that a text begins with; false when it begins
// otherwise. Values are as they are written.
func Head(text []byte) (props map[string]string, ok bool) {
	text = trim(text)
	if !Begins(text) {
		return nil, false
	}
	props = map[string]string{}
	for at := 0; at < len(text); {
		end := lineEnd(text, at)
		name, _, value := cutLine(text[at:end])
		if name == "BEGIN" && !strings.EqualFold(value, "VCALENDAR") {
			break
		}
		if _, ok := props[name]; !ok {
			props[name] = value
		}
		at = end
	}
	return props, true
}

// lineEnd returns where the content line at an offset ends, folds included.
func lineEnd(text []byte, at int) int {
	n, whole := lineIn(text[at:], 0, true)
	if !whole {
		return len(text)
	}
	return at + n
}

// Refresh returns how often the publisher wants to be asked: REFRESH-INTERVAL (RFC 7986 §5.7), else
// X-PUBLISHED-TTL; 0 when he does not say.
func (f *File) Refresh() time.Duration {
	for _, name := range []string{"REFRESH-INTERVAL", "X-PUBLISHED-TTL"} {
		if d := readDuration(f.props[name]); d > 0 {
			return d
		}
	}
	return 0
}

// readDuration reads a duration (RFC 5545 §3.3.6) that is not negative; 0 when it is none.
func readDuration(s string) time.Duration {
	rest, ok := strings.CutPrefix(strings.ToUpper(strings.TrimPrefix(s, "+")), "P")
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour}
	total := time.Duration(0)
	for ok && rest != "" {
		if rest[0] == 'T' {
			units = map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}
			rest = rest[1:]
			continue
		}
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || digits == len(rest) || units[rest[digits]] == 0 {
			return 0
		}
		// A day too many is as good as a thousand: nobody waits for so long.
		total += time.Duration(min(n, 10_000)) * units[rest[digits]]
		total = min(total, 366*24*time.Hour)
		rest = rest[digits+1:]
	}
	return total
}
