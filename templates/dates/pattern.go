package dates

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"calbell"
)

// maxFieldWidth bounds a run of one letter in a date pattern; CLDR needs six at most.
const maxFieldWidth = 6

// CheckPattern returns what is wrong with a CLDR date pattern (UTS 35, part 4); the zero
// Text when nothing is.
func CheckPattern(pattern string) calbell.Text {
	if pattern == "" {
		return calbell.T("templates:format-takes-pattern", "format takes a date pattern")
	}
	quoted := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted || !isASCIILetter(c):
		case !strings.ContainsRune("yuMLdDEcHkhKmsSaVzZxXO", rune(c)):
			return calbell.T("templates:pattern-letter", "letter %s means nothing in a date pattern (quote words: 'at') %q", strconv.QuoteRune(rune(c)), pattern)
		case run(pattern[i:], c) > maxFieldWidth:
			return calbell.T("templates:pattern-too-many", "too many %s in the date pattern %q", strconv.QuoteRune(rune(c)), pattern)
		}
	}
	if quoted {
		return calbell.T("templates:pattern-quote", "a quotation mark is not closed in the date pattern %q", pattern)
	}
	return calbell.Text{}
}

// run counts how often c stands at the beginning of s.
func run(s string, c byte) int { return len(s) - len(strings.TrimLeft(s, string(rune(c)))) }

// isASCIILetter: patterns are made of these; all other letters are literal.
func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// appendPattern writes t, in its own zone, by a pattern that [CheckPattern] accepts.
func appendPattern(b []byte, pattern string, t time.Time, l *Locale) []byte {
	for len(pattern) > 0 {
		c := pattern[0]
		n := 1
		switch {
		case c == '\'':
			b, n = appendQuoted(b, pattern)
		case isASCIILetter(c):
			n = run(pattern, c)
			if c == 'd' && n == 1 && t.Day() == 1 && l.Lang == "fr" && strings.HasPrefix(pattern[1:], " MMM") {
				b = append(b, "1er"...) // the only day that French counts so; CLDR has no ordinals
				break
			}
			b = appendField(b, c, n, t, l)
		default:
			b = append(b, c)
		}
		pattern = pattern[n:]
	}
	return b
}

// appendQuoted writes literal text: two quotes are one quote, in and outside of quotes.
func appendQuoted(b []byte, pattern string) ([]byte, int) {
	if strings.HasPrefix(pattern, "''") {
		return append(b, '\''), 2
	}
	i := 1
	for i < len(pattern) {
		switch {
		case pattern[i] != '\'':
			b = append(b, pattern[i])
			i++
		case strings.HasPrefix(pattern[i:], "''"):
			b = append(b, '\'')
			i += 2
		default:
			return b, i + 1
		}
	}
	return b, i
}

// appendField writes a field of the calendar; appendClockField and appendZoneField take
// over for the others.
func appendField(b []byte, c byte, n int, t time.Time, l *Locale) []byte {
	switch c {
	case 'y', 'u':
		if n == 2 {
			return appendNumber(b, t.Year()%100, 2)
		}
		return appendNumber(b, t.Year(), n)
	case 'M':
		return appendName(b, int(t.Month()), 1, n, l.months)
	case 'L':
		return appendName(b, int(t.Month()), 1, n, l.monthsAlone)
	case 'd':
		return appendNumber(b, t.Day(), n)
	case 'D':
		return appendNumber(b, t.YearDay(), n)
	case 'E':
		return append(b, l.weekdays[width(n)][t.Weekday()]...)
	case 'c':
		return append(b, l.weekdaysAlone[width(n)][t.Weekday()]...)
	}
	return appendClockField(b, c, n, t, l)
}

func appendClockField(b []byte, c byte, n int, t time.Time, l *Locale) []byte {
	switch c {
	case 'H':
		return appendNumber(b, t.Hour(), n)
	case 'k':
		return appendNumber(b, (t.Hour()+23)%24+1, n)
	case 'h':
		return appendNumber(b, (t.Hour()+11)%12+1, n)
	case 'K':
		return appendNumber(b, t.Hour()%12, n)
	case 'm':
		return appendNumber(b, t.Minute(), n)
	case 's':
		return appendNumber(b, t.Second(), n)
	case 'S':
		return append(b, fmt.Sprintf("%09d", t.Nanosecond())[:n]...)
	case 'a':
		return append(b, l.periods[t.Hour()/12]...)
	}
	return appendZoneField(b, c, n, t)
}

func appendZoneField(b []byte, c byte, n int, t time.Time) []byte {
	switch {
	case c == 'V':
		return append(b, ZoneName(t)...)
	case c == 'z' && n < 4:
		return t.AppendFormat(b, "MST")
	case c == 'z' || c == 'O':
		return append(b, offsetName(t)...)
	case c == 'X' && offsetOf(t) == 0:
		return append(b, 'Z')
	case n == 1 && c != 'Z':
		return t.AppendFormat(b, "-07")
	case n == 3 && c != 'Z' || n > 4:
		return t.AppendFormat(b, "-07:00")
	}
	return t.AppendFormat(b, "-0700")
}

// appendName writes a number for up to two letters, else a name.
func appendName(b []byte, value, first, n int, names [3][]string) []byte {
	if n <= 2 {
		return appendNumber(b, value, n)
	}
	return append(b, names[width(n)][value-first]...)
}

// width maps a number of letters to wide, abbreviated or narrow names.
func width(n int) int {
	switch {
	case n == 4:
		return 0
	case n == 5:
		return 2
	}
	return 1
}

// appendNumber writes at least so many digits.
func appendNumber(b []byte, value, digits int) []byte {
	s := strconv.Itoa(value)
	for i := len(s); i < digits; i++ {
		b = append(b, '0')
	}
	return append(b, s...)
}
