package dates

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:generate go run gen_cldr.go

// cldrLocale is what CLDR says about a locale. Lists of names come in three widths:
// wide, abbreviated, narrow.
type cldrLocale struct {
	months, monthsAlone     [3][]string // from January; alone: without a day beside it
	weekdays, weekdaysAlone [3][]string // from Sunday
	periods                 [2]string   // a.m., p.m.
	dates                   [4]string   // patterns: full, long, medium, short
	joins                   [4]string   // of day {1} and time {0}, by the same styles
	at                      string      // of a relative day {1} and a time {0}: "tomorrow at 09:00"
	clock, clockSeconds     string      // patterns, 24 hours
	near                    [3]string   // yesterday, today, tomorrow
	now                     string
	minutes, hours, days    cldrCount
}

// cldrCount holds patterns for a number {0} of units: for one, and for others.
type cldrCount struct{ future, past, plain [2]string }

// Locale is a locale that dates are written in. It is never changed.
type Locale struct {
	*cldrLocale
	Name string // "fr-CH"
	Lang string // "fr"
}

// locales finds a locale by its canonical name. It is never written after start.
var locales = indexLocales()

func indexLocales() map[string]*Locale {
	index := make(map[string]*Locale)
	for name, data := range cldrTable {
		lang, _, _ := strings.Cut(name, "-")
		index[name] = &Locale{data, name, lang}
	}
	return index
}

// Locales lists the names of the locales in a stable order.
func Locales() []string { return slices.Sorted(maps.Keys(locales)) }

// Find returns a locale by name ("fr_CH.UTF-8" and "FR-ch" too), else by language; ok is false
// when there is neither.
func Find(name string) (l *Locale, ok bool) {
	if l, ok := locales[name]; ok {
		return l, true
	}
	name, _, _ = strings.Cut(name, ".")
	lang, region, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-")
	lang, region = strings.ToLower(lang), strings.ToUpper(region)
	if l, ok := locales[lang+"-"+region]; ok {
		return l, true
	}
	l, ok = locales[lang]
	return l, ok
}

// Weekday returns the abbreviated name of a day that stands alone.
func (l *Locale) Weekday(day time.Weekday) string { return l.weekdaysAlone[1][day] }

// DayWithoutYear returns the pattern of a full day without the year that ends it.
func (l *Locale) DayWithoutYear() string { return yearless(l.dates[Full]) }

// count fills the number into the pattern for it.
func (l *Locale) count(patterns [2]string, n int) string {
	pattern := patterns[1]
	if n == 1 || n == 0 && l.Lang == "fr" {
		pattern = patterns[0]
	}
	return strings.Replace(pattern, "{0}", strconv.Itoa(n), 1)
}

// Length writes a length in days, hours and minutes: "2 days 3 h", "1 h 30 min". From a
// day on, minutes are left out unless exact is asked for. It is "" below a minute.
func (l *Locale) Length(d time.Duration, exact bool) string {
	minutes := int(d / time.Minute)
	days, hours, minutes := minutes/(24*60), minutes/60%24, minutes%60
	var parts []string
	if days > 0 {
		parts = append(parts, l.count(l.days.plain, days))
	}
	if hours > 0 {
		parts = append(parts, strconv.Itoa(hours)+"\u00a0h")
	}
	if minutes > 0 && (days == 0 || exact) {
		parts = append(parts, strconv.Itoa(minutes)+"\u00a0min")
	}
	return strings.ReplaceAll(strings.Join(parts, " "), "\u00a0", " ")
}
