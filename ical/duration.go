package ical

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"calbell"

	"calbell/ical/recur"
	"calbell/ical/zone"
)

// length is a duration of RFC 5545 §3.3.6: days by the wall clock, then exact seconds.
// Both have the sign of the whole.
type length struct{ days, secs int64 }

// Limits of a duration, either sign.
const (
	maxDays = 366 * 100
	maxSecs = maxDays * daySeconds
)

var (
	errDuration     = calbell.Errorf("ical:no-duration", "no duration")
	errDurationLong = calbell.Errorf("ical:longer-than-100-years", "longer than 100 years")
)

// readLength reads a DURATION. What people write beside the grammar is accepted as long as it
// can mean only one thing (D28), and odd reports that the value is not written as RFC 5545
// asks: nothing behind the P; days behind the T, other units before it; a sign inside, which
// is meant for all when the first number has it; fractions.
func readLength(s string) (l length, odd bool, err error) {
	d := durationReader{text: strings.ToUpper(strings.TrimSpace(s))}
	if !d.prefix() {
		return length{}, false, errDuration
	}
	for d.text != "" {
		if err := d.part(); err != nil {
			return length{}, false, err
		}
	}
	if d.minus && d.plus || d.bare && d.rank == 0 { // one of the signs is wrong, or nothing is there
		return length{}, false, errDuration
	}
	// At least one part, and none missing behind the T.
	d.odd = d.odd || d.rank == 0 || d.afterT == 0 && d.inTime
	if d.minus {
		d.days, d.secs = -d.days, -d.secs
	}
	return d.length, d.odd, nil
}

// durationReader is a duration on its way.
type durationReader struct {
	length
	text        string // the rest, in upper case
	inTime      bool   // behind the T
	afterT      int    // parts behind the T
	rank        int    // of the last unit: they get shorter
	minus, plus bool   // a sign was seen; the plus in front of all is none
	inside      bool   // the first part has a sign
	bare        bool   // there is no P
	odd         bool
}

// prefix takes what stands before the first part; false when that cannot be a duration.
func (d *durationReader) prefix() bool {
	if tidied := tidyDuration(d.text); tidied != d.text {
		d.text, d.odd = tidied, true
	}
	if rest, ok := strings.CutPrefix(d.text, "+"); ok {
		d.text = rest
	} else {
		d.sign()
	}
	rest, ok := strings.CutPrefix(d.text, "P")
	if !ok {
		// Without a P only what a sign tells from other values.
		d.odd, d.bare = true, true
		return d.minus && d.text != "" && d.text[0] != '-'
	}
	d.text = rest
	return true
}

// tidyDuration takes out what surrounds or parts the characters of a duration: white space,
// quotes, a separator at the end. A minus of typography becomes that of ASCII.
func tidyDuration(s string) string {
	plain := len(s) > 0
	for i := range len(s) {
		plain = plain && (s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'Z' || s[i] == '-' || s[i] == '+')
	}
	if plain {
		return s
	}
	s = strings.TrimRight(s, ";,\"' \t")
	return strings.NewReplacer(" ", "", "\t", "", "\u00a0", "", `"`, "", "'", "",
		"\u2212", "-", "\u2010", "-", "\u2011", "-", "\u2013", "-", "\u2014", "-", "\ufe63", "-", "\uff0d", "-").Replace(s)
}

// sign takes a sign; false when there is none.
func (d *durationReader) sign() bool {
	switch {
	case strings.HasPrefix(d.text, "-"):
		d.minus = true
	case strings.HasPrefix(d.text, "+"):
		d.plus = true
	default:
		return false
	}
	d.text = d.text[1:]
	return true
}

