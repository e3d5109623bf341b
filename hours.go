package calbell

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ParseQuiet parses quiet hours as commands and the API write them: "22:00-07:00", then
// "working" if all other days are quiet as a whole (working days are Monday to Friday, or those
// named: "working mon,tue"), then "hold" or "drop". The hours or "working" may be omitted. It
// also accepts "22-7", "22:00 – 07:00" and "weekends" instead of "working".
func ParseQuiet(text string) (Quiet, error) {
	var q Quiet
	words := quietWords(text)
	next := func(want func(string) bool) bool {
		if len(words) == 0 || !want(words[0]) {
			return false
		}
		words = words[1:]
		return true
	}
	hours := next(q.readHours)
	if hours && len(words) > 1 {
		next(func(w string) bool { return w == "and" || w == "+" })
	}
	if q.WorkingDays = next(func(w string) bool { return w == "working" }); q.WorkingDays {
		next(q.readDays)
	} else {
		q.WorkingDays = next(func(w string) bool { return w == "weekend" || w == "weekends" })
	}
	q.Drop = next(func(w string) bool { return w == "drop" })
	if !q.Drop {
		next(func(w string) bool { return w == "hold" })
	}
	if len(words) > 0 || !hours && !q.WorkingDays || hours && q.From == q.To {
		return Quiet{}, &Error{
			Kind: KindUsage, What: T("domain:no-quiet-hours", "invalid quiet hours %.100q", text),
			Hint: T("domain:write-22-00-07", `write "22:00-07:00", "22:00-07:00 working" (weekends too), "working mon,tue,wed drop"`),
		}
	}
	return q, nil
}

// quietWords splits quiet hours into words. It replaces any dash between two times, with or
// without blanks, by "-".
func quietWords(text string) []string {
	text = strings.NewReplacer("\u2010", "-", "\u2013", "-", "\u2014", "-", "\u2212", "-", "week-end", "weekend").Replace(strings.ToLower(text))
	from, to, found := strings.Cut(text, "-")
	if found {
		text = strings.TrimRight(from, " \t\u00a0\u202f") + "-" + strings.TrimLeft(to, " \t\u00a0\u202f")
	}
	return strings.Fields(text)
}

// readHours parses "22:00-07:00" and "22-7".
func (q *Quiet) readHours(word string) bool {
	from, to, _ := strings.Cut(word, "-")
	from, ok := clockText(from)
	to, ok2 := clockText(to)
	begin, err := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if !ok || !ok2 || err != nil || err2 != nil {
		return false
	}
	midnight := begin.Truncate(24 * time.Hour)
	q.From, q.To = begin.Sub(midnight), end.Sub(midnight)
	return true
}

// readDays parses "mon,tue".
func (q *Quiet) readDays(word string) bool {
	var days []time.Weekday
	for name := range strings.SplitSeq(word, ",") {
		i := slices.Index(dayNames(), name)
		if i < 0 {
			return false
		}
		days = append(days, time.Weekday(i))
	}
	q.Working = days
	return true
}

// dayNames returns the abbreviations of the weekdays, indexed by [time.Weekday].
func dayNames() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// String formats quiet hours for [ParseQuiet].
func (q Quiet) String() string {
	var words []string
	if q.From != q.To {
		clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", d/time.Hour, d%time.Hour/time.Minute) }
		words = append(words, clock(q.From)+"-"+clock(q.To))
	}
	if q.WorkingDays {
		words = append(words, "working")
		var days []string
		for _, d := range q.Working {
			days = append(days, dayNames()[d%7])
		}
		if days != nil {
			words = append(words, strings.Join(days, ","))
		}
	}
	if q.Drop {
		words = append(words, "drop")
	}
	return strings.Join(words, " ")
}

// MarshalText formats quiet hours as [Quiet.String] does. It rejects a value that could not be
// parsed again.
func (q Quiet) MarshalText() ([]byte, error) {
	text := q.String()
	if _, err := ParseQuiet(text); err != nil && text != "" {
		return nil, err
	}
	return []byte(text), nil
}

// UnmarshalText parses quiet hours as [ParseQuiet] does; "" means no quiet hours.
func (q *Quiet) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*q = Quiet{}
		return nil
	}
	read, err := ParseQuiet(string(text))
	if err == nil {
		*q = read
	}
	return err
}
