package recur

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on a rule as text.
const (
	// maxRuleBytes bounds a value: all numbers of all parts take less than 8 KiB.
	maxRuleBytes = 16 << 10
	// maxNumber is what INTERVAL and COUNT are cut to. The calendar has fewer seconds.
	maxNumber = 1_000_000_000_000
)

// Parse reads the value of an RRULE or EXRULE property (RFC 5545 §3.3.10).
//
// It takes what producers write beside the grammar: lower case, white space, empty parts,
// a repeated RRULE: in front, parts whose name begins with X-, RSCALE=GREGORIAN and SKIP
// (RFC 7529; SKIP without RSCALE too), UNTIL with the separators of ISO 8601 or a day beyond the end of its month,
// the same part twice with one value, and COUNT beside UNTIL (the caller then has both, and
// whichever ends first ends the rule). Where that may not be what was meant, the rule is Odd.
//
// Everything else is an error that names the part: a rule read by halves would fire at
// wrong times.
func Parse(value string) (*Rule, error) {
	if len(value) > maxRuleBytes {
		return nil, errorf("recur:read-rule-bytes-most", "read rule: %d bytes, at most %d", len(value), maxRuleBytes)
	}
	r := &Rule{Interval: 1, WeekStart: time.Monday, Raw: value}
	text := strings.TrimPrefix(tidy(value), "RRULE:")
	seen := make(map[string]string)
	for part := range strings.SplitSeq(text, ";") {
		name, val, found := strings.Cut(part, "=")
		switch {
		case part == "", strings.HasPrefix(name, "X-"), found && val == "" && name != "FREQ":
			continue
		case !found:
			return nil, errorf("recur:read-rule-part-no", "read rule: part %q has no value", clip(part))
		}
		if before, again := seen[name]; again && before != val {
			return nil, errorf("recur:read-rule-twice", "read rule: %s twice", name)
		}
		seen[name] = val
		if err := r.set(name, val); err != nil {
			return nil, errorf("recur:read-rule", "read rule: %s: %w", clip(name), err)
		}
	}
	if r.Freq == 0 {
		return nil, errorf("recur:read-rule-freq-missing", "read rule: FREQ missing")
	}
	r.Odd = r.Odd || r.Count > 0 && r.Until != nil || r.Skip != Omit && seen["RSCALE"] == ""
	return r, nil
}

// tidy returns the value in upper case, without white space and without the backslashes
// of producers that escape a rule as if it were text.
func tidy(value string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ' || c == '\\' || c >= '\t' && c <= '\r' || c == '\u00a0' || c == '\ufeff':
			return -1
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		}
		return c
	}, value)
}