// part takes a T, or a number with its unit.
func (d *durationReader) part() error {
	if d.sign() {
		d.inside = d.inside || d.rank == 0
		if !d.inside {
			return errDuration // of a later part alone: it could be subtracted, too
		}
		d.odd = true
	}
	if rest, ok := strings.CutPrefix(d.text, "T"); ok {
		d.odd = d.odd || d.inTime
		d.inTime, d.text = true, rest
		return nil
	}
	whole, fraction, rest, err := cutNumber(d.text)
	if err != nil {
		return err
	}
	if rest == "" && whole == 0 && fraction == 0 {
		d.text, d.odd = "", true // nothing of any unit
		return nil
	}
	if rest == "" {
		return errDuration
	}
	d.text = rest[1:]
	return d.add(whole, fraction, rest[0])
}

// cutNumber cuts a number off: 1, 1.5 or 1,5.
func cutNumber(s string) (whole int64, fraction float64, rest string, err error) {
	digits := func(s string) int {
		return len(s) - len(strings.TrimLeft(s, "0123456789"))
	}
	i := digits(s)
	if i == 0 {
		return 0, 0, "", errDuration
	}
	whole, err = strconv.ParseInt(s[:i], 10, 64)
	if err != nil || whole > maxSecs {
		return 0, 0, "", errDurationLong
	}
	rest = s[i:]
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		n := digits(rest[1:])
		if n == 0 {
			return 0, 0, "", errDuration
		}
		fraction, _ = strconv.ParseFloat("0."+rest[1:1+n], 64) // digits alone always parse
		rest = rest[1+n:]
	}
	return whole, fraction, rest, nil
}

// units are the units of a duration, the longest first. Those of days are by the wall clock.
var units = [...]struct {
	letter  byte
	days    bool
	seconds int64
}{{'W', true, 7 * daySeconds}, {'D', true, daySeconds}, {'H', false, 3600}, {'M', false, 60}, {'S', false, 1}}

// add adds so many of a unit. A day behind the T is a day, and what stands before it without a
// T is what it is behind one: a duration has no months.
func (d *durationReader) add(whole int64, fraction float64, letter byte) error {
	rank := 0
	for i := range units {
		if units[i].letter == letter {
			rank = i + 1
		}
	}
	if rank == 0 {
		return errDuration
	}
	u := units[rank-1]
	if u.days {
		d.days += whole * (u.seconds / daySeconds)
	} else {
		d.secs += whole * u.seconds
	}
	d.secs += int64(math.Round(fraction * float64(u.seconds)))
	// Weeks stand alone, the others from the longest to the shortest.
	d.odd = d.odd || fraction > 0 || u.days == d.inTime || rank <= d.rank || d.rank == 1
	d.rank = rank
	if d.inTime {
		d.afterT++
	}
	if d.days > maxDays || d.secs > maxSecs {
		return errDurationLong
	}
	return nil
}

// String returns the duration as RFC 5545 §3.3.6 writes it.
func (l length) String() string {
	sign := ""
	if l.negative() {
		sign, l.days, l.secs = "-", -l.days, -l.secs
	}
	out := sign + "P"
	if l.days > 0 {
		out += fmt.Sprintf("%dD", l.days)
	}
	if l.secs == 0 && l.days > 0 {
		return out
	}
	out += "T"
	if h := l.secs / 3600; h > 0 {
		out += fmt.Sprintf("%dH", h)
	}
	if m := l.secs / 60 % 60; m > 0 {
		out += fmt.Sprintf("%dM", m)
	}
	if s := l.secs % 60; s > 0 || l.secs == 0 {
		out += fmt.Sprintf("%dS", s)
	}
	return out
}

// negative reports whether the length goes backwards.
func (l length) negative() bool { return l.days < 0 || l.secs < 0 }

// zero reports whether the length is none.
func (l length) zero() bool { return l == length{} }

// seconds returns the length with days of 24 hours.
func (l length) seconds() int64 { return l.days*daySeconds + l.secs }

// after returns the instant that lies l after a time, given as the instant and as its
// reading on the clock: days by the wall, then exact seconds.
func (l length) after(unix int64, wall recur.Wall, c *zone.Clock) int64 {
	if l.days == 0 {
		return unix + l.secs
	}
	return c.Unix(wall+recur.Wall(l.days)*daySeconds) + l.secs
}
