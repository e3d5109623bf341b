package calbell

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Lead is the time before a start at which a reminder falls due: a number of calendar days plus
// an exact duration, or a number of days before at a time of day.
type Lead struct {
	Days  int           // calendar days, whatever their length in hours
	Exact time.Duration // exact time, after the days
	// AtClock makes the reminder fall due at Clock (since midnight, wall clock) instead of at
	// the time of day of the start.
	AtClock bool
	Clock   time.Duration
}

// maxLeadDays limits a lead to ten years: nobody wants to be reminded earlier.
const maxLeadDays = 3660

// ParseLead parses a lead: "15m", "2h", "1d", "1w", "1h30m", "0m", or a day with a time of day:
// "1d@18:00", "0d@09:00". It also accepts the same in words, as the page shows it in each of
// its languages: "15 min", "-15m", "1 h 30", "2 jours avant", "am Vortag um 18:00".
func ParseLead(text string) (Lead, error) {
	plain := strings.TrimSpace(text)
	for _, minus := range []string{"-", "\u2212", "\u2013"} {
		if after, found := strings.CutPrefix(plain, minus); found {
			plain = after
			break
		}
	}
	l, err := compactLead(plain)
	if err == nil {
		return l, nil
	}
	if compact, ok := wordedLead(plain); ok {
		if l, err = compactLead(compact); err == nil {
			return l, nil
		}
	}
	return Lead{}, leadError(text)
}

// ParseLength parses a duration written as for [ParseLead]. It rejects a minus and a time of
// day.
func ParseLength(text string) (Lead, error) {
	l, err := ParseLead(text)
	if err == nil && (l.AtClock || strings.ContainsAny(text, "-\u2212\u2013")) {
		err = leadError(text)
	}
	return l, err
}

// compactLead parses the format of [Lead.String].
func compactLead(text string) (Lead, error) {
	var l Lead
	length, clock, at := strings.Cut(strings.TrimSpace(text), "@")
	rest := length
	for rest != "" {
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits <= 0 {
			return Lead{}, leadError(text)
		}
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || n > maxLeadDays*24*60 {
			return Lead{}, leadError(text)
		}
		switch rest[digits] {
		case 'w':
			l.Days += 7 * n
		case 'd':
			l.Days += n
		case 'h':
			l.Exact += time.Duration(n) * time.Hour
		case 'm':
			l.Exact += time.Duration(n) * time.Minute
		default:
			return Lead{}, leadError(text)
		}
		rest = rest[digits+1:]
	}
	if length == "" || l.Days > maxLeadDays || l.Exact > maxLeadDays*24*time.Hour || at && l.Exact != 0 {
		return Lead{}, leadError(text)
	}
	if at {
		t, err := time.Parse("15:04", clock)
		if err != nil {
			return Lead{}, leadError(text)
		}
		l.AtClock, l.Clock = true, time.Duration(t.Hour())*time.Hour+time.Duration(t.Minute())*time.Minute
	}
	return l, nil
}

func leadError(text string) error {
	return &Error{Kind: KindUsage, What: T("domain:no-time-before-event", "invalid time before an event %.100q", text), Hint: T("domain:write-15m-2h-1d", "write 15m, 2h, 1d, 1w, 0m, or 1d@18:00 (a day before, at 18:00)")}
}

// ParseLeads parses several leads, separated by commas.
func ParseLeads(text string) ([]Lead, error) {
	var leads []Lead
	for part := range strings.SplitSeq(text, ",") {
		l, err := ParseLead(part)
		if err != nil {
			return nil, err
		}
		leads = append(leads, l)
	}
	return leads, nil
}

// Before returns the instant at which a reminder for start falls due. Days are counted on the
// calendar of start's zone.
func (l Lead) Before(start time.Time) time.Time {
	y, m, d := start.Date()
	if l.AtClock {
		return time.Date(y, m, d-l.Days, 0, int(l.Clock/time.Minute), 0, 0, start.Location())
	}
	if l.Days > 0 {
		h, minute, s := start.Clock()
		start = time.Date(y, m, d-l.Days, h, minute, s, start.Nanosecond(), start.Location())
	}
	return start.Add(-l.Exact)
}

// String formats the lead for [ParseLead], in the largest units that are exact.
func (l Lead) String() string {
	var b strings.Builder
	if w := l.Days / 7; w > 0 && l.Days%7 == 0 {
		fmt.Fprintf(&b, "%dw", w)
	} else if l.Days > 0 || l.AtClock {
		fmt.Fprintf(&b, "%dd", l.Days)
	}
	if l.AtClock {
		fmt.Fprintf(&b, "@%02d:%02d", l.Clock/time.Hour, l.Clock%time.Hour/time.Minute)
		return b.String()
	}
	if h := l.Exact / time.Hour; h > 0 {
		fmt.Fprintf(&b, "%dh", h)
	}
	if m := l.Exact % time.Hour / time.Minute; m > 0 || b.Len() == 0 {
		fmt.Fprintf(&b, "%dm", m)
	}
	return b.String()
}

// MarshalText formats the lead as [Lead.String] does.
func (l Lead) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText parses a lead as [ParseLead] does.
func (l *Lead) UnmarshalText(text []byte) error {
	read, err := ParseLead(string(text))
	if err == nil {
		*l = read
	}
	return err
}