// clip shortens what an error quotes.
func clip(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// set takes one part.
func (r *Rule) set(name, val string) (err error) {
	switch name {
	case "FREQ":
		r.Freq, err = parseFreq(val)
	case "INTERVAL":
		r.Interval, err = parsePositive(val)
	case "COUNT":
		r.Count, err = parsePositive(val)
	case "UNTIL":
		r.Until, err = parseUntil(val)
		r.Odd = r.Odd || err == nil && r.Until.String() != val
	case "BYSECOND":
		r.BySecond, err = parseList(val, 0, 60)
	case "BYMINUTE":
		r.ByMinute, err = parseList(val, 0, 59)
	case "BYHOUR":
		r.ByHour, err = parseList(val, 0, 23)
	case "BYDAY":
		r.ByDay, err = parseDays(val)
	case "BYMONTHDAY":
		r.ByMonthDay, err = parseList(val, -31, 31)
	case "BYYEARDAY":
		r.ByYearDay, err = parseList(val, -366, 366)
	case "BYWEEKNO":
		r.ByWeekNo, err = parseList(val, -53, 53)
	case "BYMONTH":
		r.ByMonth, err = parseList(val, 1, 12)
	case "BYSETPOS":
		r.BySetPos, err = parseList(val, -366, 366)
	case "WKST":
		r.WeekStart, err = parseWeekday(val)
	case "RSCALE":
		if val != "GREGORIAN" && val != "GREGORY" { // the latter is CLDR's name
			err = errorf("recur:not-supported", "%q is not supported", clip(val))
		}
	case "SKIP":
		r.Skip, err = parseSkip(val)
	default:
		err = errorf("recur:unknown-part", "unknown part")
	}
	return err
}

func parseSkip(val string) (Skip, error) {
	for s := Omit; s <= Forward; s++ {
		if s.String() == val {
			return s, nil
		}
	}
	return Omit, errorf("recur:not-supported", "%q is not supported", clip(val))
}

func parseFreq(val string) (Frequency, error) {
	for f := Secondly; f <= Yearly; f++ {
		if f.String() == val {
			return f, nil
		}
	}
	return 0, errorf("recur:unknown-frequency", "unknown frequency %q", clip(val))
}

// parsePositive reads digits; numbers beyond maxNumber become maxNumber.
func parsePositive(val string) (int64, error) {
	n, err := strconv.ParseInt(val, 10, 64)
	if errors.Is(err, strconv.ErrRange) && val[0] != '-' {
		return maxNumber, nil
	}
	if err != nil || n < 1 {
		return 0, errorf("recur:no-positive-number", "%q is no positive number", clip(val))
	}
	return min(n, maxNumber), nil
}

// parseList reads numbers from lo to hi. Where negative ones are allowed, zero is not.
func parseList(val string, lo, hi int) (list []int, err error) {
	for item := range strings.SplitSeq(val, ",") {
		if item == "" {
			continue
		}
		n, err := strconv.Atoi(item)
		if err != nil || n < lo || n > hi || n == 0 && lo < 0 {
			return nil, errorf("recur:no-number-in-range", "%q is no number from %d to %d", clip(item), lo, hi)
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// maxDayNumber bounds the number of a weekday (RFC 5545 §3.3.10, ordwk).
const maxDayNumber = 53

func parseDays(val string) (list []DayNum, err error) {
	for item := range strings.SplitSeq(val, ",") {
		if item == "" {
			continue
		}
		cut := max(0, len(item)-2)
		var d DayNum
		if d.Day, err = parseWeekday(item[cut:]); err != nil {
			return nil, err
		}
		if number := item[:cut]; number != "" {
			d.N, err = strconv.Atoi(number)
			if err != nil || d.N == 0 || d.N < -maxDayNumber || d.N > maxDayNumber {
				return nil, errorf("recur:no-number-weekday", "%q is no number of a weekday", clip(number))
			}
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b DayNum) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Day, b.Day))
	})
	return slices.Compact(list), nil
}

// weekdayNames holds the names of the weekdays from Sunday on.
const weekdayNames = "SUMOTUWETHFRSA"

func parseWeekday(val string) (time.Weekday, error) {
	i := strings.Index(weekdayNames, val)
	if len(val) != 2 || i < 0 || i%2 != 0 {
		return 0, errorf("recur:no-weekday", "%q is no weekday", clip(val))
	}
	return time.Weekday(i / 2), nil
}

// parseUntil reads a DATE or a DATE-TIME.
func parseUntil(val string) (*Until, error) {
	var u Until
	text, utc := strings.CutSuffix(strings.ReplaceAll(strings.ReplaceAll(val, "-", ""), ":", ""), "Z")
	date, clock, timed := strings.Cut(text, "T")
	clock, _, _ = strings.Cut(clock, ".") // fractions of a second
	bad := func() (*Until, error) {
		return nil, errorf("recur:no-date-or-date", "%q is no date or date-time", clip(val))
	}
	day, ok := number(date, 8)
	if !ok {
		return bad()
	}
	u.Year, u.Month, u.Day = day/10000, time.Month(day/100%100), day%100
	if u.Month < 1 || u.Month > 12 || u.Day < 1 || u.Day > 31 {
		return bad()
	}
	u.Day = min(u.Day, time.Date(u.Year, u.Month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	if !timed {
		return &u, nil
	}
	if len(clock) == len("hhmm") {
		clock += "00"
	}
	tod, ok := number(clock, 6)
	u.Hour, u.Minute, u.Second = tod/10000, tod/100%100, min(tod%100, 59)
	if !ok || u.Hour > 23 || u.Minute > 59 || tod%100 > 60 {
		return bad()
	}
	u.HasTime, u.UTC = true, utc
	return &u, nil
}

// number reads a number of exactly so many digits.
func number(s string, digits int) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
		if i >= digits {
			return 0, false
		}
	}
	return n, len(s) == digits
}
