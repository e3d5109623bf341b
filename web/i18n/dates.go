package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// names returns the names of the days, from Sunday on, and of the months, long and short.
func (w Words) names() (days, shortDays, months, shortMonths []string) {
	of := func(key string) []string { return strings.Fields(w.T(key)) }
	return of("date.days"), of("date.days.short"), of("date.months"), of("date.months.short")
}

// at returns an element of a list; "" beyond its end.
func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// number returns a day of the month as it is written before the month's name. French uses
// an ordinal for the first.
func (w Words) number(t time.Time) string {
	if t.Day() == 1 && w.lang == "fr" {
		return "1er"
	}
	return strconv.Itoa(t.Day())
}

// Day formats a day in full: Monday 23 November 2026.
func (w Words) Day(t time.Time) string {
	days, _, months, _ := w.names()
	return w.T("date.full", at(days, int(t.Weekday())), w.number(t), at(months, int(t.Month())-1), t.Year())
}

// Month formats a month: November 2026.
func (w Words) Month(t time.Time) string {
	_, _, months, _ := w.names()
	return fmt.Sprintf("%s %d", at(months, int(t.Month())-1), t.Year())
}

// WeekDay returns the name of a day of the week.
func (w Words) WeekDay(t time.Time) string {
	days, _, _, _ := w.names()
	return at(days, int(t.Weekday()))
}

// ShortWeekDay returns the short name of a day of the week.
func (w Words) ShortWeekDay(t time.Time) string {
	_, days, _, _ := w.names()
	return at(days, int(t.Weekday()))
}

// ShortDay formats a day: Mon 23 Nov, with the year when it differs from that of now.
func (w Words) ShortDay(t, now time.Time) string {
	_, days, _, months := w.names()
	text := w.T("date.short", at(days, int(t.Weekday())), w.number(t), at(months, int(t.Month())-1))
	if t.Year() != now.In(t.Location()).Year() {
		text += fmt.Sprintf(" %d", t.Year())
	}
	return text
}

// Near formats a day as Today, Tomorrow or Yesterday, else like ShortDay.
func (w Words) Near(t, now time.Time) string {
	switch days(now.In(t.Location()), t) {
	case 0:
		return w.T("date.today")
	case 1:
		return w.T("date.tomorrow")
	case -1:
		return w.T("date.yesterday")
	}
	return w.ShortDay(t, now)
}

// days returns how many calendar days b is after a; both must be in one zone.
func days(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

// Clock formats a time of day.
func (w Words) Clock(t time.Time) string { return t.Format("15:04") }

// Moment formats an instant: Mon 23 Nov 13:45.
func (w Words) Moment(t, now time.Time) string { return w.ShortDay(t, now) + " " + w.Clock(t) }

// Span formats a duration in its largest units, rounded down: 4 h 37 min.
func (w Words) Span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Second:
		return w.T("span.ms", d.Milliseconds())
	case d < time.Minute:
		return w.T("span.s", int(d.Seconds()))
	case d < time.Hour:
		return w.T("span.min", int(d.Minutes()))
	case d < 24*time.Hour && d%time.Hour < time.Minute:
		return w.T("span.h", int(d.Hours()))
	case d < 24*time.Hour:
		return w.T("span.hmin", int(d.Hours()), int(d.Minutes())%60)
	case d < 14*24*time.Hour:
		return w.N("span.d", int(d.Hours()/24))
	}
	return w.N("span.w", int(d.Hours()/24/7))
}

// From formats the distance of an instant from now: in 12 min, 40 s ago.
func (w Words) From(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d > -time.Second && d < time.Second:
		return w.T("date.now")
	case d > 0:
		return w.T("date.in", w.Span(d))
	}
	return w.T("date.ago", w.Span(d))
}
